/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/releases.h"

#include "common/log.h"
#include "common/timer.h"
#include "ingest/ingest_metrics.h"
#include "ingest/storing.h"

#define ITEMS_A_JOB 100 /* all their texts are in memory at once */
#define PAUSE_US    (INT64_C(1) * G_USEC_PER_SEC)

struct Releases {
    const char *expiry_note;
    Metric *scheduled;
    Timer *timer;
    Instant next;     /* the first instant at which something is due */
    int64_t retry_at; /* monotonic: not before */
};

Releases *releases_new(const Config *config, Metric *scheduled, GError **error)
{
    Timer *timer = timer_new(error);

    if (!timer)
        return NULL;
    Releases *releases = g_new(Releases, 1);
    *releases = (Releases){.expiry_note = config_string(config, "ingest", "expiry-note"),
                           .scheduled = scheduled,
                           .timer = timer,
                           .next = G_MAXINT64};
    return releases;
}

void releases_free(Releases *releases)
{
    if (!releases)
        return;
    timer_free(releases->timer);
    g_free(releases);
}

bool releases_look_ahead(Releases *releases, Store *store, GError **error)
{
    int64_t scheduled = 0;

    releases->next = 0;
    if (!store_count_scheduled(store, &scheduled, error) ||
        !store_next_instant(store, &releases->next, error))
        return false;
    metric_set(releases->scheduled, scheduled);
    return true;
}

static void tell(const JobItem *item)
{
    bool scheduled = item->submission.released;
    const char *id = item->submission.statement->id;

    if (item->result == RESULT_REFUSED)
        log_error(scheduled ? "a scheduled statement could not be published, and is dropped"
                            : "an expired statement could not be withdrawn, and stays",
                  LOG_STR("id", id), LOG_STR("reason", item->refusal->message));
    else
        log_info(scheduled ? "a scheduled statement is published" : "a statement has expired",
                 LOG_STR("id", id), LOG_STR("result", accept_result_name(item->result)));
}

static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    for (guint i = 0; outcome != JOB_FAILED && i < job->items->len; i++)
        tell(job_item(job, i));
    (void)failure; /* told as the database's */
    job_free(job);
}

bool releases_take(Releases *releases, Store *store, Instant now, int64_t monotonic, Job **ret_job,
                   GError **error)
{
    Job *job = NULL;

    *ret_job = NULL;
    if (now < releases->next || monotonic < releases->retry_at)
        return true;
    releases->retry_at = monotonic + PAUSE_US;
    if (!storing_due(store, now, ITEMS_A_JOB, releases->expiry_note, &job, error))
        return false;
    if (job) {
        job->finished = on_finished;
        *ret_job = job;
        return true;
    }
    if (!releases_look_ahead(releases, store, error))
        return false;
    releases_worked(releases);
    return true;
}

void releases_worked(Releases *releases)
{
    releases->retry_at = 0;
}

int releases_fd(Releases *releases, int64_t monotonic)
{
    return monotonic < releases->retry_at ? -1 : timer_arm(releases->timer, releases->next);
}
