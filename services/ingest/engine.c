/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the loop:
 *
 *     take the jobs that wait, take the broker's reports
 *     one transaction: clear the rows that the broker has, decide and store the jobs
 *     commit; only then finish the jobs, and those that waited for the broker
 *     send the rows that are new
 *
 * When the transaction fails, its jobs fail and nothing of them is stored. The broker's reports are kept for
 * the next turn: a row that is cleared later than it might be is at worst sent twice after a crash. While the
 * database fails it is tried once a second, since a load balancer that believes /readyz sends no more jobs
 * that could find it well again. */
#include "ingest/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>

#include "common/error.h"
#include "common/health.h"
#include "common/log.h"
#include "ingest/bus_opener.h"
#include "ingest/ingest_metrics.h"
#include "ingest/job_queue.h"
#include "ingest/publisher.h"
#include "ingest/waiting.h"

#define ITEMS_A_TRANSACTION 2000
#define TICK_US             (INT64_C(1) * G_USEC_PER_SEC)
/* After a stop: to give what is under way to the broker. */
#define GRACE_US (INT64_C(2) * G_USEC_PER_SEC)

struct Engine {
    const Config *config;
    Store *store;
    JobQueue *queue;
    Publisher *publisher;
    BusOpener *opener;
    BusState bus;
    Waiting *waiting;
    GArray *confirmed; /* of Confirmation: rows that the broker has and that are still in the outbox */
    int64_t outbox_depth;
    bool recount;         /* the depth is not certain */
    bool database_well;   /* as far as we know */
    bool outbox_readable; /* as far as we know */
    int64_t open_at;      /* monotonic, as the next two: not before */
    int64_t publish_at;
    IngestMetrics metrics;
    Instant started;
    int64_t tick_at;
    GThread *thread;
    atomic_bool stopping;
};

/* ---- what is known of the database ---- */

static void database_failed(Engine *engine, const GError *error)
{
    engine->database_well = false;
    health_set("database", false, error->message);
}

static void database_worked(Engine *engine)
{
    engine->database_well = true;
    health_set("database", true, NULL);
}

static void tell_outbox(Engine *engine, const GError *error)
{
    if (engine->outbox_readable && error == NULL)
        return;
    engine->outbox_readable = error == NULL;
    health_set("outbox", error == NULL, error != NULL ? error->message : NULL);
}

/* ---- storing ---- */

/* A withdrawal's predecessor is asked for only where accept_submission() looks at it. */
static bool find_known(Engine *engine, const Submission *submission, StoredStatement *ret_stored,
                       Statement **ret_previous, GError **error)
{
    g_autoptr(GError) unknown = NULL;

    *ret_previous = NULL;
    if (!store_find(engine->store, submission->statement->id, ret_stored, &unknown)) {
        if (g_error_matches(unknown, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&unknown));
        return false;
    }
    const Statement *latest = ret_stored->latest;
    if (submission->kind != SUBMISSION_BATCH || latest->status != STATEMENT_STATUS_WITHDRAWN ||
        latest->revision < 2)
        return true;
    *ret_previous = store_revision(engine->store, latest->id, latest->revision - 1, error);
    return *ret_previous != NULL;
}

static bool store_item(Engine *engine, JobItem *item, Instant now, GError **error)
{
    g_auto(StoredStatement) stored = {0};
    g_autoptr(Statement) previous = NULL;
    g_autoptr(Statement) revision = NULL;
    g_autoptr(GError) reason = NULL;

    if (!find_known(engine, &item->submission, &stored, &previous, &reason)) {
        if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID)) { /* this statement alone */
            item->result = RESULT_REFUSED;
            item->refusal = g_steal_pointer(&reason);
            return true;
        }
        g_propagate_error(error, g_steal_pointer(&reason));
        return false;
    }
    const AcceptKnown known = {.latest = stored.latest, .previous = previous};
    item->result = accept_submission(&known, &item->submission, now, &revision, &item->refusal);
    if (item->result == RESULT_REFUSED)
        return true;
    item->position = stored.position;
    if (revision != NULL && !store_add(engine->store, revision, &item->position, error))
        return false;
    item->published = stored.published;
    stored.published.topic = NULL;
    item->latest = revision != NULL ? g_steal_pointer(&revision) : g_steal_pointer(&stored.latest);
    return true;
}

static bool clear_confirmed(Engine *engine, GError **error)
{
    for (guint i = 0; i < engine->confirmed->len; i++) {
        const Confirmation *row = &g_array_index(engine->confirmed, Confirmation, i);
        if (!store_outbox_clear(engine->store, row->position, publisher_topic(engine->publisher),
                                row->partition, row->offset, error))
            return false;
    }
    return true;
}

static bool store_jobs(Engine *engine, const GPtrArray *jobs, GError **error)
{
    Instant now = g_get_real_time();

    for (guint i = 0; i < jobs->len; i++) {
        const Job *job = g_ptr_array_index(jobs, i);
        for (guint k = 0; k < job->items->len; k++)
            if (!store_item(engine, job_item(job, k), now, error))
                return false;
    }
    return true;
}

