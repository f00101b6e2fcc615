/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with a real store and an embedded broker: what is acknowledged arrives, once and in order,
 * whatever the broker does meanwhile. */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "common/error.h"
#include "common/health.h"
#include "common/kafka/embedded_faults.h"
#include "common/kafka/reader.h"
#include "common/log.h"
#include "ingest/engine.h"
#include "ingest/job_queue.h"

#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define TOPIC       "daywire.statements"

typedef struct {
    EmbeddedBroker *broker;
    char *folder;
    char *path;
    Config *config;
    Engine *engine;
} Fixture;

/* ---- set-up ---- */

static EmbeddedBroker *open_broker(void)
{
    g_autoptr(GError) error = NULL;
    EmbeddedBroker *broker = embedded_broker_new(&error);

    if (broker == NULL || !embedded_broker_create_topic(broker, TOPIC, 2, &error) ||
        !embedded_broker_create_topic(broker, "daywire.ticks", 1, &error))
        fail_msg("%s", error->message);
    return broker;
}

static Config *make_config(const Fixture *fixture, const char *refill)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *servers =
        g_strdup_printf("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=%s", embedded_broker_address(fixture->broker));
    g_autofree char *database = g_strdup_printf("DAYWIRE_INGEST_DATABASE=%s", fixture->path);
    g_autofree char *refill_text = g_strdup_printf("DAYWIRE_INGEST_REFILL=%s", refill);
    char *const environment[] = {servers,
                                 database,
                                 refill_text,
                                 (char *)"DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS=10",
                                 (char *)"DAYWIRE_KAFKA_RECONNECT_BACKOFF_MAX_MS=200",
                                 (char *)"DAYWIRE_INGEST_MAX_IN_FLIGHT=50",
                                 NULL};
    Config *config = config_load(NULL, environment, &error);

    if (config == NULL)
        fail_msg("%s", error->message);
    return config;
}

static void start_engine(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;

    fixture->engine = engine_start(fixture->config, &error);
    if (fixture->engine == NULL)
        fail_msg("%s", error->message);
}

static void stop_engine(Fixture *fixture)
{
    engine_stop(g_steal_pointer(&fixture->engine));
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = g_dir_make_tmp("daywire-test-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->broker = open_broker();
    fixture->config = make_config(fixture, "never");
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    const char *name;

    engine_stop(fixture->engine);
    embedded_broker_free(fixture->broker);
    config_free(fixture->config);
    GDir *dir = g_dir_open(fixture->folder, 0, NULL);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        g_unlink(path);
    }
    g_dir_close(dir);
    assert_int_equal(g_rmdir(fixture->folder), 0);
    g_free(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

/* ---- submitting ---- */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned finished;
    /* of the last one */
    JobOutcome outcome;
    AcceptResult result;
    unsigned revision;
    bool published;
    int64_t offset;
    char *failure;
} Results;

#define RESULTS_INIT                                                                                         \
    {                                                                                                        \
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER                               \
    }

static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    Results *results = job->user;
    const JobItem *item = job_item(job, job->items->len - 1);

    pthread_mutex_lock(&results->lock);
    results->finished++;
    results->outcome = outcome;
    if (outcome == JOB_FAILED) {
        g_free(results->failure);
        results->failure = g_strdup(failure->message);
    } else {
        results->result = item->result;
        results->revision = item->latest != NULL ? item->latest->revision : 0;
        results->published = job_item_is_published(item);
        results->offset = item->published.offset;
    }
    pthread_cond_signal(&results->changed);
    pthread_mutex_unlock(&results->lock);
    job_free(job);
}

