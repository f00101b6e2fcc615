/* SPDX-License-Identifier: Apache-2.0 */
/* What is scheduled or expires, with a real store: kept, found when it is due, published once and gone. Time is an
 * argument, nothing here waits. */
#include "unit.h"

#include "common/error.h"
#include "ingest/storing.h"
#include "ingest/store_fixture.h"

#define NOW    (INT64_C(1700000000) * INSTANT_SECOND)
#define MINUTE (INT64_C(60) * INSTANT_SECOND)
#define NOTE   "It is over."

static const SubmissionLimits wide = {.title = 1000, .summary = 10000, .text = 524288, .tags = 32};

/* ---- in one transaction each ---- */

static Statement *text(const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static Submission put(const char *id, const char *title, Instant publish_at, Instant expires_at)
{
    Statement *statement = text(id, title);

    statement->publish_at = publish_at != 0 ? instant_to_timestamp(publish_at) : NULL;
    statement->expires_at = expires_at != 0 ? instant_to_timestamp(expires_at) : NULL;
    Submission submission = submission_make(SUBMISSION_PUT, statement);
    submission.submitter = g_strdup("editor");
    return submission;
}

static Submission bare(SubmissionKind kind, const char *id)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    if (kind == SUBMISSION_WITHDRAW) {
        message_set_string(&statement->note, "Gone.");
        statement->status = STATEMENT_STATUS_WITHDRAWN;
        statement->change = STATEMENT_CHANGE_WITHDRAWN;
    }
    return submission_make(kind, statement);
}

static void run_job(Store *store, Job *job, Instant now)
{
    OK(store_begin(store, ok));
    OK(storing_run(store, &wide, job, now, ok));
    OK(store_commit(store, ok));
}

/* With its one item; job_free() it. */
static Job *run_one(Store *store, Submission submission, Instant now)
{
    Job *job = job_new();

    job_add(job, submission);
    run_job(store, job, now);
    return job;
}

static void expect(Store *store, Submission submission, Instant now, AcceptResult result)
{
    g_autoptr(Job) job = run_one(store, submission, now);

    if (job_item(job, 0)->result != result)
        fail_msg("%s: %d", submission.statement->id, job_item(job, 0)->result);
}

/* As the engine does it. NULL: nothing is due. */
static Job *run_due(Store *store, Instant now, unsigned max)
{
    Job *job = NULL;

    OK(storing_due(store, now, max, NOTE, &job, ok));
    if (job != NULL)
        run_job(store, job, now);
    return job;
}

static void assert_outbox(Store *store, const char *expected)
{
    g_autofree char *outbox = store_fixture_outbox(store, 0, 10000);
    assert_string_equal(outbox, expected);
}

static Instant next_instant(Store *store)
{
    Instant next = 0;
    OK(store_next_instant(store, &next, ok));
    return next;
}

static int64_t count_scheduled(Store *store)
{
    int64_t count = -1;
    OK(store_count_scheduled(store, &count, ok));
    return count;
}

/* ---- the schedule ---- */

static void test_scheduled_due_published(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(Job) scheduled = run_one(fixture->store, put("pier", "New", NOW + MINUTE, 0), NOW);
    const JobItem *item = job_item(scheduled, 0);

    assert_int_equal(item->result, RESULT_SCHEDULED);
    assert_null(item->latest);
    assert_string_equal(item->scheduled->title, "New");
    assert_true(item->schedule_version > 0);
    assert_true(item->position == 0);
    assert_outbox(fixture->store, "");
    store_fixture_reopen(fixture); /* it is durable, and known after a restart */
    assert_true(next_instant(fixture->store) == NOW + MINUTE);
    assert_int_equal(count_scheduled(fixture->store), 1);

    assert_null(run_due(fixture->store, NOW + MINUTE - 1, 10));
    g_autoptr(Job) released = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(released->items->len, 1);
    item = job_item(released, 0);
    assert_int_equal(item->result, RESULT_CREATED);
    assert_int_equal(item->latest->revision, 1);
    assert_true(instant_from_timestamp(item->latest->updated_at) == NOW + MINUTE);
    assert_null(item->latest->publish_at);
    assert_null(item->scheduled);
    assert_outbox(fixture->store, "pier/1");
    assert_int_equal(count_scheduled(fixture->store), 0);
    assert_true(next_instant(fixture->store) == G_MAXINT64);
    assert_null(run_due(fixture->store, NOW + 2 * MINUTE, 10));
}

