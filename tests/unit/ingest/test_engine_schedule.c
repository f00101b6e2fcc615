/* SPDX-License-Identifier: Apache-2.0 */
/* The engine and instants: what is scheduled is on the bus when its time has come, once, and never before. The clock
 * is the test's own, so that it can be stepped; the kernel's is not, as with a clock that is faked. */
#include "unit.h"

#include <signal.h>
#include <stdatomic.h>

#include "common/error.h"
#include "common/kafka/reader.h"
#include "common/log.h"
#include "ingest/engine_fixture.h"

#define SECOND INSTANT_SECOND
#define FAR    (INT64_C(3600) * SECOND)

/* In front of GLib's: everything in this program asks here. */
static _Atomic int64_t step;
gint64 g_get_real_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 + atomic_load(&step);
}

static int setup(void **state)
{
    atomic_store(&step, 0);
    return engine_setup(state);
}

static Submission put(const char *id, const char *title, Instant publish_at, Instant expires_at)
{
    Statement *statement = text(id, title);

    statement->publish_at = publish_at != 0 ? instant_to_timestamp(publish_at) : NULL;
    statement->expires_at = expires_at != 0 ? instant_to_timestamp(expires_at) : NULL;
    return submission_make(SUBMISSION_PUT, statement);
}

static Submission take_back(SubmissionKind kind, const char *id)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->note, "Gone.");
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    return submission_make(kind, statement);
}

/* The `index`th record on the topic, which has two partitions: of those of one id. */
static Statement *read_statement(Fixture *fixture, unsigned index)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader =
        kafka_reader_new(fixture->config, (const char *const[]){TOPIC, NULL}, 10000, &error);
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    if (reader == NULL || !kafka_reader_start(reader, &error))
        fail_msg("%s", error->message);
    while (g_get_monotonic_time() < end) {
        g_autoptr(BusRecord) record = NULL;
        if (kafka_reader_read(reader, 100, &record, &error) != KAFKA_READ_RECORD)
            continue;
        if (index-- == 0)
            return bus_record_statement(record, &error);
    }
    fail_msg("no such record");
    return NULL;
}

/* Until an engine has looked at the clock some times: it does so whenever it has something to do. */
static void let_it_look(Fixture *fixture)
{
    static unsigned number;

    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *title = g_strdup_printf("Title %u", number++);
        assert_int_equal(run(fixture, "clock", title, DEADLINE_US).outcome, JOB_PUBLISHED);
    }
}

static void test_released_at_its_instant(void **state)
{
    Fixture *fixture = *state;

    start_engine(fixture);
    Instant due = g_get_real_time() + 2 * SECOND;
    assert_int_equal(run_submission(fixture, put("pier", "New", due, 0)).result, RESULT_SCHEDULED);
    assert_int_equal(count_records(fixture), 0);
    g_autoptr(Statement) statement = read_statement(fixture, 0);
    assert_true(g_get_real_time() >= due);
    Instant accepted = instant_from_timestamp(statement->updated_at);
    assert_true(accepted >= due);
    assert_true(accepted <
                due + SECOND); /* a loaded machine; how much it is otherwise, is measured end to end */
    assert_string_equal(statement->title, "New");
    assert_null(statement->publish_at);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 4);
}

static void test_released_after_a_restart(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    assert_int_equal(run_submission(fixture, put("pier", "New", g_get_real_time() + FAR, 0)).result,
                     RESULT_SCHEDULED);
    stop_engine(fixture);
    atomic_store(&step, FAR);
    start_engine(fixture); /* it became due while nobody was there */
    g_autoptr(GPtrArray) events = read_events(fixture, 1, &repeated);
    assert_revisions(events, "pier", 1);
    stop_engine(fixture);
    start_engine(fixture);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 4);
}

static void test_a_clock_that_is_stepped(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    Instant due = g_get_real_time() + 2 * SECOND;
    assert_int_equal(run_submission(fixture, put("pier", "New", due, 0)).result, RESULT_SCHEDULED);
    atomic_store(&step, -FAR); /* back: its instant is far away again, though the kernel's timer runs out */
    while (g_get_real_time() + FAR < due)
        g_usleep(10000);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 3);
    atomic_store(&step, FAR); /* over it */
    g_autoptr(GPtrArray) events = read_events(fixture, 4, &repeated);
    assert_revisions(events, "pier", 1);
    atomic_store(&step, -FAR); /* and back once more: nothing comes twice */
    let_it_look(fixture);
    atomic_store(&step, FAR);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 10);
}

