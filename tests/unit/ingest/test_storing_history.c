/* SPDX-License-Identifier: Apache-2.0 */
/* What repeats an earlier revision, of long histories. store_revision() is wrapped by the linker, so that the revisions
 * that are read can be counted. */
#include "unit.h"

#include "common/error.h"
#include "ingest/storing.h"
#include "ingest/store_fixture.h"

#define NOW    (INT64_C(1700000000) * G_USEC_PER_SEC)
#define ROUNDS 1500
#define TEXTS  40

static const SubmissionLimits wide = {.title = 1000, .summary = 10000, .text = 524288, .tags = 32};
static unsigned reads;

Statement *__real_store_revision(Store *store, const char *id, uint32_t revision, GError **error);
Statement *__wrap_store_revision(Store *store, const char *id, uint32_t revision, GError **error);

Statement *__wrap_store_revision(Store *store, const char *id, uint32_t revision, GError **error)
{
    reads++;
    return __real_store_revision(store, id, revision, error);
}

typedef struct {
    SubmissionKind kind;
    unsigned id, text, note;
    Daywire__V1__StatementChange change;
} Wish;

static Submission submission_of(const Wish *wish)
{
    g_autofree char *id = g_strdup_printf("ferry-%u", wish->id);
    g_autofree char *title = g_strdup_printf("The ferry sails at %u", wish->text);
    g_autofree char *note = g_strdup_printf("Note %u.", wish->note);
    Statement *statement = statement_new();
    bool withdraws = wish->kind == SUBMISSION_WITHDRAW;

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, withdraws ? NULL : title);
    message_set_string(&statement->note, wish->change == STATEMENT_CHANGE_UNSPECIFIED ? NULL : note);
    message_set_string(&statement->date, "2023-11-14");
    statement->status = withdraws ? STATEMENT_STATUS_WITHDRAWN : STATEMENT_STATUS_USABLE;
    statement->change = wish->change;
    return submission_make(wish->kind, statement);
}

static Job *job_of(const Wish *wishes, unsigned count)
{
    Job *job = job_new();

    for (unsigned i = 0; i < count; i++)
        job_add(job, submission_of(&wishes[i]));
    return job;
}

static void run(const StoreFixture *fixture, Job *job, bool good)
{
    OK(store_begin(fixture->store, ok));
    OK(storing_run(fixture->store, &wide, job, NOW, ok));
    if (good)
        OK(store_commit(fixture->store, ok));
    else
        store_rollback(fixture->store);
}

/* `count` revisions of one statement, as an archive has them; how many were written. */
static unsigned import(const StoreFixture *fixture, unsigned count)
{
    g_autoptr(Job) job = job_new();
    unsigned written = 0;

    for (unsigned i = 0; i < count; i++)
        job_add(job, submission_of(&(Wish){.kind = SUBMISSION_BATCH, .text = i}));
    run(fixture, job, true);
    for (unsigned i = 0; i < count; i++) {
        AcceptResult result = job_item(job, i)->result;
        assert_true(result == RESULT_CREATED || result == RESULT_UPDATED || result == RESULT_UNCHANGED);
        written += result != RESULT_UNCHANGED;
    }
    return written;
}

static void test_an_import_reads_a_history_once(void **state)
{
    const StoreFixture *fixture = *state;

    reads = 0;
    assert_int_equal(import(fixture, 5000), 5000);
    assert_true(reads < 100);
    reads = 0;
    assert_int_equal(import(fixture, 5000), 0);
    assert_in_range(reads, 4999, 5100);
}

static void test_a_second_import_changes_nothing(void **state)
{
    StoreFixture *fixture = *state;

    assert_int_equal(import(fixture, 1500), 1500);
    assert_int_equal(import(fixture, 1500), 0);
    store_fixture_reopen(fixture);
    assert_int_equal(import(fixture, 1500), 0);
}

static void test_what_was_rolled_back_is_not_remembered(void **state)
{
    const StoreFixture *fixture = *state;
    const Wish wishes[] = {{SUBMISSION_BATCH, 0, 70, 0, 0}, {SUBMISSION_BATCH, 0, 71, 0, 0}};
    g_autoptr(Job) lost = job_of(wishes, 2);

    assert_int_equal(import(fixture, 30), 30);
    assert_int_equal(import(fixture, 30), 0);
    run(fixture, lost, false);
    assert_int_equal(job_item(lost, 1)->result, RESULT_UPDATED);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(Job) job = job_of(wishes, 2);
        run(fixture, job, true);
        for (unsigned k = 0; k < 2; k++)
            assert_int_equal(job_item(job, k)->result, i == 0 ? RESULT_UPDATED : RESULT_UNCHANGED);
    }
}