static bool run_transaction(Engine *engine, const GPtrArray *jobs, GError **error)
{
    int64_t start = g_get_monotonic_time();

    if (!store_begin(engine->store, error))
        return false;
    if (!clear_confirmed(engine, error) || !store_jobs(engine, jobs, error)) {
        store_rollback(engine->store);
        return false;
    }
    if (!store_commit(engine->store, error))
        return false;
    metric_observe(engine->metrics.commit_seconds, (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
    return true;
}

/* ---- finishing ---- */

static void finish_stored(Engine *engine, Job *job)
{
    bool awaited = false;

    for (guint i = 0; i < job->items->len; i++) {
        const JobItem *item = job_item(job, i);
        bool written = item->result != RESULT_REFUSED && item->result != RESULT_UNCHANGED;
        metric_add(engine->metrics.statements[item->result], 1);
        engine->outbox_depth += written;
        awaited = awaited || item->position != 0;
    }
    if (awaited)
        publisher_rows_added(engine->publisher);
    if (job->wait_us > 0 && awaited)
        waiting_add(engine->waiting, job, g_get_monotonic_time());
    else
        job->finished(job, awaited ? JOB_STORED : JOB_PUBLISHED, NULL);
}

static void finish_confirmed(Engine *engine)
{
    for (guint i = 0; i < engine->confirmed->len; i++) {
        const Confirmation *row = &g_array_index(engine->confirmed, Confirmation, i);
        waiting_published(engine->waiting, row->position, publisher_topic(engine->publisher), row->partition,
                          row->offset);
        /* What was accepted by an earlier process would only tell how long that is ago. */
        if (row->accepted_at >= engine->started)
            metric_observe(engine->metrics.publish_seconds,
                           (double)MAX(g_get_real_time() - row->accepted_at, 0) / G_USEC_PER_SEC);
    }
    engine->outbox_depth -= engine->confirmed->len;
    engine->recount = engine->recount || engine->outbox_depth < 0;
    g_array_set_size(engine->confirmed, 0);
}

static void finish_failed(Engine *engine, const GPtrArray *jobs, const GError *failure)
{
    engine->recount = true;
    metric_add(engine->metrics.storage_errors, 1);
    database_failed(engine, failure);
    for (guint i = 0; i < jobs->len; i++) {
        Job *job = g_ptr_array_index(jobs, i);
        job->finished(job, JOB_FAILED, failure);
    }
}

static void store_all(Engine *engine, const GPtrArray *jobs)
{
    g_autoptr(GError) error = NULL;

    if (!run_transaction(engine, jobs, &error)) {
        finish_failed(engine, jobs, error);
        return;
    }
    database_worked(engine);
    for (guint i = 0; i < jobs->len; i++)
        finish_stored(engine, g_ptr_array_index(jobs, i));
    finish_confirmed(engine);
    if (!store_checkpoint(engine->store, &error))
        database_failed(engine, error);
}

/* Nobody else may come to find out that it is over. */
static void retry_database(Engine *engine)
{
    g_autoptr(GError) error = NULL;

    if (store_probe(engine->store, &error) && store_checkpoint(engine->store, &error))
        database_worked(engine);
    else
        database_failed(engine, error);
}

/* ---- publishing ---- */

/* Into the outbox, of all statements, what has left it. False: nothing was changed; try again. */
static bool refill(Engine *engine, GError **error)
{
    StoreCounts counts = {0};

    if (!store_count(engine->store, &counts, error))
        return false;
    if (counts.settled == 0)
        return true;
    if (strcmp(config_string(engine->config, "ingest", "refill"), "when-empty") != 0) {
        log_warning(
            "the topic is empty though statements were published; [ingest] refill = when-empty would publish "
            "them again",
            LOG_STR("topic", publisher_topic(engine->publisher)), LOG_INT("statements", counts.settled));
        return true;
    }
    if (!store_begin(engine->store, error))
        return false;
    if (!store_refill(engine->store, error)) {
        store_rollback(engine->store);
        return false;
    }
    if (!store_commit(engine->store, error))
        return false;
    engine->outbox_depth += counts.settled;
    log_info("the topic is empty, all statements are published again", LOG_INT("statements", counts.settled));
    return true;
}

/* Nothing is sent before the refill has succeeded: with the first record the topic is not empty any more. */
static void open_bus(Engine *engine, int64_t now)
{
    g_autoptr(GError) error = NULL;
    BusState state = bus_opener_state(engine->opener);

    if (state == BUS_WAITING || now < engine->open_at)
        return;
    if (state == BUS_OPEN_AND_EMPTY && !refill(engine, &error)) {
        database_failed(engine, error);
        engine->open_at = now + TICK_US;
        return;
    }
    engine->bus = state;
    health_set("kafka", true, NULL);
    publisher_open(engine->publisher);
}

static void publish(Engine *engine, int64_t now)
{
    g_autoptr(GError) error = NULL;

    if (now < engine->publish_at)
        return;
    if (!publisher_send(engine->publisher, engine->store, now, &error))
        engine->publish_at = now + TICK_US;
    tell_outbox(engine, error);
}

/* ---- the loop ---- */

static void tell_gauges(Engine *engine, int64_t now)
{
    g_autoptr(GError) error = NULL;
    StoreCounts counts = {0};
    Instant oldest = 0;

    metric_set(engine->metrics.outbox_depth, engine->outbox_depth);
    if (now < engine->tick_at)
        return;
    engine->tick_at = now + TICK_US;
    if (engine->recount && store_count(engine->store, &counts, NULL)) {
        engine->outbox_depth = counts.outbox;
        engine->recount = false;
    }
    if (!store_check_place(engine->store, &error) || !store_outbox_oldest(engine->store, &oldest, &error)) {
        database_failed(engine, error);
        return;
    }
    metric_set(engine->metrics.outbox_oldest_seconds,
               oldest != 0 ? MAX(g_get_real_time() - oldest, 0) / G_USEC_PER_SEC : 0);
    if (!engine->database_well)
        retry_database(engine);
}

static void wait_for_work(Engine *engine, int64_t now)
{
    int64_t until =
        MIN(engine->tick_at, MIN(waiting_deadline(engine->waiting), publisher_deadline(engine->publisher)));
    int timeout_ms = until <= now ? 0 : (int)((until - now) / 1000) + 1;
    struct pollfd fds[] = {
        {.fd = job_queue_fd(engine->queue), .events = POLLIN},
        {.fd = publisher_fd(engine->publisher), .events = POLLIN}, /* -1 is passed over */
    };

    if (publisher_can_send(engine->publisher) && now >= engine->publish_at)
        timeout_ms = 0;
    if (poll(fds, G_N_ELEMENTS(fds), timeout_ms) < 0 && errno != EINTR)
        log_error("poll", LOG_STR("error", g_strerror(errno)));
}

static void turn(Engine *engine)
{
    int64_t now = g_get_monotonic_time();
    g_autoptr(GPtrArray) jobs = job_queue_take(engine->queue, ITEMS_A_TRANSACTION);

    if (jobs == NULL)
        jobs = g_ptr_array_new();
    if (engine->bus == BUS_WAITING)
        open_bus(engine, now);
    publisher_poll(engine->publisher, engine->confirmed, now);
    if (jobs->len > 0 || engine->confirmed->len > 0)
        store_all(engine, jobs);
    publish(engine, now);
    waiting_expire(engine->waiting, now);
    tell_gauges(engine, now);
}

static void *run(void *user)
{
    Engine *engine = user;

    while (!atomic_load(&engine->stopping)) {
        wait_for_work(engine, g_get_monotonic_time());
        turn(engine);
    }
    int64_t deadline = g_get_monotonic_time() + GRACE_US;
    do {
        turn(engine);
        wait_for_work(engine, g_get_monotonic_time());
    } while (job_queue_has_more(engine->queue) ||
             (g_get_monotonic_time() < deadline &&
              (publisher_in_flight(engine->publisher) > 0 || engine->confirmed->len > 0)));
    waiting_expire(engine->waiting, G_MAXINT64);
    return NULL;
}

static void wake_queue(void *queue)
{
    job_queue_wake(queue);
}

static void engine_free(Engine *engine)
{
    waiting_free(engine->waiting);
    publisher_free(engine->publisher, 0);
    job_queue_free(engine->queue);
    store_close(engine->store);
    g_array_unref(engine->confirmed);
    g_free(engine);
}

Engine *engine_start(const Config *config, GError **error)
{
    Engine *engine = g_new0(Engine, 1);
    StoreCounts counts = {0};

    engine->config = config;
    engine->confirmed = g_array_new(FALSE, FALSE, sizeof(Confirmation));
    engine->queue = job_queue_new((size_t)config_integer(config, "ingest", "max-queue"), error);
    engine->waiting = waiting_new();
    engine->publisher = publisher_new(config);
    engine->metrics = ingest_metrics_make();
    engine->started = g_get_real_time();
    if (engine->queue != NULL)
        engine->store = store_open(config_string(config, "ingest", "database"), error);
    if (engine->store == NULL || !store_count(engine->store, &counts, error)) {
        engine_free(engine);
        return NULL;
    }
    engine->outbox_depth = counts.outbox;
    log_info("database is open", LOG_STR("path", config_string(config, "ingest", "database")),
             LOG_INT("statements", counts.statements), LOG_INT("outbox", counts.outbox));
    engine->outbox_readable = true;
    database_worked(engine);
    engine->opener = bus_opener_start(config, wake_queue, engine->queue);
    engine->thread = g_thread_new("engine", run, engine);
    return engine;
}

void engine_stop(Engine *engine)
{
    if (engine == NULL)
        return;
    job_queue_close(engine->queue);
    atomic_store(&engine->stopping, true);
    job_queue_wake(engine->queue);
    g_thread_join(engine->thread);
    bus_opener_stop(engine->opener);
    engine_free(engine);
}

bool engine_submit(Engine *engine, Job *job, GError **error)
{
    return job_queue_push(engine->queue, job, error);
}