/* Either both or none: a crash in between is a transaction that was not committed. */
static void test_a_release_is_one_transaction(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(Job) job = NULL;

    expect(fixture->store, put("pier", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    OK(storing_due(fixture->store, NOW + MINUTE, 10, NOTE, &job, ok));
    OK(store_begin(fixture->store, ok));
    OK(storing_run(fixture->store, &wide, job, NOW + MINUTE, ok));
    store_fixture_reopen(fixture);
    assert_int_equal(count_scheduled(fixture->store), 1);
    assert_outbox(fixture->store, "");
    g_autoptr(Job) released = run_due(fixture->store, NOW + MINUTE, 10);
    assert_non_null(released);
    assert_outbox(fixture->store, "pier/1");
    assert_int_equal(count_scheduled(fixture->store), 0);
}

static void test_the_version_grows_and_never_comes_back(void **state)
{
    StoreFixture *fixture = *state;
    int64_t last = 0;

    for (unsigned i = 0; i < 4; i++) {
        g_autoptr(Job) job = run_one(fixture->store, put("pier", "New", NOW + MINUTE + (Instant)i, 0), NOW);
        assert_int_equal(job_item(job, 0)->result, RESULT_SCHEDULED);
        assert_true(job_item(job, 0)->schedule_version > last);
        last = job_item(job, 0)->schedule_version;
        assert_int_equal(count_scheduled(fixture->store), 1);
        if (i == 2) {
            expect(fixture->store, bare(SUBMISSION_CANCEL, "pier"), NOW, RESULT_CANCELLED);
            store_fixture_reopen(fixture);
        }
    }
    /* The same again keeps it. */
    g_autoptr(Job) same = run_one(fixture->store, put("pier", "New", NOW + MINUTE + 3, 0), NOW);
    assert_int_equal(job_item(same, 0)->result, RESULT_UNCHANGED);
    assert_true(job_item(same, 0)->schedule_version == last);
    assert_string_equal(job_item(same, 0)->scheduled->title, "New");
}

static void test_rescheduled_both_ways(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "New", NOW + 2 * MINUTE, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("pier", "New", NOW + 3 * MINUTE, 0), NOW, RESULT_SCHEDULED);
    assert_null(run_due(fixture->store, NOW + 2 * MINUTE, 10));
    expect(fixture->store, put("pier", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    g_autoptr(Job) released = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(released->items->len, 1);
    assert_null(run_due(fixture->store, NOW + 5 * MINUTE, 10));
    assert_outbox(fixture->store, "pier/1");
}

static void test_a_change_of_a_published_one(void **state)
{
    StoreFixture *fixture = *state;
    Submission correction = put("pier", "Right", NOW + MINUTE, 0);

    expect(fixture->store, put("pier", "Wrong", 0, 0), NOW, RESULT_CREATED);
    correction.statement->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&correction.statement->note, "It was wrong.");
    g_autoptr(Job) scheduled = run_one(fixture->store, correction, NOW);
    assert_int_equal(job_item(scheduled, 0)->result, RESULT_SCHEDULED);
    assert_string_equal(job_item(scheduled, 0)->latest->title, "Wrong");
    /* What is published cannot be changed past it, and is still told as it is. */
    expect(fixture->store, put("pier", "Else", 0, 0), NOW, RESULT_REFUSED);
    g_auto(StoredStatement) stored = {0};
    OK(store_find(fixture->store, "pier", &stored, ok));
    assert_string_equal(stored.latest->title, "Wrong");
    assert_string_equal(stored.schedule.submission.statement->title, "Right");
    assert_string_equal(stored.schedule.submission.submitter, "editor");
    assert_int_equal(stored.schedule.submission.kind, SUBMISSION_PUT);

    g_autoptr(Job) released = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(job_item(released, 0)->result, RESULT_UPDATED);
    assert_int_equal(job_item(released, 0)->latest->change, STATEMENT_CHANGE_CORRECTED);
    assert_string_equal(job_item(released, 0)->latest->note, "It was wrong.");
    assert_outbox(fixture->store, "pier/1 pier/2");
}

static void test_a_withdrawal_takes_it_along(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, 0), NOW, RESULT_CREATED);
    expect(fixture->store, put("pier", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, bare(SUBMISSION_WITHDRAW, "pier"), NOW, RESULT_WITHDRAWN);
    assert_int_equal(count_scheduled(fixture->store), 0);
    assert_null(run_due(fixture->store, NOW + 2 * MINUTE, 10));
    assert_outbox(fixture->store, "pier/1 pier/2");
}

static void test_at_once_after_all(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("pier", "Newer", NOW, 0), NOW, RESULT_CREATED);
    assert_int_equal(count_scheduled(fixture->store), 0);
    assert_null(run_due(fixture->store, NOW + MINUTE, 10));
    assert_outbox(fixture->store, "pier/1");
}