static void test_released_when_the_database_is_back(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    signal(SIGXFSZ, SIG_IGN);
    start_engine(fixture);
    assert_int_equal(run_submission(fixture, put("pier", "New", g_get_real_time() + FAR, 0)).result,
                     RESULT_SCHEDULED);
    limit_file_size(1);
    atomic_store(&step, FAR);
    wait_reported("ingest.db failed: ");
    assert_int_equal(count_records(fixture), 0);
    limit_file_size(RLIM_INFINITY);
    g_autoptr(GPtrArray) events = read_events(fixture, 1, &repeated);
    assert_revisions(events, "pier", 1);
    wait_healthy(true);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 4);
}

static void test_expiry(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    config_free(fixture->config);
    fixture->config = make_config(fixture, "never", "DAYWIRE_INGEST_EXPIRY_NOTE=The offer is over.");
    start_engine(fixture);
    Instant end = g_get_real_time() + SECOND / 2;
    assert_int_equal(run_submission(fixture, put("pier", "New", 0, end)).result, RESULT_CREATED);
    g_autoptr(GPtrArray) events = read_events(fixture, 2, &repeated);
    assert_revisions(events, "pier", 2);
    g_autoptr(Statement) first = read_statement(fixture, 0);
    assert_true(instant_from_timestamp(first->expires_at) == end);
    g_autoptr(Statement) last = read_statement(fixture, 1);
    assert_int_equal(last->status, STATEMENT_STATUS_WITHDRAWN);
    assert_string_equal(last->note, "The offer is over.");
    assert_true(instant_from_timestamp(last->updated_at) >= end);
}

static void test_a_withdrawal_comes_first(void **state)
{
    Fixture *fixture = *state;

    start_engine(fixture);
    assert_int_equal(run(fixture, "pier", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run_submission(fixture, put("pier", "New", g_get_real_time() + FAR, 0)).result,
                     RESULT_SCHEDULED);
    assert_int_equal(run_submission(fixture, take_back(SUBMISSION_WITHDRAW, "pier")).result,
                     RESULT_WITHDRAWN);
    atomic_store(&step, 2 * FAR);
    let_it_look(fixture);
    assert_int_equal(count_records(fixture), 5);
}

/* Nothing grows without end while the broker is away; what takes something back is always taken. */
static void test_the_backlog_is_bounded(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    config_free(fixture->config);
    fixture->config = make_config(fixture, "never", "DAYWIRE_INGEST_MAX_BACKLOG=3");
    start_engine(fixture);
    assert_int_equal(run(fixture, "pier", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run_submission(fixture, put("later", "New", g_get_real_time() + FAR, 0)).result,
                     RESULT_SCHEDULED);
    embedded_broker_set_up(fixture->broker, false);
    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        assert_int_equal(run(fixture, id, "New", 0).result, RESULT_CREATED);
    }
    bool refused = false;
    while (!refused && g_get_monotonic_time() < end) {
        Job *job = job_new();
        Results results = RESULTS_INIT;
        job_add(job, submission_make(SUBMISSION_POST, text("s0", "New")));
        job->finished = on_finished;
        job->user = &results;
        refused = !engine_submit(fixture->engine, job, &error);
        if (refused)
            job_free(job);
        else
            wait_finished(&results, 1);
    }
    assert_true(refused);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_string_equal(error->message, "the broker does not take statements, and no more may wait for it "
                                        "([ingest] max-backlog)");
    assert_int_equal(run_submission(fixture, take_back(SUBMISSION_WITHDRAW, "pier")).result,
                     RESULT_WITHDRAWN);
    assert_int_equal(run_submission(fixture, take_back(SUBMISSION_CANCEL, "later")).result, RESULT_CANCELLED);
    embedded_broker_set_up(fixture->broker, true);
    unsigned repeated = 0;
    g_autoptr(GPtrArray) events = read_events(fixture, 5, &repeated);
    assert_revisions(events, "pier", 2);
    for (refused = true; refused && g_get_monotonic_time() < end;) {
        Job *job = job_new();
        Results results = RESULTS_INIT;
        job_add(job, submission_make(SUBMISSION_POST, text("s0", "Newer")));
        job->finished = on_finished;
        job->user = &results;
        refused = !engine_submit(fixture->engine, job, NULL);
        if (refused)
            job_free(job);
        else
            wait_finished(&results, 1);
    }
    assert_false(refused);
}

/* ---- republish ---- */

typedef struct {
    Results results;
    int64_t count;
} Republished;

static void on_republished(Job *job, JobOutcome outcome, const GError *failure)
{
    Republished *republished = job->user;

    (void)failure;
    pthread_mutex_lock(&republished->results.lock);
    republished->results.finished++;
    republished->results.outcome = outcome;
    republished->count = job->republished;
    pthread_cond_signal(&republished->results.changed);
    pthread_mutex_unlock(&republished->results.lock);
    job_free(job);
}

static int64_t republish(Fixture *fixture)
{
    Republished republished = {.results = RESULTS_INIT};
    g_autoptr(GError) error = NULL;
    Job *job = job_new();

    job->republish = true;
    job->finished = on_republished;
    job->user = &republished;
    if (!engine_submit(fixture->engine, job, &error))
        fail_msg("%s", error->message);
    wait_finished(&republished.results, 1);
    assert_int_not_equal(republished.results.outcome, JOB_FAILED);
    return republished.count;
}

static unsigned wait_records(Fixture *fixture, unsigned count)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    while (count_records(fixture) < count && g_get_monotonic_time() < end)
        g_usleep(10000);
    return count_records(fixture);
}

