/* SPDX-License-Identifier: Apache-2.0 */
/* Items are gathered until they make a job; what the readers refuse keeps its place among them, so that the report has
 * the order of the file. */
#include "ingest/spool/import.h"

#include <pthread.h>

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/formats/formats.h"

/* While the engine's queue is full. */
#define PAUSE_LEAST_MS 10
#define PAUSE_MOST_MS  500
#define PAUSES_MAX     15 /* about five seconds */

/* An item that waits for its job. */
typedef struct {
    uint64_t line;
    char *field;
    char *reason; /* NULL: it is in the job */
} Gathered;

typedef struct {
    const SpoolSink *sink;
    SpoolProgress *progress;
    uint64_t seen; /* items of this run */
    GArray *gathered;
    Job *job; /* NULL: none begun */
    size_t job_bytes;
    SpoolImportOutcome outcome;
    GError *error;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool finished; /* under the lock, as the next two */
    bool stored;
    GError *failure;
} Import;

/* ---- a job and its end ---- */

/* On the engine's thread. The job comes back. */
static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    Import *import = job->user;
    pthread_mutex_lock(&import->lock);
    import->stored = outcome != JOB_FAILED;
    import->failure = failure ? g_error_copy(failure) : NULL;
    import->finished = true;
    pthread_cond_signal(&import->changed);
    pthread_mutex_unlock(&import->lock);
}

/* The engine finishes every job that it has taken. */
static bool wait_until_finished(Import *import)
{
    pthread_mutex_lock(&import->lock);
    while (!import->finished)
        pthread_cond_wait(&import->changed, &import->lock);
    import->finished = false;
    pthread_mutex_unlock(&import->lock);
    if (import->stored)
        return true;
    import->outcome = SPOOL_IMPORT_UNAVAILABLE;
    import->error = g_steal_pointer(&import->failure);
    return false;
}

/* Waits while too much else is waiting. */
static bool submit(Import *import)
{
    const SpoolSink *sink = import->sink;
    int pause_ms = PAUSE_LEAST_MS;
    for (unsigned attempt = 0;; attempt++) {
        g_clear_error(&import->error);
        if (sink->submit(sink->user, import->job, &import->error))
            return true;
        import->outcome = SPOOL_IMPORT_UNAVAILABLE;
        if (attempt == PAUSES_MAX)
            return false;
        if (!sink->pause(sink->user, pause_ms)) {
            g_clear_error(&import->error);
            import->outcome = SPOOL_IMPORT_STOPPED;
            return false;
        }
        pause_ms = MIN(pause_ms * 2, PAUSE_MOST_MS);
    }
}

static void note_outcome(const Import *import)
{
    SpoolReport *report = import->progress->report;
    guint next = 0;
    for (guint i = 0; i < import->gathered->len; i++) {
        const Gathered *gathered = &g_array_index(import->gathered, Gathered, i);
        if (gathered->reason) {
            spool_report_refuse(report, gathered->line, gathered->field, gathered->reason);
            continue;
        }
        const JobItem *item = job_item(import->job, next++);
        if (item->result == RESULT_REFUSED)
            spool_report_refuse(report, gathered->line, item->field, item->refusal->message);
        else
            spool_report_count(report, item->result);
    }
    import->progress->items += import->gathered->len;
}

/* Decides what was gathered. False: the outcome says why not. */
static bool flush(Import *import)
{
    if (import->job) {
        import->job->user = import;
        import->job->finished = on_finished;
        if (!submit(import) || !wait_until_finished(import))
            return false;
    }
    note_outcome(import);
    g_array_set_size(import->gathered, 0);
    g_clear_pointer(&import->job, job_free);
    import->job_bytes = 0;
    import->outcome = SPOOL_IMPORT_DONE;
    return true;
}

static bool goes_on(Import *import)
{
    if (import->sink->pause(import->sink->user, 0))
        return true;
    import->outcome = SPOOL_IMPORT_STOPPED;
    return false;
}

/* ---- items ---- */

static void gathered_clear(Gathered *gathered)
{
    g_free(gathered->field);
    g_free(gathered->reason);
}

/* An item of a feed without a date has the one that it got when it first came. */
static bool keep_date(Import *import, Statement *statement)
{
    g_autoptr(Statement) known = NULL;
    if (!import->sink->find(import->sink->user, statement->id, &known, &import->error)) {
        import->outcome = SPOOL_IMPORT_UNAVAILABLE;
        return false;
    }
    if (known)
        feed_keep_date(statement, known);
    return true;
}

/* False: the outcome says why not. */
static bool gather_statement(Import *import, const FormatItem *item)
{
    g_autoptr(Statement) statement = statement_copy(item->statement);
    if (item->undated && !keep_date(import, statement))
        return false;
    if (!import->job)
        import->job = job_new();
    import->job_bytes += protobuf_c_message_get_packed_size(&statement->base);
    Submission submission = submission_make(SUBMISSION_BATCH, g_steal_pointer(&statement));
    submission.submitter = g_strdup(SUBMITTER_SPOOL);
    job_add(import->job, submission);
    return true;
}

static bool take_item(const FormatItem *item, void *user)
{
    Import *import = user;
    if (import->seen++ < import->progress->items)
        return true; /* in an earlier attempt */
    Gathered gathered = {.line = item->line};
    if (item->statement) {
        if (!gather_statement(import, item))
            return false;
    } else {
        gathered.field = g_strdup(item->field);
        gathered.reason = g_strdup(item->reason);
    }
    g_array_append_val(import->gathered, gathered);
    bool full = import->gathered->len >= SPOOL_JOB_ITEMS_MAX || import->job_bytes >= SPOOL_JOB_BYTES_MAX;
    return !full || (flush(import) && goes_on(import));
}

SpoolImportOutcome spool_import(GBytes *bytes, Instant now, const SpoolSink *sink, SpoolProgress *progress,
                                GError **error)
{
    Import import = {.sink = sink,
                     .progress = progress,
                     .gathered = g_array_new(FALSE, FALSE, sizeof(Gathered)),
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER};
    g_autoptr(GError) unreadable = NULL;
    const FormatContext context = {.now = now};
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);

    g_array_set_clear_func(import.gathered, (GDestroyNotify)gathered_clear);
    bool readable = formats_read_from(data ? data : "", size, &context, take_item, &import, &unreadable);
    if (import.outcome == SPOOL_IMPORT_DONE)
        readable = flush(&import) && readable;
    if (import.outcome == SPOOL_IMPORT_DONE && !readable)
        spool_report_fail(progress->report, unreadable->message);
    if (import.error)
        g_propagate_error(error, import.error);
    job_free(import.job);
    g_array_unref(import.gathered);
    pthread_cond_destroy(&import.changed);
    pthread_mutex_destroy(&import.lock);
    return import.outcome;
}