/* The same two texts again and again, with a note that is always another; another text is the last. */
static void test_texts_that_come_back_are_told_by_their_note(void **state)
{
    const StoreFixture *fixture = *state;
    const unsigned count = 1000;

    for (unsigned again = 0; again < 2; again++) {
        g_autoptr(Job) job = job_new();
        for (unsigned i = 0; i < count; i++)
            job_add(job, submission_of(&(Wish){SUBMISSION_BATCH, 0, i == count - 1 ? 2 : i % 2, i,
                                               i ? STATEMENT_CHANGE_CORRECTED : 0}));
        reads = 0;
        run(fixture, job, true);
        assert_true(reads < count + 100);
        for (unsigned i = 1; i < count; i++)
            assert_int_equal(job_item(job, i)->result, again ? RESULT_UNCHANGED : RESULT_UPDATED);
    }
}

/* Only what needs the damaged revision fails. */
static void test_a_damaged_revision(void **state)
{
    const StoreFixture *fixture = *state;
    static const struct {
        unsigned text;
        AcceptResult result;
    } cases[] = {{25, RESULT_UNCHANGED}, {15, RESULT_REFUSED}, {99, RESULT_REFUSED}, {29, RESULT_UNCHANGED}};

    assert_int_equal(import(fixture, 30), 30);
    store_rollback(fixture->store); /* which forgets the history */
    store_fixture_run_sql(fixture->path, "UPDATE revisions SET statement = x'ff' WHERE revision = 20");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Job) job = job_of(&(Wish){.kind = SUBMISSION_BATCH, .text = cases[i].text}, 1);
        run(fixture, job, true);
        assert_int_equal(job_item(job, 0)->result, cases[i].result);
        if (cases[i].result == RESULT_REFUSED)
            assert_true(g_error_matches(job_item(job, 0)->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED));
    }
}

/* ---- against the rule itself ---- */

/* What comes of a submission when all earlier revisions are read. */
static AcceptResult expected_result(Store *store, const Wish *wish)
{
    Submission submission = submission_of(wish);
    g_auto(StoredStatement) stored = {0};
    g_autoptr(Statement) repeated = NULL;
    AcceptKnown known = {0};

    if (store_find(store, submission.statement->id, &stored, NULL) && stored.latest &&
        accept_may_repeat(stored.latest, &submission))
        for (uint32_t number = stored.latest->revision - 1; number > 0 && !repeated; number--) {
            g_autoptr(Statement) revision = __real_store_revision(store, stored.latest->id, number, NULL);
            if (accept_repeats(revision, stored.latest, &submission))
                repeated = g_steal_pointer(&revision);
        }
    known.latest = stored.latest;
    known.repeated = repeated;
    AcceptDecision decision = accept_submission(&known, &submission, NOW, NULL);
    statement_free(decision.revision);
    submission_clear(&submission);
    return decision.result;
}

static Wish random_wish(void)
{
    static const SubmissionKind kinds[] = {SUBMISSION_BATCH, SUBMISSION_BATCH, SUBMISSION_BATCH,
                                           SUBMISSION_PUT,   SUBMISSION_FEED,  SUBMISSION_WITHDRAW};
    static const Daywire__V1__StatementChange changes[] = {
        STATEMENT_CHANGE_UNSPECIFIED, STATEMENT_CHANGE_CORRECTED, STATEMENT_CHANGE_PUBLISHED};
    Wish wish = {.kind = kinds[g_random_int_range(0, G_N_ELEMENTS(kinds))],
                 .id = (unsigned)g_random_int_range(0, 3),
                 .text = (unsigned)g_random_int_range(0, TEXTS),
                 .note = (unsigned)g_random_int_range(0, 3),
                 .change = changes[g_random_int_range(0, G_N_ELEMENTS(changes))]};

    if (wish.kind == SUBMISSION_WITHDRAW)
        wish.change = STATEMENT_CHANGE_WITHDRAWN;
    return wish;
}

static void test_random_histories(void **state)
{
    const StoreFixture *fixture = *state;

    g_random_set_seed(1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const Wish wish = random_wish();
        AcceptResult expected = expected_result(fixture->store, &wish);
        g_autoptr(Job) job = job_of(&wish, 1);
        run(fixture, job, g_random_int_range(0, 20) > 0);
        if (job_item(job, 0)->result != expected)
            fail_msg("round %u: kind %d, text %u, note %u, change %d: %d in place of %d", round, wish.kind,
                     wish.text, wish.note, wish.change, job_item(job, 0)->result, expected);
    }
}

int main(void)
{
#define STORING_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORING_TEST(test_an_import_reads_a_history_once),
        STORING_TEST(test_a_second_import_changes_nothing),
        STORING_TEST(test_what_was_rolled_back_is_not_remembered),
        STORING_TEST(test_texts_that_come_back_are_told_by_their_note),
        STORING_TEST(test_a_damaged_revision),
        STORING_TEST(test_random_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