static Statement *text(const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static void submit(Fixture *fixture, Results *results, const char *id, const char *title, int64_t wait_us)
{
    g_autoptr(GError) error = NULL;
    Job *job = job_new();

    job_add(job, submission_make(SUBMISSION_POST, text(id, title)));
    job->finished = on_finished;
    job->user = results;
    job->wait_us = wait_us;
    if (!engine_submit(fixture->engine, job, &error))
        fail_msg("%s", error->message);
}

static void wait_finished(Results *results, unsigned count)
{
    struct timespec deadline;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_US / G_USEC_PER_SEC;
    pthread_mutex_lock(&results->lock);
    while (results->finished < count)
        if (pthread_cond_timedwait(&results->changed, &results->lock, &deadline) != 0)
            fail_msg("only %u of %u jobs finished", results->finished, count);
    pthread_mutex_unlock(&results->lock);
}

static Results run(Fixture *fixture, const char *id, const char *title, int64_t wait_us)
{
    Results results = RESULTS_INIT;

    submit(fixture, &results, id, title, wait_us);
    wait_finished(&results, 1);
    return results;
}

/* ---- what is on the bus ---- */

/* Reads the topic until `count` different events are there; ce_ids in the order of arrival, repeated ones
 * dropped. */
static GPtrArray *read_events(Fixture *fixture, unsigned count, unsigned *ret_repeated)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    GPtrArray *events = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader =
        kafka_reader_new(fixture->config, (const char *const[]){TOPIC, NULL}, 10000, &error);

    *ret_repeated = 0;
    if (reader == NULL || !kafka_reader_start(reader, &error))
        fail_msg("%s", error->message);
    while (events->len < count && g_get_monotonic_time() < end) {
        g_autoptr(BusRecord) record = NULL;
        if (kafka_reader_read(reader, 100, &record, &error) != KAFKA_READ_RECORD)
            continue;
        char *id = g_strdup(bus_record_header(record, "ce_id"));
        if (g_hash_table_add(seen, id)) {
            g_ptr_array_add(events, id);
        } else {
            (*ret_repeated)++;
            g_free(id);
        }
    }
    if (events->len < count)
        fail_msg("only %u of %u events arrived", events->len, count);
    return events;
}

static unsigned count_records(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader =
        kafka_reader_new(fixture->config, (const char *const[]){TOPIC, NULL}, 10000, &error);
    size_t count = 0;
    unsigned records = 0;

    const KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    for (size_t i = 0; i < count; i++)
        records += (unsigned)(partitions[i].high - partitions[i].low);
    return records;
}

/* Revisions 1 to `count` of the id, in this order. */
static void assert_revisions(const GPtrArray *events, const char *id, unsigned count)
{
    unsigned next = 1;

    for (guint i = 0; i < events->len; i++) {
        g_autofree char *expected = g_strdup_printf("%s/%u", id, next);
        const char *event = g_ptr_array_index(events, i);
        if (!g_str_has_prefix(event, id) || event[strlen(id)] != '/')
            continue;
        assert_string_equal(event, expected);
        next++;
    }
    assert_int_equal(next, count + 1);
}

static void wait_healthy(bool healthy)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        g_autofree char *report = NULL;
        if (health_ready(&report) == healthy)
            return;
        if (g_get_monotonic_time() > end)
            fail_msg("still: %s", report);
        g_usleep(10000);
    }
}

static void wait_reported(const char *expected)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        g_autofree char *report = NULL;
        (void)health_ready(&report);
        if (strstr(report, expected) != NULL)
            return;
        if (g_get_monotonic_time() > end)
            fail_msg("still: %s", report);
        g_usleep(10000);
    }
}

/* ---- tests ---- */

static void test_published_and_told(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    Results results = run(fixture, "pier", "The pier opens", DEADLINE_US);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    assert_int_equal(results.result, RESULT_CREATED);
    assert_true(results.published);
    assert_true(results.offset == 0);
    results = run(fixture, "pier", "The pier opens", DEADLINE_US);
    assert_int_equal(results.result, RESULT_UNCHANGED);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    results = run(fixture, "pier", "The pier is open", DEADLINE_US);
    assert_int_equal(results.result, RESULT_UPDATED);
    assert_int_equal(results.revision, 2);
    assert_true(results.offset == 1);
    g_autoptr(GPtrArray) events = read_events(fixture, 2, &repeated);
    assert_revisions(events, "pier", 2);
    assert_int_equal(repeated, 0);
    wait_healthy(true);
}

