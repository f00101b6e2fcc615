/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "ingest/accept.h"

#define NOW (INT64_C(1700000000) * INSTANT_SECOND)

static Statement *text(const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static Statement *known_text(const char *title, uint32_t revision)
{
    Statement *statement = text("pier", title);

    statement->revision = revision;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    statement->updated_at = instant_to_timestamp(NOW - INSTANT_SECOND);
    return statement;
}

static Statement *known_withdrawal(uint32_t revision)
{
    Statement *statement = known_text("", revision);

    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&statement->note, "Printed by mistake.");
    return statement;
}

typedef struct {
    AcceptResult result;
    Statement *revision;
    bool drop_scheduled;
    GError *error;
} Outcome;

static Outcome accept_known(const AcceptKnown *known, Submission submission)
{
    Outcome outcome = {0};
    AcceptDecision decision = accept_submission(known, &submission, NOW, &outcome.error);

    outcome.result = decision.result;
    outcome.revision = decision.revision;
    outcome.drop_scheduled = decision.drop_scheduled;
    assert_int_equal(outcome.result == RESULT_REFUSED, outcome.error != NULL);
    assert_int_equal(outcome.revision != NULL, outcome.result == RESULT_CREATED ||
                                                   outcome.result == RESULT_UPDATED ||
                                                   outcome.result == RESULT_WITHDRAWN);
    submission_clear(&submission);
    return outcome;
}

/* With `earlier` as the one revision before the latest. */
static Outcome accept_with(const Statement *latest, const Statement *earlier, Submission submission)
{
    bool repeated = earlier != NULL && accept_may_repeat(latest, &submission) &&
                    accept_repeats(earlier, latest, &submission);

    return accept_known(&(AcceptKnown){.latest = latest, .repeated = repeated ? earlier : NULL}, submission);
}

static void outcome_clear(Outcome *outcome)
{
    statement_free(outcome->revision);
    g_clear_error(&outcome->error);
}

static void assert_revision(const Outcome *outcome, AcceptResult result, unsigned revision, int change)
{
    assert_int_equal(outcome->result, result);
    assert_int_equal(outcome->revision->revision, revision);
    assert_int_equal(outcome->revision->change, change);
    assert_true(instant_from_timestamp(outcome->revision->updated_at) == NOW);
}

static void test_new_statements(void **state)
{
    static const int wishes[] = {STATEMENT_CHANGE_UNSPECIFIED, STATEMENT_CHANGE_PUBLISHED,
                                 STATEMENT_CHANGE_UPDATED, STATEMENT_CHANGE_CORRECTED};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(wishes); i++) {
        Statement *statement = text("pier", "The pier opens");
        statement->change = wishes[i];
        statement->revision = 7;
        Outcome outcome = accept_with(NULL, NULL, submission_make(SUBMISSION_POST, statement));
        assert_revision(&outcome, RESULT_CREATED, 1, STATEMENT_CHANGE_PUBLISHED);
        assert_string_equal(outcome.revision->title, "The pier opens");
        outcome_clear(&outcome);
    }
}

static void test_same_content_is_no_event(void **state)
{
    g_autoptr(Statement) latest = known_text("The pier opens", 3);
    static const SubmissionKind kinds[] = {SUBMISSION_POST, SUBMISSION_BATCH, SUBMISSION_PUT};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Outcome outcome =
            accept_with(latest, NULL, submission_make(kinds[i], text("pier", "The pier opens")));
        assert_int_equal(outcome.result, RESULT_UNCHANGED);
        outcome_clear(&outcome);
    }
}

static void test_changed_content(void **state)
{
    g_autoptr(Statement) latest = known_text("The pier opens", 3);
    Outcome outcome =
        accept_with(latest, NULL, submission_make(SUBMISSION_POST, text("pier", "The pier is open")));

    (void)state;
    assert_revision(&outcome, RESULT_UPDATED, 4, STATEMENT_CHANGE_UPDATED);
    outcome_clear(&outcome);

    Statement *correction = text("pier", "The pier is closed");
    correction->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&correction->note, "It is closed.");
    outcome = accept_with(latest, NULL, submission_make(SUBMISSION_PUT, correction));
    assert_revision(&outcome, RESULT_UPDATED, 4, STATEMENT_CHANGE_CORRECTED);
    assert_string_equal(outcome.revision->note, "It is closed.");
    outcome_clear(&outcome);
}

