/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with a real store and an embedded broker: what is acknowledged arrives, once and in order,
 * whatever the broker does meanwhile. */
#include "unit.h"

#include <signal.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "common/error.h"
#include "common/log.h"
#include "ingest/engine_fixture.h"
#include "ingest/job_queue.h"

typedef struct {
    const char *id;
    unsigned revisions;
} Arrival;

/* All of these revisions and nothing else before the last of them, each statement's in order; an id of NULL
 * ends the list. */
static void assert_arrive(Fixture *fixture, const Arrival *arrivals)
{
    unsigned count = 0;
    unsigned repeated = 0;

    for (const Arrival *arrival = arrivals; arrival->id; arrival++)
        count += arrival->revisions;
    g_autoptr(GPtrArray) events = read_events(fixture, count, &repeated);
    for (const Arrival *arrival = arrivals; arrival->id; arrival++)
        assert_revisions(events, arrival->id, arrival->revisions);
}

#define ASSERT_ARRIVE(fixture, ...) assert_arrive(fixture, (const Arrival[]){__VA_ARGS__, {NULL, 0}})

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
    ASSERT_ARRIVE(fixture, {"pier", 5}, {"ferry", 1});
    wait_healthy(true);
}

static void test_broker_away_in_the_middle(void **state)
{
    Fixture *fixture = *state;
    static const char *const ids[] = {"a", "b", "c", "d"};
    Results results = RESULTS_INIT;

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
    ASSERT_ARRIVE(fixture, {"a", 50}, {"b", 50}, {"c", 50}, {"d", 50});
}

static void test_crash_between_commit_and_send(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;

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
        assert_true(store_add(store, statement, NULL, &position, NULL, &error));
    }
    assert_true(store_commit(store, &error));
    store_close(store);

    start_engine(fixture);
    ASSERT_ARRIVE(fixture, {"pier", 3});
    /* And once only: the rows are cleared. */
    Results results = run(fixture, "last", "The last one", DEADLINE_US);
    assert_true(results.published);
    stop_engine(fixture);
    start_engine(fixture);
    results = run(fixture, "after", "The restart", DEADLINE_US);
    assert_true(results.published);
    assert_int_equal(count_records(fixture), 5);
}

/* What is refused does not wait for the revision before it. */
static void test_refused_while_another_waits(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;

    embedded_broker_set_up(fixture->broker, false);
    start_engine(fixture);
    assert_int_equal(run(fixture, "pier", "The pier opens", 0).outcome, JOB_STORED);
    Submission submission = submission_make(SUBMISSION_PUT, text("pier", "The pier is open"));
    submission.if_match = g_strdup("\"another\"");
    submit_submission(fixture, &results, submission, DEADLINE_US);
    wait_finished(&results, 1);
    assert_int_equal(results.result, RESULT_REFUSED);
    assert_false(results.published);
    embedded_broker_set_up(fixture->broker, true);
    ASSERT_ARRIVE(fixture, {"pier", 1});
    assert_true(run(fixture, "last", "The last one", DEADLINE_US).published);
}

static void test_producer_lost(void **state)
{
    Fixture *fixture = *state;
    Results results = RESULTS_INIT;

    start_engine(fixture);
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *title = g_strdup_printf("Title %u", i);
        if (i == 20)
            embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_OUT_OF_ORDER, 1);
        submit(fixture, &results, i % 2 == 0 ? "a" : "b", title, 0);
        wait_finished(&results, i + 1);
    }
    ASSERT_ARRIVE(fixture, {"a", 30}, {"b", 30});
    wait_healthy(true);
}

static void test_record_refused_by_the_broker(void **state)
{
    Fixture *fixture = *state;

    start_engine(fixture);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    Results results = run(fixture, "pier", "The pier opens", DEADLINE_US);
    assert_int_equal(results.outcome, JOB_PUBLISHED);
    ASSERT_ARRIVE(fixture, {"pier", 1});
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
    fixture->config = make_config(fixture, refill, NULL);
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
    Job *job = job_new();

    start_engine(fixture);
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "One")));
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "One")));
    job_add(job, submission_make(SUBMISSION_BATCH, text("a", "Two")));
    submit_job(fixture, &results, job, DEADLINE_US);
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
    submit_job(fixture, &results, job, DEADLINE_US);
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
#define ENGINE_TEST(test) cmocka_unit_test_setup_teardown(test, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(test_published_and_told),
        ENGINE_TEST(test_stored_without_a_broker),
        ENGINE_TEST(test_broker_away_in_the_middle),
        ENGINE_TEST(test_crash_between_commit_and_send),
        ENGINE_TEST(test_refused_while_another_waits),
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