static void test_stored_without_a_broker(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    embedded_broker_set_up(fixture->broker, false);
    start_engine(fixture);
    for (unsigned i = 0; i < 5; i++) {
        g_autofree char *title = g_strdup_printf("Title %u", i);
        Results results = run(fixture, "pier", title, 0);
        assert_int_equal(results.outcome, JOB_STORED);
        assert_false(results.published);
    }
    /* Who wants to wait is told after his time that it is only stored. */
    Results results = run(fixture, "ferry", "The ferry sails", G_USEC_PER_SEC / 5);
    assert_int_equal(results.outcome, JOB_STORED);
    wait_healthy(false);
    embedded_broker_set_up(fixture->broker, true);
    g_autoptr(GPtrArray) events = read_events(fixture, 6, &repeated);
    assert_revisions(events, "pier", 5);
    assert_revisions(events, "ferry", 1);
    wait_healthy(true);
}

static void test_broker_away_in_the_middle(void **state)
{
    Fixture *fixture = *state;
    static const char *const ids[] = {"a", "b", "c", "d"};
    Results results = RESULTS_INIT;
    unsigned repeated = 0;

    start_engine(fixture);
    for (unsigned i = 0; i < 200; i++) {
        g_autofree char *title = g_strdup_printf("Title %u", i);
        submit(fixture, &results, ids[i % 4], title, 0);
        if (i == 60)
            embedded_broker_set_up(fixture->broker, false);
        if (i == 140)
            embedded_broker_set_up(fixture->broker, true);
        wait_finished(&results, i + 1);
        assert_int_equal(results.outcome, JOB_STORED);
    }
    g_autoptr(GPtrArray) events = read_events(fixture, 200, &repeated);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        assert_revisions(events, ids[i], 50);
}

static void test_crash_between_commit_and_send(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    unsigned repeated = 0;

    /* What an engine has committed before it died. */
    Store *store = store_open(fixture->path, &error);
    assert_non_null(store);
    assert_true(store_begin(store, &error));
    for (unsigned i = 1; i <= 3; i++) {
        g_autoptr(Statement) statement = text("pier", "The pier opens");
        int64_t position = 0;
        statement->revision = i;
        statement->change = STATEMENT_CHANGE_PUBLISHED;
        statement->updated_at = instant_to_timestamp(g_get_real_time());
        assert_true(store_add(store, statement, NULL, &position, &error));
    }
    assert_true(store_commit(store, &error));
    store_close(store);

    start_engine(fixture);
    g_autoptr(GPtrArray) events = read_events(fixture, 3, &repeated);
    assert_revisions(events, "pier", 3);
    /* And once only: the rows are cleared. */
    Results results = run(fixture, "last", "The last one", DEADLINE_US);
    assert_true(results.published);
    stop_engine(fixture);
    start_engine(fixture);
    results = run(fixture, "after", "The restart", DEADLINE_US);
    assert_true(results.published);
    assert_int_equal(count_records(fixture), 5);
}

static void test_producer_lost(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;
    unsigned repeated = 0;

    start_engine(fixture);
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *title = g_strdup_printf("Title %u", i);
        if (i == 20)
            embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_OUT_OF_ORDER, 1);
        submit(fixture, &results, i % 2 == 0 ? "a" : "b", title, 0);
        wait_finished(&results, i + 1);
    }
    g_autoptr(GPtrArray) events = read_events(fixture, 60, &repeated);
    assert_revisions(events, "a", 30);
    assert_revisions(events, "b", 30);
    wait_healthy(true);
}

static void test_record_refused_by_the_broker(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    Results results = run(fixture, "pier", "The pier opens", DEADLINE_US);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    g_autoptr(GPtrArray) events = read_events(fixture, 1, &repeated);
    assert_revisions(events, "pier", 1);
    wait_healthy(true);
}

static void publish_three(Fixture *fixture)
{
    start_engine(fixture);
    assert_true(run(fixture, "b", "First", DEADLINE_US).published);
    assert_true(run(fixture, "a", "Second", DEADLINE_US).published);
    assert_true(run(fixture, "b", "First again", DEADLINE_US).published);
    stop_engine(fixture);
}

