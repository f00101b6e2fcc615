/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the loop:
 *
 *     take the jobs that wait, take the broker's reports
 *     one transaction: clear the rows that the broker has, decide and store the jobs
 *     commit; only then finish the jobs that waited for the broker, take its reports again, send the rows that are
 *     new and finish their jobs
 *     read further rows that can be sent
 *
 * When the transaction fails, its jobs fail and nothing of them is stored. The broker's reports are kept for
 * the next turn: a row that is cleared later than it might be is at worst sent twice after a crash. Hence reports
 * for which nobody waits do without a transaction of their own for a moment, since each costs a sync. While the
 * database fails it is tried once a second, since a load balancer that believes /readyz sends no more jobs
 * that could find it well again. What was scheduled comes back as one more job at its instant. */
#include "ingest/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>

#include "common/health.h"
#include "common/log.h"
#include "ingest/backlog.h"
#include "ingest/bus_opener.h"
#include "ingest/database_health.h"
#include "ingest/ingest_metrics.h"
#include "ingest/job_queue.h"
#include "ingest/publisher.h"
#include "ingest/releases.h"
#include "ingest/storing.h"
#include "ingest/submission_limits.h"
#include "ingest/waiting.h"

#define ITEMS_A_TRANSACTION 2000
#define TICK_US             (INT64_C(1) * G_USEC_PER_SEC)
/* How long the broker's reports may wait for a transaction, and how many. */
#define REPORTS_US  (INT64_C(50) * 1000)
#define REPORTS_MAX 1000
/* After a stop: to give what is under way to the broker. */
#define GRACE_US (INT64_C(2) * G_USEC_PER_SEC)

struct Engine {
    const Config *config;
    SubmissionLimits limits;
    Store *store;
    JobQueue *queue;
    Publisher *publisher;
    BusOpener *opener;
    BusState bus;
    Waiting *waiting;
    GArray *confirmed; /* of Confirmation: rows that the broker has and that are still in the outbox */
    Backlog *backlog;
    DatabaseHealth *database;
    Releases *releases;
    int64_t reported_at; /* monotonic; the first of `confirmed` came then */
    int64_t open_at;     /* monotonic, as the next one: not before */
    int64_t publish_at;
    IngestMetrics metrics;
    Instant started;
    int64_t tick_at;
    GThread *thread;
    atomic_bool stopping;
};

/* ---- looking at the database ---- */

/* Nobody else may come to find out that it is over. */
static void retry_database(Engine *engine)
{
    g_autoptr(GError) error = NULL;

    if (store_probe(engine->store, &error) && store_checkpoint(engine->store, &error))
        database_health_worked(engine->database);
    else
        database_health_failed(engine->database, error);
}

/* Once a second. Finds out, too, that the file was deleted while there is nothing to store. */
static void look_at_database(Engine *engine)
{
    g_autoptr(GError) error = NULL;

    if (!database_health_check_damage(engine->database, &error) ||
        !store_check_place(engine->store, &error) ||
        !backlog_recount(engine->backlog, engine->store, &error) ||
        !backlog_tell_age(engine->backlog, engine->store, &error))
        database_health_failed(engine->database, error);
    else if (!database_health_is_well(engine->database))
        retry_database(engine);
}

/* ---- storing ---- */

static bool begin_transaction(Engine *engine, GError **error)
{
    return database_health_check_damage(engine->database, error) && store_begin(engine->store, error);
}

/* What was done within the transaction is committed when it is `good`, else taken back. */
static bool end_transaction(Store *store, bool good, GError **error)
{
    if (good)
        return store_commit(store, error);
    store_rollback(store);
    return false;
}

static bool clear_confirmed(Engine *engine, GError **error)
{
    for (guint i = 0; i < engine->confirmed->len; i++) {
        const Confirmation *confirmation = &g_array_index(engine->confirmed, Confirmation, i);
        if (!store_outbox_clear(engine->store, &confirmation->row, error))
            return false;
    }
    return true;
}

static bool store_jobs(Engine *engine, const GPtrArray *jobs, Instant now, GError **error)
{
    for (guint i = 0; i < jobs->len; i++) {
        if (!storing_run(engine->store, &engine->limits, g_ptr_array_index(jobs, i), now, error))
            return false;
    }
    return true;
}