/* In order, in parts, each once. */
static void test_three_thousand_at_once(void **state)
{
    enum { COUNT = 3000, PART = 700 };
    StoreFixture *fixture = *state;
    g_autoptr(Job) all = job_new();
    g_autoptr(GString) expected = g_string_new(NULL);

    for (unsigned i = 0; i < COUNT; i++) {
        g_autofree char *id = g_strdup_printf("s%04u", i);
        job_add(all, put(id, "New", NOW + MINUTE, 0));
        g_string_append_printf(expected, "%s%s/1", i > 0 ? " " : "", id);
    }
    run_job(fixture->store, all, NOW);
    unsigned released = 0;
    for (unsigned turn = 0; turn < 5; turn++) {
        g_autoptr(Job) job = run_due(fixture->store, NOW + MINUTE, PART);
        assert_true(job->items->len <= PART);
        released += job->items->len;
        assert_int_equal(count_scheduled(fixture->store), COUNT - released);
        assert_true(next_instant(fixture->store) == (released < COUNT ? NOW + MINUTE : G_MAXINT64));
    }
    assert_int_equal(released, COUNT);
    assert_null(run_due(fixture->store, NOW + MINUTE, PART));
    assert_outbox(fixture->store, expected->str);
}

static void test_those_that_were_to_come_first_do(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("c", "New", NOW + 3, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("a", "New", NOW + 1, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("b", "New", NOW + 3, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("later", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    g_autoptr(Job) released = run_due(fixture->store, NOW + 3, 10);
    assert_int_equal(released->items->len, 3);
    assert_outbox(fixture->store, "a/1 c/1 b/1");
    assert_true(next_instant(fixture->store) == NOW + MINUTE);
}

/* ---- what cannot be published ---- */

/* It is told and dropped; what is due with it is published. */
static void test_damaged_schedule(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("bad", "New", NOW + 1, 0), NOW, RESULT_SCHEDULED);
    expect(fixture->store, put("good", "New", NOW + 2, 0), NOW, RESULT_SCHEDULED);
    store_fixture_run_sql(fixture->path, "UPDATE schedule SET statement = x'ff' WHERE id = 'bad'");
    store_fixture_reopen(fixture);
    g_autoptr(Job) released = run_due(fixture->store, NOW + 2, 10);
    assert_int_equal(released->items->len, 2);
    const JobItem *bad = job_item(released, 0);
    assert_int_equal(bad->result, RESULT_REFUSED);
    assert_true(g_error_matches(bad->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED));
    assert_string_equal(bad->submission.statement->id, "bad");
    assert_int_equal(job_item(released, 1)->result, RESULT_CREATED);
    assert_outbox(fixture->store, "good/1");
    assert_int_equal(count_scheduled(fixture->store), 0);
    assert_null(run_due(fixture->store, NOW + MINUTE, 10));
}

/* One index has it, the other has not. */
static void test_torn_schedule(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    Job *job = NULL;

    expect(fixture->store, put("pier", "New", NOW + 1, 0), NOW, RESULT_SCHEDULED);
    store_fixture_run_sql(
        fixture->path, "CREATE TABLE empty (id TEXT UNIQUE); PRAGMA writable_schema = ON;"
                       "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema"
                       " WHERE name = 'sqlite_autoindex_empty_1') WHERE name = 'sqlite_autoindex_schedule_1';"
                       "PRAGMA schema_version = 1000");
    assert_false(storing_due(fixture->store, NOW + 1, 10, NOTE, &job, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
    assert_string_equal(
        error->message,
        "the database is damaged: pier is due, but nothing is found that was scheduled for it");
}

static void test_a_refused_release_is_dropped(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "New", NOW + MINUTE, NOW + 2 * MINUTE), NOW, RESULT_SCHEDULED);
    /* Nobody was there until it had expired. */
    g_autoptr(Job) released = run_due(fixture->store, NOW + 2 * MINUTE, 10);
    const JobItem *item = job_item(released, 0);
    assert_int_equal(item->result, RESULT_REFUSED);
    assert_string_equal(item->refusal->message, "expires_at: it has passed");
    assert_true(item->submission.released);
    assert_outbox(fixture->store, "");
    assert_int_equal(count_scheduled(fixture->store), 0);
    assert_true(next_instant(fixture->store) == G_MAXINT64);
}

/* ---- expiry ---- */

static void test_expiry(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, NOW + MINUTE), NOW, RESULT_CREATED);
    expect(fixture->store, put("quay", "Old", 0, 0), NOW, RESULT_CREATED);
    assert_true(next_instant(fixture->store) == NOW + MINUTE);
    assert_null(run_due(fixture->store, NOW + MINUTE - 1, 10));
    g_autoptr(Job) expired = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(expired->items->len, 1);
    const Statement *latest = job_item(expired, 0)->latest;
    assert_int_equal(latest->status, STATEMENT_STATUS_WITHDRAWN);
    assert_string_equal(latest->note, NOTE);
    assert_string_equal(latest->title, "");
    assert_null(latest->expires_at);
    assert_string_equal(job_item(expired, 0)->submission.submitter, "expiry");
    assert_outbox(fixture->store, "pier/1 quay/1 pier/2");
    assert_null(run_due(fixture->store, NOW + 2 * MINUTE, 10));
    assert_true(next_instant(fixture->store) == G_MAXINT64);
}

static void test_expiry_leaves_the_schedule_alone(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, NOW + MINUTE), NOW, RESULT_CREATED);
    expect(fixture->store, put("pier", "New", NOW + 2 * MINUTE, 0), NOW, RESULT_SCHEDULED);
    g_autoptr(Job) expired = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(job_item(expired, 0)->result, RESULT_WITHDRAWN);
    assert_non_null(job_item(expired, 0)->scheduled);
    assert_int_equal(count_scheduled(fixture->store), 1);
    g_autoptr(Job) released = run_due(fixture->store, NOW + 2 * MINUTE, 10);
    assert_int_equal(job_item(released, 0)->latest->change, STATEMENT_CHANGE_PUBLISHED);
    assert_outbox(fixture->store, "pier/1 pier/2 pier/3");
}

