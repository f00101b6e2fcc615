/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/statement_rules.h"
#include "ingest/submission_limits.h"

static Statement *make(const char *title, const char *summary, const char *body, unsigned tags)
{
    Statement *statement = statement_new();

    message_set_string(&statement->title, title);
    message_set_string(&statement->summary, summary);
    message_set_string(&statement->body, body);
    for (unsigned i = 0; i < tags; i++)
        statement_add_tag(statement, "quay");
    return statement;
}

static void test_table(void **state)
{
    static const SubmissionLimits limits = {.title = 5, .summary = 6, .text = 7, .tags = 2};
    static const struct {
        const char *title, *summary, *body;
        unsigned tags;
        const char *field, *message;
    } cases[] = {
        {"quays", "ferry!", "harbour", 2, NULL, NULL},
        {"qu\xc3\xa1ys", "f\xe2\x82\xacrry!", "", 0, NULL, NULL}, /* characters, not bytes */
        {"ferry!", "", "", 0, "title",
         "title: at most 5 characters here ([ingest] max-title), this one has 6"},
        {"a", "harbour", "", 0, "summary",
         "summary: at most 6 characters here ([ingest] max-summary), this one has 7"},
        {"a", "", "harb\xc3\xb3ur", 0, "body",
         "body: at most 7 bytes here ([ingest] max-text), this one has 8"},
        {"a", "", "", 3, "tags", "tags: at most 2 here ([ingest] max-tags), this one has 3"},
        {"ferry!", "harbour", "harbours", 3, "title",
         "title: at most 5 characters here ([ingest] max-title), this one has 6"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        const char *field = NULL;
        Statement *statement = make(cases[i].title, cases[i].summary, cases[i].body, cases[i].tags);
        assert_int_equal(submission_limits_check(&limits, statement, &field, &error), cases[i].field == NULL);
        if (cases[i].field) {
            assert_string_equal(field, cases[i].field);
            assert_string_equal(error->message, cases[i].message);
            assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
        }
        statement_free(statement);
    }
}

static void test_withdrawals_are_never_refused(void **state)
{
    static const SubmissionLimits limits = {.title = 1};
    Statement *statement = make("", "", "", 32);
    const char *field = NULL;

    (void)state;
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    assert_true(submission_limits_check(&limits, statement, &field, NULL));
    statement_free(statement);
}

/* The defaults are the protocol's bounds, and no option goes beyond them. */
static void test_options(void **state)
{
    static const struct {
        const char *variable;
        const char *allowed;
    } beyond[] = {{"DAYWIRE_INGEST_MAX_TITLE=1001", "1 to 1000"},
                  {"DAYWIRE_INGEST_MAX_SUMMARY=10001", "0 to 10000"},
                  {"DAYWIRE_INGEST_MAX_TEXT=513K", "0 to 512K"},
                  {"DAYWIRE_INGEST_MAX_TAGS=33", "0 to 32"}};
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(NULL, (char *[]){NULL}, &error);
    SubmissionLimits limits = submission_limits_read(config);

    (void)state;
    assert_int_equal(limits.title, STATEMENT_TITLE_MAX);
    assert_int_equal(limits.summary, STATEMENT_SUMMARY_MAX);
    assert_int_equal(limits.text, STATEMENT_BODY_MAX);
    assert_int_equal(limits.tags, STATEMENT_TAGS_MAX);
    for (size_t i = 0; i < G_N_ELEMENTS(beyond); i++) {
        g_autoptr(GError) refusal = NULL;
        assert_null(config_load(NULL, (char *[]){(char *)beyond[i].variable, NULL}, &refusal));
        if (!strstr(refusal->message, beyond[i].allowed))
            fail_msg("%s", refusal->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_withdrawals_are_never_refused),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