static void test_republish(void **state)
{
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    assert_int_equal(run(fixture, "pier", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run(fixture, "quay", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run(fixture, "pier", "New", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run_submission(fixture, put("later", "New", g_get_real_time() + FAR, 0)).result,
                     RESULT_SCHEDULED);
    assert_true(republish(fixture) == 2);
    assert_int_equal(wait_records(fixture, 5), 5);
    g_autoptr(GPtrArray) events = read_events(fixture, 3, &repeated); /* the same ce_ids again, no other */
    assert_int_equal(events->len, 3);
    wait_healthy(true);
    /* The broker refuses the first record, as one does that has lost the topic. */
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    assert_true(republish(fixture) == 2);
    /* What was under way behind it is sent again when its report was lost with the producer. */
    assert_in_range(wait_records(fixture, 7), 7, 8);
    wait_healthy(true);
}

/* What was put back lies before what is under way: it comes, and nothing comes twice for it. */
static void test_republish_while_rows_are_under_way(void **state)
{
    enum { UNDER_WAY = 50 };
    Fixture *fixture = *state;
    unsigned repeated = 0;

    start_engine(fixture);
    assert_int_equal(run(fixture, "pier", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(run(fixture, "quay", "Old", DEADLINE_US).outcome, JOB_PUBLISHED);
    embedded_broker_set_up(fixture->broker, false);
    for (unsigned i = 0; i < UNDER_WAY; i++) {
        g_autofree char *title = g_strdup_printf("New %u", i);
        assert_int_equal(run(fixture, "pier", title, 0).outcome, JOB_STORED);
    }
    assert_true(republish(fixture) == 1);
    assert_int_equal(run(fixture, "ferry", "Old", 0).outcome, JOB_STORED);
    embedded_broker_set_up(fixture->broker, true);
    assert_int_equal(wait_records(fixture, 2 + UNDER_WAY + 2), 2 + UNDER_WAY + 2);
    g_autoptr(GPtrArray) events = read_events(fixture, 2 + UNDER_WAY + 1, &repeated);
    assert_revisions(events, "pier", 1 + UNDER_WAY);
    assert_revisions(events, "quay", 1);
    assert_revisions(events, "ferry", 1);
    /* And it goes on. */
    assert_int_equal(run(fixture, "ferry", "New", DEADLINE_US).outcome, JOB_PUBLISHED);
    assert_int_equal(count_records(fixture), 2 + UNDER_WAY + 3);
}

int main(void)
{
#define ENGINE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(test_released_at_its_instant),
        ENGINE_TEST(test_released_after_a_restart),
        ENGINE_TEST(test_a_clock_that_is_stepped),
        ENGINE_TEST(test_released_when_the_database_is_back),
        ENGINE_TEST(test_expiry),
        ENGINE_TEST(test_a_withdrawal_comes_first),
        ENGINE_TEST(test_the_backlog_is_bounded),
        ENGINE_TEST(test_republish),
        ENGINE_TEST(test_republish_while_rows_are_under_way),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