/* Both instants passed while nobody was there: what was to follow the old text stays. */
static void test_a_release_is_not_expired_with_its_predecessor(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, NOW + MINUTE), NOW, RESULT_CREATED);
    expect(fixture->store, put("pier", "New", NOW + 2 * MINUTE, 0), NOW, RESULT_SCHEDULED);
    g_autoptr(Job) due = run_due(fixture->store, NOW + 3 * MINUTE, 10);
    assert_int_equal(due->items->len, 2);
    g_auto(StoredStatement) stored = {0};
    OK(store_find(fixture->store, "pier", &stored, ok));
    assert_int_equal(stored.latest->status, STATEMENT_STATUS_USABLE);
    assert_string_equal(stored.latest->title, "New");
    assert_true(next_instant(fixture->store) == G_MAXINT64);
}

static void test_a_new_expiry_counts(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, NOW + MINUTE), NOW, RESULT_CREATED);
    expect(fixture->store, put("pier", "Old", 0, NOW + 2 * MINUTE), NOW, RESULT_UPDATED);
    assert_true(next_instant(fixture->store) == NOW + 2 * MINUTE);
    expect(fixture->store, put("pier", "Old", 0, 0), NOW, RESULT_UPDATED);
    assert_true(next_instant(fixture->store) == G_MAXINT64);
}