static void test_correction_by_its_note_alone(void **state)
{
    g_autoptr(Statement) latest = known_text("The pier opens", 3);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        Statement *correction = text("pier", "The pier opens");
        correction->change = STATEMENT_CHANGE_CORRECTED;
        message_set_string(&correction->note, "An earlier version had the wrong date.");
        Outcome outcome = accept_with(latest, NULL, submission_make(SUBMISSION_PUT, correction));
        if (i == 0) {
            assert_revision(&outcome, RESULT_UPDATED, 4, STATEMENT_CHANGE_CORRECTED);
            statement_free(latest);
            latest = g_steal_pointer(&outcome.revision);
        } else {
            assert_int_equal(outcome.result, RESULT_UNCHANGED);
        }
        outcome_clear(&outcome);
    }
}

static void test_correction_of_nothing(void **state)
{
    Statement *correction = text("peir", "The pier opens");

    (void)state;
    correction->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&correction->note, "At nine.");
    Outcome outcome = accept_with(NULL, NULL, submission_make(SUBMISSION_PUT, correction));
    assert_true(g_error_matches(outcome.error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
    outcome_clear(&outcome);
}

static void test_text_without_id_does_not_undo_a_correction(void **state)
{
    Submission submission = submission_make(SUBMISSION_BATCH, text("", "The pier opens at ten"));
    g_autoptr(Statement) latest = known_text("The pier opens at nine", 2);

    (void)state;
    assert_true(submission.id_derived);
    message_set_string(&latest->id, submission.statement->id);
    Outcome outcome = accept_with(latest, NULL, submission);
    assert_int_equal(outcome.result, RESULT_UNCHANGED);
    outcome_clear(&outcome);
}

static Submission withdrawal(void)
{
    Statement *wish = text("pier", "");

    wish->status = STATEMENT_STATUS_WITHDRAWN;
    wish->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&wish->note, "It never happened.");
    return submission_make(SUBMISSION_WITHDRAW, wish);
}

static void test_withdrawal_leaves_no_text(void **state)
{
    g_autoptr(Statement) latest = known_text("The pier opens", 3);

    (void)state;
    message_set_string(&latest->summary, "s");
    message_set_string(&latest->body, "b");
    message_set_string(&latest->url, "https://www.example.org/the-pier-opens");
    message_set_string(&latest->source, "press-office");
    message_set_string(&latest->note, "old");
    latest->body_type = BODY_TYPE_PLAIN;
    statement_add_tag(latest, "harbour");
    Outcome outcome = accept_with(latest, NULL, withdrawal());
    assert_revision(&outcome, RESULT_WITHDRAWN, 4, STATEMENT_CHANGE_WITHDRAWN);
    assert_int_equal(outcome.revision->status, STATEMENT_STATUS_WITHDRAWN);
    assert_string_equal(outcome.revision->note, "It never happened.");
    assert_string_equal(outcome.revision->title, "");
    assert_string_equal(outcome.revision->summary, "");
    assert_string_equal(outcome.revision->body, "");
    assert_string_equal(outcome.revision->url, "");
    assert_int_equal(outcome.revision->body_type, BODY_TYPE_UNSPECIFIED);
    /* What it is filtered by stays. */
    assert_string_equal(outcome.revision->source, "press-office");
    assert_string_equal(outcome.revision->date, "2021-07-23");
    assert_int_equal(outcome.revision->n_tags, 1);
    outcome_clear(&outcome);
}