static bool run_transaction(Engine *engine, const GPtrArray *jobs, Instant now, GError **error)
{
    int64_t start = g_get_monotonic_time();

    if (!begin_transaction(engine, error))
        return false;
    bool good = clear_confirmed(engine, error) && store_jobs(engine, jobs, now, error);
    if (!end_transaction(engine->store, good, error))
        return false;
    metric_observe(engine->metrics.commit_seconds, (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
    return true;
}

/* ---- finishing ---- */

static void wake_queue(void *queue)
{
    job_queue_wake(queue);
}

static void rows_put_back(Engine *engine, int64_t count)
{
    backlog_change(engine->backlog, count);
    publisher_rows_put_back(engine->publisher);
}

/* On a broker that is another one than at the start the topics may be missing. */
static void open_bus_again(Engine *engine)
{
    if (engine->bus == BUS_WAITING)
        return;
    bus_opener_stop(engine->opener);
    engine->bus = BUS_WAITING;
    engine->opener = bus_opener_start(engine->config, wake_queue, engine->queue);
}

static void republished(Engine *engine, int64_t count)
{
    rows_put_back(engine, count);
    log_info("all statements are published again", LOG_INT("statements", count));
    open_bus_again(engine);
}

/* A row that it made goes to the publisher. */
static void item_stored(Engine *engine, JobItem *item)
{
    metric_add(engine->metrics.statements[item->result], 1);
    if (item->result != RESULT_CREATED && item->result != RESULT_UPDATED && item->result != RESULT_WITHDRAWN)
        return;
    backlog_change(engine->backlog, 1);
    publisher_row_added(engine->publisher, item->position, item->latest, item->packed);
    g_clear_pointer(&item->packed, g_bytes_unref);
}

static void finish_stored(Engine *engine, Job *job)
{
    bool awaited = false;

    for (guint i = 0; i < job->items->len; i++) {
        item_stored(engine, job_item(job, i));
        awaited = awaited || job_item(job, i)->position != 0;
    }
    if (job->republish)
        republished(engine, job->republished);
    if (job->wait_us > 0 && awaited)
        waiting_add(engine->waiting, job, g_get_monotonic_time());
    else
        job->finished(job, awaited ? JOB_STORED : JOB_PUBLISHED, NULL);
}

static void finish_confirmed(Engine *engine)
{
    for (guint i = 0; i < engine->confirmed->len; i++) {
        const Confirmation *confirmation = &g_array_index(engine->confirmed, Confirmation, i);
        waiting_published(engine->waiting, &confirmation->row);
        /* What was accepted by an earlier process would only tell how long that is ago. */
        if (confirmation->accepted_at >= engine->started)
            metric_observe(engine->metrics.publish_seconds,
                           (double)MAX(g_get_real_time() - confirmation->accepted_at, 0) / G_USEC_PER_SEC);
    }
    backlog_change(engine->backlog, -(int64_t)engine->confirmed->len);
    g_array_set_size(engine->confirmed, 0);
}

static void finish_failed(Engine *engine, const GPtrArray *jobs, const GError *failure)
{
    backlog_doubt(engine->backlog);
    metric_add(engine->metrics.storage_errors, 1);
    database_health_failed(engine->database, failure);
    for (guint i = 0; i < jobs->len; i++) {
        Job *job = g_ptr_array_index(jobs, i);
        job->finished(job, JOB_FAILED, failure);
    }
}

static void store_all(Engine *engine, const GPtrArray *jobs, Instant now)
{
    g_autoptr(GError) error = NULL;

    if (!run_transaction(engine, jobs, now, &error)) {
        finish_failed(engine, jobs, error);
        return;
    }
    database_health_worked(engine->database);
    releases_worked(engine->releases);
    finish_confirmed(engine);
    /* What was confirmed in the meantime makes room for the new rows, which then need not be read again. */
    publisher_poll(engine->publisher, engine->confirmed, g_get_monotonic_time());
    for (guint i = 0; i < jobs->len; i++)
        finish_stored(engine, g_ptr_array_index(jobs, i));
    if ((jobs->len > 0 && !releases_look_ahead(engine->releases, engine->store, &error)) ||
        !store_checkpoint(engine->store, &error))
        database_health_failed(engine->database, error);
}

/* What is due comes before all others. */
static void take_due(Engine *engine, GPtrArray *jobs, Instant now, int64_t monotonic)
{
    g_autoptr(GError) error = NULL;
    Job *job = NULL;

    if (!releases_take(engine->releases, engine->store, now, monotonic, &job, &error))
        database_health_failed(engine->database, error);
    else if (job != NULL)
        g_ptr_array_insert(jobs, 0, job);
}

/* ---- publishing ---- */

/* Says so when it is not wanted. */
static bool wants_refill(const Engine *engine, int64_t statements)
{
    if (strcmp(config_string(engine->config, "ingest", "refill"), "when-empty") == 0)
        return true;
    log_warning(
        "the topic is empty though statements were published; [ingest] refill = when-empty would publish "
        "them again",
        LOG_STR("topic", config_string(engine->config, "topics", "statements")),
        LOG_INT("statements", statements));
    return false;
}

/* Into the outbox, of all statements, what has left it. False: nothing was changed; try again. */
static bool refill(Engine *engine, GError **error)
{
    StoreCounts counts = {0};

    if (!store_count(engine->store, &counts, error))
        return false;
    if (counts.settled == 0 || !wants_refill(engine, counts.settled))
        return true;
    if (!begin_transaction(engine, error) ||
        !end_transaction(engine->store, store_refill(engine->store, &counts.settled, error), error))
        return false;
    rows_put_back(engine, counts.settled);
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
        database_health_failed(engine->database, error);
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
    bool cleared = engine->confirmed->len == 0;
    if (!publisher_send(engine->publisher, engine->store, cleared, now, &error))
        engine->publish_at = now + TICK_US;
    database_health_outbox(engine->database, error);
}

/* ---- the loop ---- */

/* When the reports have to be taken into a transaction, monotonic; G_MAXINT64: there are none. */
static int64_t reports_deadline(Engine *engine)
{
    bool at_once = engine->confirmed->len >= REPORTS_MAX || waiting_deadline(engine->waiting) != G_MAXINT64 ||
                   publisher_fd(engine->publisher) < 0 || publisher_waits_for_clearing(engine->publisher) ||
                   atomic_load(&engine->stopping);

    if (engine->confirmed->len == 0)
        return G_MAXINT64;
    return at_once ? 0 : engine->reported_at + REPORTS_US;
}

static void wait_for_work(Engine *engine, int64_t now)
{
    int64_t until =
        MIN(engine->tick_at, MIN(waiting_deadline(engine->waiting), publisher_deadline(engine->publisher)));
    if (database_health_is_well(engine->database)) /* else it is tried once a second */
        until = MIN(until, reports_deadline(engine));
    int timeout_ms = until <= now ? 0 : (int)((until - now) / 1000) + 1;
    struct pollfd fds[] = {
        {.fd = job_queue_fd(engine->queue), .events = POLLIN},
        {.fd = publisher_fd(engine->publisher), .events = POLLIN},    /* -1 is passed over */
        {.fd = releases_fd(engine->releases, now), .events = POLLIN}, /* likewise */
    };

    if (publisher_can_send(engine->publisher) && now >= engine->publish_at)
        timeout_ms = 0;
    if (poll(fds, G_N_ELEMENTS(fds), timeout_ms) < 0 && errno != EINTR)
        log_error("poll", LOG_STR("error", g_strerror(errno)));
}

static void turn(Engine *engine)
{
    int64_t now = g_get_monotonic_time();
    Instant present = g_get_real_time();
    g_autoptr(GPtrArray) jobs = job_queue_take(engine->queue, ITEMS_A_TRANSACTION);

    if (jobs == NULL)
        jobs = g_ptr_array_new();
    if (engine->bus == BUS_WAITING)
        open_bus(engine, now);
    if (engine->confirmed->len == 0)
        engine->reported_at = now;
    publisher_poll(engine->publisher, engine->confirmed, now);
    take_due(engine, jobs, present, now);
    if (jobs->len > 0 || now >= reports_deadline(engine))
        store_all(engine, jobs, present);
    publish(engine, now);
    waiting_expire(engine->waiting, now);
    backlog_tell_depth(engine->backlog);
    if (now >= engine->tick_at) {
        engine->tick_at = now + TICK_US;
        look_at_database(engine);
    }
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

static void engine_free(Engine *engine)
{
    waiting_free(engine->waiting);
    backlog_free(engine->backlog);
    database_health_free(engine->database);
    releases_free(engine->releases);
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
    engine->limits = submission_limits_read(config);
    engine->confirmed = g_array_new(FALSE, FALSE, sizeof(Confirmation));
    g_array_set_clear_func(engine->confirmed, (GDestroyNotify)confirmation_clear);
    engine->waiting = waiting_new();
    engine->publisher = publisher_new(config);
    engine->metrics = ingest_metrics_make();
    engine->started = g_get_real_time();
    engine->releases = releases_new(config, engine->metrics.scheduled, error);
    if (engine->releases != NULL)
        engine->queue = job_queue_new((size_t)config_integer(config, "ingest", "max-queue"), error);
    if (engine->queue != NULL)
        engine->store = store_open(config_string(config, "ingest", "database"), error);
    if (engine->store == NULL || !store_count(engine->store, &counts, error) ||
        !releases_look_ahead(engine->releases, engine->store, error)) {
        engine_free(engine);
        return NULL;
    }
    engine->backlog = backlog_new(config, &engine->metrics, counts.outbox);
    log_info("database is open", LOG_STR("path", config_string(config, "ingest", "database")),
             LOG_INT("statements", counts.statements), LOG_INT("outbox", counts.outbox));
    engine->database = database_health_new();
    health_set("kafka", false, "waiting for the broker");
    engine->opener = bus_opener_start(config, wake_queue, engine->queue);
    engine->thread = g_thread_new("engine", run, engine);
    return engine;
}

void engine_finish(Engine *engine)
{
    if (engine == NULL || engine->thread == NULL)
        return;
    job_queue_close(engine->queue);
    atomic_store(&engine->stopping, true);
    job_queue_wake(engine->queue);
    g_thread_join(g_steal_pointer(&engine->thread));
    bus_opener_stop(engine->opener);
}

void engine_stop(Engine *engine)
{
    if (engine == NULL)
        return;
    engine_finish(engine);
    engine_free(engine);
}

bool engine_submit(Engine *engine, Job *job, GError **error)
{
    return backlog_admits(engine->backlog, job, error) && job_queue_push(engine->queue, job, error);
}

void engine_reads_failed(Engine *engine, const GError *error)
{
    database_health_note_damage(engine->database, error);
}
