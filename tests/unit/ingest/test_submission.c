/* SPDX-License-Identifier: Apache-2.0 */
/* A body of HTML is reduced before anything is made of it: identity, comparison, storage. */
#include "unit.h"

#include "common/error.h"
#include "ingest/accept.h"

#define NOW ((Instant)1721736000 * INSTANT_SECOND)

static Statement *pier(const char *id, const char *body, int body_type)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, id);
    message_set_string(&statement->title, "The pier opens");
    message_set_string(&statement->date, "2024-07-23");
    message_set_string(&statement->body, body);
    statement->body_type = body_type;
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static void clear(Submission *submission)
{
    submission_clear(submission);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Submission, clear)

static void html_is_reduced(void **state)
{
    (void)state;
    g_auto(Submission) one =
        submission_make(SUBMISSION_POST, pier("", "<p onclick=x>a<script>b</script><p>c", BODY_TYPE_HTML));
    assert_null(one.refusal);
    assert_string_equal(one.statement->body, "<p>a</p>\n<p>c</p>");
    assert_int_equal(one.statement->body_type, BODY_TYPE_HTML);

    g_auto(Submission) other =
        submission_make(SUBMISSION_POST, pier("", "<P>a</P> <P class=y>c</P>", BODY_TYPE_HTML));
    assert_string_equal(other.statement->id, one.statement->id);
}

static void plain_text_is_left_alone(void **state)
{
    (void)state;
    static const int types[] = {BODY_TYPE_PLAIN, BODY_TYPE_UNSPECIFIED};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_auto(Submission) plain =
            submission_make(SUBMISSION_POST, pier("pier", "<p onclick=x>a &amp; b", types[i]));
        assert_string_equal(plain.statement->body, "<p onclick=x>a &amp; b");
    }
}

static void where_nothing_is_left_there_is_no_body(void **state)
{
    (void)state;
    g_auto(Submission) empty =
        submission_make(SUBMISSION_POST, pier("pier", "<script>a</script><p> </p>", BODY_TYPE_HTML));
    assert_null(empty.refusal);
    assert_string_equal(empty.statement->body, "");
    assert_int_equal(empty.statement->body_type, BODY_TYPE_UNSPECIFIED);
}

static void the_same_html_is_unchanged(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(Submission) first =
        submission_make(SUBMISSION_PUT, pier("pier", "<p>a<p>b<img src=x>", BODY_TYPE_HTML));
    AcceptDecision created = accept_submission(&(AcceptKnown){0}, &first, NOW, &error);
    assert_int_equal(created.result, RESULT_CREATED);
    AcceptKnown known = {.latest = created.revision};
    static const char *const bodies[] = {"<p>a<p>b<img src=x>", "<p>a</p>\n<p>b</p>"};
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(Submission) again = submission_make(SUBMISSION_PUT, pier("pier", bodies[i], BODY_TYPE_HTML));
        assert_int_equal(accept_submission(&known, &again, NOW, &error).result, RESULT_UNCHANGED);
    }
    statement_free(created.revision);
}

static void what_cannot_be_reduced_is_refused(void **state)
{
    (void)state;
    g_autoptr(GString) deep = g_string_new(NULL);
    for (int i = 0; i < 100000; i++)
        g_string_append(deep, "<div>");
    static const SubmissionKind kinds[] = {SUBMISSION_POST, SUBMISSION_BATCH, SUBMISSION_PUT};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(Submission) submission = submission_make(kinds[i], pier("pier", deep->str, BODY_TYPE_HTML));
        AcceptDecision decision = accept_submission(&(AcceptKnown){0}, &submission, NOW, &error);
        assert_int_equal(decision.result, RESULT_REFUSED);
        assert_null(decision.revision);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(error->message, "body: HTML with at most 256 elements within each other");
        assert_string_equal(submission.statement->body, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_is_reduced),
        cmocka_unit_test(plain_text_is_left_alone),
        cmocka_unit_test(where_nothing_is_left_there_is_no_body),
        cmocka_unit_test(the_same_html_is_unchanged),
        cmocka_unit_test(what_cannot_be_reduced_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