/* It would be due for ever. */
static void test_damaged_statement_expires_once(void **state)
{
    StoreFixture *fixture = *state;

    expect(fixture->store, put("pier", "Old", 0, NOW + MINUTE), NOW, RESULT_CREATED);
    store_fixture_run_sql(fixture->path, "UPDATE revisions SET statement = x'ff'");
    store_fixture_reopen(fixture);
    g_autoptr(Job) expired = run_due(fixture->store, NOW + MINUTE, 10);
    assert_int_equal(job_item(expired, 0)->result, RESULT_REFUSED);
    assert_null(run_due(fixture->store, NOW + MINUTE, 10));
    assert_true(next_instant(fixture->store) == G_MAXINT64);
}

static void test_the_note_of_an_expiry(void **state)
{
    g_autofree char *long_note = g_strnfill(2001, 'x');
    const struct {
        const char *note;
        const char *message; /* NULL: it is good */
    } cases[] = {
        {"This statement has expired.", NULL},
        {"", "[ingest] expiry-note: note: a withdrawal needs one: the reason, shown in place of the text"},
        {" ", "[ingest] expiry-note: note: a withdrawal needs one: the reason, shown in place of the text"},
        {long_note, "[ingest] expiry-note: note: at most 2000 characters, this one has 2001"},
        {"\xff", "[ingest] expiry-note: note: not valid UTF-8 at byte 1"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_int_equal(storing_check_note(cases[i].note, &error), cases[i].message == NULL);
        if (cases[i].message != NULL)
            assert_string_equal(error->message, cases[i].message);
    }
}

/* ---- republish ---- */

static void test_republish(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(Job) job = job_new();

    expect(fixture->store, put("pier", "Old", 0, 0), NOW, RESULT_CREATED);
    expect(fixture->store, put("quay", "Old", 0, 0), NOW, RESULT_CREATED);
    expect(fixture->store, put("pier", "New", 0, 0), NOW, RESULT_UPDATED);
    expect(fixture->store, put("later", "New", NOW + MINUTE, 0), NOW, RESULT_SCHEDULED);
    OK(store_begin(fixture->store, ok));
    OK(store_outbox_clear(fixture->store, &(StoreConfirmed){1, "pier", 1, "t", 0, 1}, ok));
    OK(store_outbox_clear(fixture->store, &(StoreConfirmed){2, "quay", 1, "t", 0, 2}, ok));
    OK(store_outbox_clear(fixture->store, &(StoreConfirmed){3, "pier", 2, "t", 0, 3}, ok));
    OK(store_commit(fixture->store, ok));
    assert_outbox(fixture->store, "");
    job->republish = true;
    run_job(fixture->store, job, NOW);
    assert_int_equal(job->republished, 2);
    assert_outbox(fixture->store, "quay/1 pier/2"); /* in the order of acceptance; nothing that is not due */
    run_job(fixture->store, job, NOW);
    assert_int_equal(job->republished, 0);
}

int main(void)
{
#define STORING_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORING_TEST(test_scheduled_due_published),
        STORING_TEST(test_a_release_is_one_transaction),
        STORING_TEST(test_the_version_grows_and_never_comes_back),
        STORING_TEST(test_rescheduled_both_ways),
        STORING_TEST(test_a_change_of_a_published_one),
        STORING_TEST(test_a_withdrawal_takes_it_along),
        STORING_TEST(test_at_once_after_all),
        STORING_TEST(test_three_thousand_at_once),
        STORING_TEST(test_those_that_were_to_come_first_do),
        STORING_TEST(test_damaged_schedule),
        STORING_TEST(test_torn_schedule),
        STORING_TEST(test_a_refused_release_is_dropped),
        STORING_TEST(test_expiry),
        STORING_TEST(test_expiry_leaves_the_schedule_alone),
        STORING_TEST(test_a_release_is_not_expired_with_its_predecessor),
        STORING_TEST(test_a_new_expiry_counts),
        STORING_TEST(test_damaged_statement_expires_once),
        cmocka_unit_test(test_the_note_of_an_expiry),
        STORING_TEST(test_republish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