static void replace_broker(Fixture *fixture, const char *refill)
{
    embedded_broker_free(fixture->broker);
    fixture->broker = open_broker();
    config_free(fixture->config);
    fixture->config = make_config(fixture, refill);
}

static void test_refill_when_empty(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    publish_three(fixture);
    replace_broker(fixture, "when-empty");
    start_engine(fixture);
    g_autoptr(GPtrArray) events = read_events(fixture, 2, &repeated);
    assert_true(g_ptr_array_find_with_equal_func(events, "b/2", g_str_equal, NULL));
    assert_true(g_ptr_array_find_with_equal_func(events, "a/1", g_str_equal, NULL));
    assert_true(run(fixture, "c", "Third", DEADLINE_US).published);
    assert_int_equal(count_records(fixture), 3);
    stop_engine(fixture);
    /* It is not empty any more. */
    start_engine(fixture);
    assert_true(run(fixture, "d", "Fourth", DEADLINE_US).published);
    assert_int_equal(count_records(fixture), 4);
}

/* More revisions wait in the outbox than there are statements; the one that waits for nothing comes, too. */
static void test_refill_with_revisions_pending(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    publish_three(fixture);
    embedded_broker_set_up(fixture->broker, false);
    start_engine(fixture);
    (void)run(fixture, "a", "Third", 0);
    (void)run(fixture, "a", "Fourth", 0);
    stop_engine(fixture);
    replace_broker(fixture, "when-empty");
    start_engine(fixture);
    g_autoptr(GPtrArray) events = read_events(fixture, 3, &repeated);
    assert_true(g_ptr_array_find_with_equal_func(events, "b/2", g_str_equal, NULL));
    assert_true(g_ptr_array_find_with_equal_func(events, "a/2", g_str_equal, NULL));
    assert_true(g_ptr_array_find_with_equal_func(events, "a/3", g_str_equal, NULL));
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(size, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_refill_waits_for_the_database(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    signal(SIGXFSZ, SIG_IGN);
    publish_three(fixture);
    replace_broker(fixture, "when-empty");
    embedded_broker_set_up(fixture->broker, false);
    start_engine(fixture);
    limit_file_size(1);
    embedded_broker_set_up(fixture->broker, true);
    wait_reported("ingest.db failed: ");
    limit_file_size(RLIM_INFINITY);
    g_autoptr(GPtrArray) events = read_events(fixture, 2, &repeated);
    assert_true(g_ptr_array_find_with_equal_func(events, "b/2", g_str_equal, NULL));
    wait_healthy(true);
}

static void test_no_refill(void **state)
{
    Fixture *fixture = *state;

    publish_three(fixture);
    replace_broker(fixture, "never");
    start_engine(fixture);
    assert_true(run(fixture, "c", "Third", DEADLINE_US).published);
    assert_int_equal(count_records(fixture), 1);
}

static void test_many_in_one_transaction(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;
    g_autoptr(GError) error = NULL;
    Job *job = job_new();

    start_engine(fixture);
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "One")));
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "One")));
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "Two")));
    job->finished = on_finished;
    job->user = &results;
    job->wait_us = DEADLINE_US;
    assert_true(engine_submit(fixture->engine, job, &error));
    wait_finished(&results, 1);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    assert_int_equal(results.result, RESULT_UPDATED);
    assert_int_equal(results.revision, 2);
    assert_int_equal(count_records(fixture), 2);
}

/* One statement is damaged; those that share its transaction are not refused with it. */
static void test_damaged_statement(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;
    g_autoptr(GError) error = NULL;
    sqlite3 *database = NULL;

    publish_three(fixture);
    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "UPDATE revisions SET statement = x'ff' WHERE id = 'a'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(database);
    start_engine(fixture);
    Job *job = job_new();
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "Third")));
    job_add(job, submission_make(SUBMISSION_BATCH, text("b", "Fourth")));
    job->finished = on_finished;
    job->user = &results;
    job->wait_us = DEADLINE_US;
    assert_true(engine_submit(fixture->engine, job, &error));
    wait_finished(&results, 1);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    assert_int_equal(results.result, RESULT_UPDATED);
    results = run(fixture, "a", "Third", 0);
    assert_int_equal(results.result, RESULT_REFUSED);
}

