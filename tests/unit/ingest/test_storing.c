/* SPDX-License-Identifier: Apache-2.0 */
/* The site's limits, where submissions of every source come through. */
#include "unit.h"

#include "common/error.h"
#include "ingest/storing.h"
#include "ingest/store_fixture.h"

#define NOW  (INT64_C(1700000000) * G_USEC_PER_SEC)
#define HOUR (INT64_C(3600) * G_USEC_PER_SEC)

static const SubmissionLimits wide = {.title = 1000, .summary = 10000, .text = 524288, .tags = 32};
static const SubmissionLimits narrow = {.title = 10, .summary = 10000, .text = 524288, .tags = 0};

static Statement *make(const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, "ferry");
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2023-11-14");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static Statement *make_withdrawal(void)
{
    Statement *statement = make("");

    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&statement->note, "By mistake.");
    return statement;
}

static void run_job(const StoreFixture *fixture, const SubmissionLimits *limits, Job *job, Instant now)
{
    g_autoptr(GError) error = NULL;

    if (!store_begin(fixture->store, &error) || !storing_run(fixture->store, limits, job, now, &error) ||
        !store_commit(fixture->store, &error))
        fail_msg("%s", error->message);
}

/* The item's result; a refusal has to be for the title. */
static AcceptResult run(const StoreFixture *fixture, const SubmissionLimits *limits, SubmissionKind kind,
                        Statement *statement)
{
    g_autoptr(Job) job = job_new();

    job_add(job, submission_make(kind, statement));
    run_job(fixture, limits, job, NOW);
    const JobItem *item = job_item(job, 0);
    if (item->result == RESULT_REFUSED) {
        assert_string_equal(item->field, "title");
        assert_true(g_error_matches(item->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
        assert_string_equal(item->refusal->message,
                            "title: at most 10 characters here ([ingest] max-title), this one has 15");
    }
    return item->result;
}

static void test_only_what_would_be_written_is_judged(void **state)
{
    StoreFixture *fixture = *state;
    static const SubmissionKind kinds[] = {SUBMISSION_POST, SUBMISSION_BATCH, SUBMISSION_PUT};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        assert_int_equal(run(fixture, &narrow, kinds[i], make("The ferry sails")), RESULT_REFUSED);
    assert_int_equal(run(fixture, &wide, SUBMISSION_POST, make("The ferry sails")), RESULT_CREATED);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        assert_int_equal(run(fixture, &narrow, kinds[i], make("The ferry sails")), RESULT_UNCHANGED);
        assert_int_equal(run(fixture, &narrow, kinds[i], make("The ferry waits")), RESULT_REFUSED);
    }
    g_auto(StoredStatement) stored = {0};
    assert_true(store_find(fixture->store, "ferry", &stored, NULL));
    assert_int_equal(stored.latest->revision, 1);
    assert_int_equal(run(fixture, &narrow, SUBMISSION_PUT, make("It sails")), RESULT_UPDATED);
}

static void test_what_was_published_can_be_withdrawn(void **state)
{
    StoreFixture *fixture = *state;
    Statement *tagged = make("The ferry sails");

    statement_add_tag(tagged, "quay");
    assert_int_equal(run(fixture, &wide, SUBMISSION_POST, tagged), RESULT_CREATED);
    assert_int_equal(run(fixture, &narrow, SUBMISSION_WITHDRAW, make_withdrawal()), RESULT_WITHDRAWN);
}

/* All of an archive's history, and once more. */
static void test_an_archive_twice(void **state)
{
    StoreFixture *fixture = *state;
    static const char *const titles[] = {"The ferry sails", "The ferry waits", "The ferry is gone"};

    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        assert_int_equal(run(fixture, &wide, SUBMISSION_BATCH, make(titles[i])),
                         i == 0 ? RESULT_CREATED : RESULT_UPDATED);
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        assert_int_equal(run(fixture, &wide, SUBMISSION_BATCH, make(titles[i])), RESULT_UNCHANGED);
    assert_int_equal(run(fixture, &wide, SUBMISSION_FEED, make(titles[0])), RESULT_UPDATED);
}

static Statement *make_scheduled(const char *title)
{
    Statement *statement = make(title);

    statement->publish_at = instant_to_timestamp(NOW + HOUR);
    return statement;
}

/* A schedule is judged when it is made, and kept as it was acknowledged. */
static void test_what_is_scheduled(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(Job) due = NULL;

    assert_int_equal(run(fixture, &narrow, SUBMISSION_POST, make_scheduled("The ferry sails")),
                     RESULT_REFUSED);
    assert_true(storing_due(fixture->store, NOW + HOUR, 10, "Expired.", &due, NULL));
    assert_null(due);
    assert_int_equal(run(fixture, &wide, SUBMISSION_POST, make_scheduled("The ferry sails")),
                     RESULT_SCHEDULED);
    assert_true(storing_due(fixture->store, NOW + HOUR, 10, "Expired.", &due, NULL));
    assert_non_null(due);
    run_job(fixture, &narrow, due, NOW + HOUR);
    assert_int_equal(job_item(due, 0)->result, RESULT_CREATED);
    assert_string_equal(job_item(due, 0)->latest->title, "The ferry sails");
}

int main(void)
{
#define STORING_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORING_TEST(test_only_what_would_be_written_is_judged),
        STORING_TEST(test_what_was_published_can_be_withdrawn),
        STORING_TEST(test_an_archive_twice),
        STORING_TEST(test_what_is_scheduled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
