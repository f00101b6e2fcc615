/* SPDX-License-Identifier: Apache-2.0 */
/* The depth is carried along with each commit, since to count reads every row. It is counted where that may have gone
 * wrong: after a transaction that failed, and when more rows left the outbox than were known of. */
#include "ingest/backlog.h"

#include <stdatomic.h>

#include "common/error.h"

struct Backlog {
    int64_t max;
    int64_t depth;
    bool in_doubt;    /* the depth is not certain */
    atomic_bool full; /* as it was told last; read by any thread */
    Metric *depth_gauge;
    Metric *age_gauge; /* seconds */
};

Backlog *backlog_new(const Config *config, const IngestMetrics *metrics, int64_t depth)
{
    Backlog *backlog = g_new0(Backlog, 1);

    backlog->max = config_integer(config, "ingest", "max-backlog");
    backlog->depth = depth;
    backlog->depth_gauge = metrics->outbox_depth;
    backlog->age_gauge = metrics->outbox_oldest_seconds;
    backlog_tell_depth(backlog);
    return backlog;
}

void backlog_free(Backlog *backlog)
{
    g_free(backlog);
}

/* ---- counting ---- */

void backlog_change(Backlog *backlog, int64_t rows)
{
    backlog->depth += rows;
    backlog->in_doubt = backlog->in_doubt || backlog->depth < 0;
}

void backlog_doubt(Backlog *backlog)
{
    backlog->in_doubt = true;
}

bool backlog_recount(Backlog *backlog, Store *store, GError **error)
{
    StoreCounts counts = {0};

    if (!backlog->in_doubt)
        return true;
    if (!store_count(store, &counts, error))
        return false;
    backlog->depth = counts.outbox;
    backlog->in_doubt = false;
    return true;
}

/* ---- telling ---- */

void backlog_tell_depth(Backlog *backlog)
{
    metric_set(backlog->depth_gauge, backlog->depth);
    atomic_store(&backlog->full, backlog->depth >= backlog->max);
}

bool backlog_tell_age(Backlog *backlog, Store *store, GError **error)
{
    Instant oldest = 0;

    if (!store_outbox_oldest(store, &oldest, error))
        return false;
    metric_set(backlog->age_gauge, oldest != 0 ? MAX(g_get_real_time() - oldest, 0) / G_USEC_PER_SEC : 0);
    return true;
}

/* ---- admitting ---- */

static bool adds_rows(const Job *job)
{
    for (guint i = 0; i < job->items->len; i++) {
        SubmissionKind kind = job_item(job, i)->submission.kind;
        if (kind != SUBMISSION_WITHDRAW && kind != SUBMISSION_CANCEL)
            return true;
    }
    return false;
}

bool backlog_admits(const Backlog *backlog, const Job *job, GError **error)
{
    if (!atomic_load(&backlog->full) || !adds_rows(job))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                "the broker does not take statements, and no more may wait for it ([ingest] max-backlog)");
    return false;
}
