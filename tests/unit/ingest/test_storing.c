/* SPDX-License-Identifier: Apache-2.0 */
/* The site's limits, where submissions of every source come through. */
#include "unit.h"

#include "common/error.h"
#include "ingest/storing.h"
#include "ingest/store/feeds.h"
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

/* ---- feeds beside what is scheduled ---- */

/* "d1" is what the feed said before, "d2" what it says now. */
static Job *make_feed_job(const char *title, bool again, uint32_t offered_at)
{
    Job *job = job_new();
    FeedKnown *known = g_new0(FeedKnown, 1);
    Submission submission = submission_make(SUBMISSION_FEED, make(title));

    submission.offered_again = again;
    submission.offered_at = offered_at;
    job_add(job, submission);
    *known = (FeedKnown){.guid = g_strdup("ferry"),
                         .link = g_strdup(""),
                         .id = g_strdup("ferry"),
                         .title = g_strdup(title),
                         .date = g_strdup("2023-11-14"),
                         .digest = g_strdup("d2"),
                         .before = g_strdup("d1")};
    job->feed = feed_changes_new("harbour");
    g_ptr_array_add(job->feed->items, known);
    job->feed->state = feed_state_new("harbour", "https://example.org/feed");
    feed_state_set(&job->feed->state->etag, "\"1\"");
    feed_state_set(&job->feed->state->last_modified, "yesterday");
    feed_state_set(&job->feed->state->digest, "document");
    return job;
}

/* The result; *ret_withheld: it and the document will be looked at again, and not otherwise. */
static AcceptResult run_feed(const StoreFixture *fixture, const char *title, bool again, uint32_t offered_at,
                             bool *ret_withheld)
{
    g_autoptr(Job) job = make_feed_job(title, again, offered_at);
    FeedReader *reader = NULL;
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);

    run_job(fixture, &wide, job, NOW);
    OK(reader = feed_reader_open(fixture->path, ok));
    g_autoptr(FeedState) state = feed_reader_state(reader, "harbour", NULL);
    OK(feed_reader_known(reader, FEED_BY_GUID, "harbour", "ferry", known, ok));
    feed_reader_close(reader);
    const FeedKnown *item = g_ptr_array_index(known, 0);
    *ret_withheld = item->withheld != NULL;
    assert_string_equal(item->digest, *ret_withheld ? "d1" : "d2");
    assert_string_equal(state->digest, *ret_withheld ? "" : "document");
    assert_string_equal(state->etag, *ret_withheld ? "" : "\"1\"");
    assert_string_equal(state->last_modified, *ret_withheld ? "" : "yesterday");
    if (*ret_withheld)
        assert_string_equal(item->withheld, "d2");
    return job_item(job, 0)->result;
}

static void test_a_feed_waits_for_what_is_scheduled(void **state)
{
    static const struct {
        const char *name;
        SubmissionKind end;
        AcceptResult result;
        const char *title; /* in the end */
    } cases[] = {
        {"cancelled", SUBMISSION_CANCEL, RESULT_UPDATED, "The ferry is late"},
        {"withdrawn", SUBMISSION_WITHDRAW, RESULT_UNCHANGED, ""},
        {"due", SUBMISSION_PUT, RESULT_UNCHANGED, "The ferry waits"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        StoreFixture *fixture = *state;
        bool withheld = false;
        g_auto(StoredStatement) stored = {0};
        assert_int_equal(run_feed(fixture, "The ferry sails", false, 0, &withheld), RESULT_CREATED);
        assert_false(withheld);
        assert_int_equal(run(fixture, &wide, SUBMISSION_PUT, make_scheduled("The ferry waits")),
                         RESULT_SCHEDULED);
        for (unsigned k = 0; k < 2; k++) {
            assert_int_equal(run_feed(fixture, "The ferry is late", k > 0, 1, &withheld), RESULT_REFUSED);
            assert_true(withheld);
        }
        if (cases[i].end == SUBMISSION_PUT) {
            g_autoptr(Job) due = NULL;
            OK(storing_due(fixture->store, NOW + HOUR, 10, "Expired.", &due, ok));
            run_job(fixture, &wide, due, NOW + HOUR);
        } else {
            (void)run(fixture, &wide, cases[i].end, make_withdrawal());
        }
        assert_int_equal(run_feed(fixture, "The ferry is late", true, 1, &withheld), cases[i].result);
        assert_false(withheld);
        OK(store_find(fixture->store, "ferry", &stored, ok));
        assert_string_equal(stored.latest->title, cases[i].title);
        store_fixture_teardown(state);
        store_fixture_setup(state);
    }
}

/* It is decided: the feed is not asked for it again. */
static void test_a_feed_does_not_wait_for_a_withdrawal(void **state)
{
    StoreFixture *fixture = *state;
    bool withheld = false;

    assert_int_equal(run_feed(fixture, "The ferry sails", false, 0, &withheld), RESULT_CREATED);
    assert_int_equal(run(fixture, &wide, SUBMISSION_PUT, make("The ferry waits")), RESULT_UPDATED);
    assert_int_equal(run(fixture, &wide, SUBMISSION_WITHDRAW, make_withdrawal()), RESULT_WITHDRAWN);
    assert_int_equal(run_feed(fixture, "The ferry sails", false, 0, &withheld), RESULT_REFUSED);
    assert_false(withheld);
}

int main(void)
{
#define STORING_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORING_TEST(test_only_what_would_be_written_is_judged),
        STORING_TEST(test_what_was_published_can_be_withdrawn),
        STORING_TEST(test_an_archive_twice),
        STORING_TEST(test_what_is_scheduled),
        STORING_TEST(test_a_feed_waits_for_what_is_scheduled),
        STORING_TEST(test_a_feed_does_not_wait_for_a_withdrawal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