static void test_withdrawal_of_nothing_and_twice(void **state)
{
    g_autoptr(Statement) withdrawn = known_withdrawal(4);
    Outcome outcome = accept_with(NULL, NULL, withdrawal());

    (void)state;
    assert_true(g_error_matches(outcome.error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
    outcome_clear(&outcome);
    outcome = accept_with(withdrawn, NULL, withdrawal());
    assert_int_equal(outcome.result, RESULT_UNCHANGED);
    outcome_clear(&outcome);
}

static void test_withdrawn_comes_back_when_meant(void **state)
{
    g_autoptr(Statement) withdrawn = known_withdrawal(4);
    g_autoptr(Statement) previous = known_text("The pier opens", 3);
    const struct {
        SubmissionKind kind;
        const char *title;
        int wish;
        bool comes_back;
    } cases[] = {
        {SUBMISSION_POST, "The pier opens", STATEMENT_CHANGE_UNSPECIFIED, true},
        {SUBMISSION_PUT, "The pier opens", STATEMENT_CHANGE_UNSPECIFIED, true},
        {SUBMISSION_BATCH, "The pier opens", STATEMENT_CHANGE_UNSPECIFIED, false},
        {SUBMISSION_BATCH, "The pier opens", STATEMENT_CHANGE_PUBLISHED, true},
        {SUBMISSION_BATCH, "The pier opens", STATEMENT_CHANGE_UPDATED, false},
        {SUBMISSION_BATCH, "Another text", STATEMENT_CHANGE_UNSPECIFIED, true},
        {SUBMISSION_FEED, "The pier opens", STATEMENT_CHANGE_UNSPECIFIED, false},
        {SUBMISSION_FEED, "Another text", STATEMENT_CHANGE_UNSPECIFIED, true},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Statement *statement = text("pier", cases[i].title);
        statement->change = cases[i].wish;
        Outcome outcome = accept_with(withdrawn, previous, submission_make(cases[i].kind, statement));
        if (cases[i].comes_back) {
            assert_revision(&outcome, RESULT_UPDATED, 5, STATEMENT_CHANGE_PUBLISHED);
            assert_int_equal(outcome.revision->status, STATEMENT_STATUS_USABLE);
        } else {
            assert_true(g_error_matches(outcome.error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
            assert_non_null(strstr(outcome.error->message, "Printed by mistake."));
        }
        outcome_clear(&outcome);
    }
}

/* Revision 3 says "It opens", revision 4 "It is open". */
static void test_an_archive_tells_again_what_was(void **state)
{
    static const struct {
        SubmissionKind kind;
        int change;
        const char *note;
        AcceptResult result;
    } cases[] = {
        {SUBMISSION_BATCH, STATEMENT_CHANGE_UNSPECIFIED, NULL, RESULT_UNCHANGED},
        {SUBMISSION_BATCH, STATEMENT_CHANGE_CORRECTED, "It opens.", RESULT_UNCHANGED},
        {SUBMISSION_BATCH, STATEMENT_CHANGE_CORRECTED, "It does open.", RESULT_UPDATED},
        {SUBMISSION_BATCH, STATEMENT_CHANGE_UPDATED, NULL, RESULT_UPDATED},
        {SUBMISSION_FEED, STATEMENT_CHANGE_UNSPECIFIED, NULL, RESULT_UPDATED},
        {SUBMISSION_POST, STATEMENT_CHANGE_UNSPECIFIED, NULL, RESULT_UPDATED},
        {SUBMISSION_PUT, STATEMENT_CHANGE_UNSPECIFIED, NULL, RESULT_UPDATED},
    };
    g_autoptr(Statement) latest = known_text("It is open", 4);
    g_autoptr(Statement) earlier = known_text("It opens", 3);

    (void)state;
    earlier->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&earlier->note, "It opens.");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Statement *wish = text("pier", "It opens");
        wish->change = cases[i].change;
        message_set_string(&wish->note, cases[i].note);
        Outcome outcome = accept_with(latest, earlier, submission_make(cases[i].kind, wish));
        assert_int_equal(outcome.result, cases[i].result);
        outcome_clear(&outcome);
    }
}

static void test_text_without_id_does_not_undo_a_withdrawal(void **state)
{
    Submission submission = submission_make(SUBMISSION_POST, text("", "The pier opens"));
    g_autoptr(Statement) withdrawn = known_withdrawal(2);

    (void)state;
    message_set_string(&withdrawn->id, submission.statement->id);
    Outcome outcome = accept_with(withdrawn, NULL, submission);
    assert_true(g_error_matches(outcome.error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
    outcome_clear(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_statements),
        cmocka_unit_test(test_same_content_is_no_event),
        cmocka_unit_test(test_changed_content),
        cmocka_unit_test(test_correction_by_its_note_alone),
        cmocka_unit_test(test_correction_of_nothing),
        cmocka_unit_test(test_text_without_id_does_not_undo_a_correction),
        cmocka_unit_test(test_withdrawal_leaves_no_text),
        cmocka_unit_test(test_withdrawal_of_nothing_and_twice),
        cmocka_unit_test(test_withdrawn_comes_back_when_meant),
        cmocka_unit_test(test_an_archive_tells_again_what_was),
        cmocka_unit_test(test_text_without_id_does_not_undo_a_withdrawal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