static void test_full_disk(void **state)
{
    Fixture *fixture = *state;

    signal(SIGXFSZ, SIG_IGN);
    start_engine(fixture);
    assert_true(run(fixture, "a", "Before", DEADLINE_US).published);
    limit_file_size(1);
    Results results = run(fixture, "b", "While it is full", 0);
    g_autofree char *failure = results.failure;
    assert_int_equal(results.outcome, JOB_FAILED);
    assert_non_null(strstr(failure, "database"));
    wait_healthy(false);
    limit_file_size(RLIM_INFINITY);
    wait_healthy(true); /* without a job */
    results = run(fixture, "b", "After", DEADLINE_US);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    assert_int_equal(results.revision, 1);
    wait_healthy(true);
}

/* It would be acknowledged, and gone with the process. */
static void test_deleted_database(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *aside = g_strconcat(fixture->path, ".aside", NULL);

    start_engine(fixture);
    assert_true(run(fixture, "a", "Before", DEADLINE_US).published);
    assert_int_equal(g_rename(fixture->path, aside), 0);
    Results results = run(fixture, "b", "Into nothing", 0);
    g_autofree char *failure = results.failure;
    assert_int_equal(results.outcome, JOB_FAILED);
    assert_non_null(strstr(failure, "deleted or replaced"));
    wait_healthy(false);
    assert_int_equal(g_rename(aside, fixture->path), 0);
    wait_healthy(true);
    assert_true(run(fixture, "b", "After", DEADLINE_US).published);
}

static void test_stop_finishes_all(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;

    embedded_broker_set_up(fixture->broker, false);
    start_engine(fixture);
    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        submit(fixture, &results, id, "A title", i % 2 == 0 ? DEADLINE_US : 0);
    }
    stop_engine(fixture);
    assert_int_equal(results.finished, 100);
    assert_int_equal(results.outcome, JOB_STORED);
}

static void test_queue_is_bounded(void **state)
{
    g_autoptr(GError) error = NULL;
    JobQueue *queue = job_queue_new(2, &error);
    g_autoptr(Job) large = job_new();
    g_autoptr(Job) small = job_new();
    g_autoptr(Job) third = job_new();

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        job_add(large, submission_make(SUBMISSION_POST, text("a", "A title")));
    job_add(small, submission_make(SUBMISSION_POST, text("a", "A title")));
    job_add(third, submission_make(SUBMISSION_POST, text("a", "A title")));
    /* Too large for the queue, but there is no other. */
    assert_true(job_queue_push(queue, large, &error));
    assert_false(job_queue_push(queue, small, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    g_clear_error(&error);
    g_ptr_array_unref(job_queue_take(queue, 1));
    assert_null(job_queue_take(queue, 1));
    assert_true(job_queue_push(queue, small, &error));
    job_queue_close(queue);
    assert_false(job_queue_push(queue, third, &error));
    g_ptr_array_unref(job_queue_take(queue, 10));
    job_queue_free(queue);
}

int main(void)
{
#define ENGINE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(test_published_and_told),
        ENGINE_TEST(test_stored_without_a_broker),
        ENGINE_TEST(test_broker_away_in_the_middle),
        ENGINE_TEST(test_crash_between_commit_and_send),
        ENGINE_TEST(test_producer_lost),
        ENGINE_TEST(test_record_refused_by_the_broker),
        ENGINE_TEST(test_refill_when_empty),
        ENGINE_TEST(test_refill_with_revisions_pending),
        ENGINE_TEST(test_refill_waits_for_the_database),
        ENGINE_TEST(test_no_refill),
        ENGINE_TEST(test_damaged_statement),
        ENGINE_TEST(test_many_in_one_transaction),
        ENGINE_TEST(test_full_disk),
        ENGINE_TEST(test_deleted_database),
        ENGINE_TEST(test_stop_finishes_all),
        cmocka_unit_test(test_queue_is_bounded),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
