/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <jansson.h>

#include "cli/commands.h"
#include "cli/fake_ingest.h"

#define STORED                                                                                               \
    "{\"id\":\"harbour-1\",\"revision\":2,\"status\":\"%s\",\"change\":\"published\",\"note\":null,"         \
    "\"title\":\"The harbour opens\",\"summary\":\"At "                                                      \
    "ten.\",\"body\":\"One.\",\"body_type\":\"text/plain\","                                                 \
    "\"language\":\"en\",\"url\":null,\"source\":null,\"kind\":null,\"tags\":[\"harbour\"],\"author\":null," \
    "\"place\":null,\"date\":\"2021-07-23\",\"published_at\":null,\"updated_at\":\"2021-07-23T10:00:00Z\"}"

typedef struct {
    GString *requests; /* "METHOD PATH wait=WAIT BODY" a line, without GETs */
    const char *status;
    int refusal;
    bool slow;             /* the broker is not there in time */
    const char *state;     /* of what a GET finds */
    const char *scheduled; /* its instant; NULL: nothing */
    const char *result;
    GString *conditions; /* If-Match of each request, a line each */
} Script;

static int answer(const FakeRequest *request, GString *body, void *user)
{
    Script *script = user;
    bool get = strcmp(request->method, "GET") == 0;
    if (get && strcmp(request->path, "/v1/statements/harbour-1") != 0) {
        g_string_append(body, "there is no statement with this id");
        return 404;
    }
    g_string_append_printf(script->conditions, "%s\n", request->if_match);
    if (!get)
        g_string_append_printf(script->requests, "%s %s wait=%s %s\n", request->method, request->path,
                               request->wait, request->body);
    if (!get && script->refusal) {
        g_string_append(body, "tags: none twice");
        return script->refusal;
    }
    g_string_append_c(body, '{');
    if (!get)
        g_string_append_printf(
            body, "\"id\":\"harbour-1\",\"revision\":%u,\"result\":\"%s\",\"change\":\"corrected\",",
            strcmp(script->state, "scheduled") == 0 ? 0 : 2, script->result);
    if (script->scheduled)
        g_string_append_printf(body, "\"scheduled\":{\"publish_at\":\"%s\"},", script->scheduled);
    g_string_append_printf(body,
                           "\"state\":\"%s\",\"topic\":\"daywire.statements\",\"partition\":0,\"offset\":7,"
                           "\"statement\":",
                           script->state);
    g_string_append_printf(body, STORED "}", script->status);
    return get ? 200 : script->slow || strcmp(script->result, "scheduled") == 0 ? 202 : 201;
}

typedef struct {
    Script script;
    FakeIngest *fake;
    Printed printed;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->script = (Script){.requests = g_string_new(NULL),
                               .conditions = g_string_new(NULL),
                               .status = "usable",
                               .state = "published",
                               .result = "updated"};
    fixture->fake = fake_ingest_start(answer, &fixture->script);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    fake_ingest_stop(fixture->fake);
    g_string_free(fixture->script.requests, TRUE);
    g_string_free(fixture->script.conditions, TRUE);
    printed_clear(&fixture->printed);
    g_free(fixture);
    return 0;
}

/* With --server and --token-file added. */
static int run(Fixture *fixture, int (*command)(int, char **), const char *const *arguments)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    for (const char *const *argument = arguments; *argument; argument++)
        g_strv_builder_add(argv, *argument);
    g_strv_builder_add(argv, "--server");
    g_strv_builder_add(argv, fake_ingest_address(fixture->fake));
    g_strv_builder_add(argv, "--token-file");
    g_strv_builder_add(argv, fake_ingest_token_file(fixture->fake));
    g_auto(GStrv) all = g_strv_builder_end(argv);
    return run_command(command, (const char *const *)all, &fixture->printed);
}

#define RUN(command_, ...) run(fixture, command_, (const char *const[]){__VA_ARGS__, NULL})

static void publish_sends_all_fields(void **state)
{
    Fixture *fixture = *state;
    int status = RUN(command_publish, "publish", "--id", "harbour-1", "--title", "Öffnung  ", "--summary",
                     "Kurz", "--body", "One.\n\nTwo.", "--date", "2021-07-23", "--published-at",
                     "2021-07-23T12:00:00+02:00", "--language", "de", "--url", "https://example.org/1",
                     "--source", "press-office", "--kind", "comment", "--tag", "harbour", "--tag",
                     "opening hours", "--author", "A. Writer", "--place", "Oslo", "--wait");
    assert_string_equal(fixture->printed.err, "");
    assert_int_equal(status, 0);
    assert_string_equal(fixture->printed.out, "harbour-1, revision 2: corrected, on the topic\n");
    assert_string_equal(
        fixture->script.requests->str,
        "POST /v1/statements wait=published "
        "{\"id\":\"harbour-1\",\"status\":\"usable\",\"change\":null,"
        "\"note\":null,\"title\":\"Öffnung\",\"summary\":\"Kurz\",\"body\":\"One.\\n\\nTwo.\","
        "\"body_type\":\"text/plain\",\"language\":\"de\",\"url\":\"https://example.org/1\","
        "\"source\":\"press-office\",\"kind\":\"comment\",\"tags\":[\"harbour\",\"opening hours\"],"
        "\"author\":\"A. Writer\",\"place\":\"Oslo\",\"date\":\"2021-07-23\","
        "\"published_at\":\"2021-07-23T12:00:00+02:00\"}\n");
}

static void a_body_may_come_from_a_file(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_strconcat(fake_ingest_token_file(fixture->fake), ".txt", NULL);
    assert_true(g_file_set_contents(path, "One.\r\n\r\nTwo.\r\n", -1, NULL));
    assert_int_equal(
        RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--body-file", path), 0);
    assert_non_null(strstr(fixture->script.requests->str, "\"body\":\"One.\\n\\nTwo.\""));
    assert_true(g_file_set_contents(path, "\xff", -1, NULL));
    assert_int_equal(
        RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--body-file", path), 2);
    g_autofree char *expected = g_strdup_printf("daywire publish: --body-file %s: not UTF-8 text\n", path);
    assert_string_equal(fixture->printed.err, expected);
    g_unlink(path);
}

static void a_body_may_be_html(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--body",
                         "<p>One.</p>", "--body-type", "html"),
                     0);
    assert_non_null(
        strstr(fixture->script.requests->str, "\"body\":\"<p>One.</p>\",\"body_type\":\"text/html\""));
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--body", "x",
                         "--body-type", "markdown"),
                     2);
    assert_string_equal(fixture->printed.err, "daywire publish: --body-type markdown: plain or html\n");
}

static void mistakes_are_told_without_the_server(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_publish, "publish", "--date", "2021-07-23"), 1);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: title: 1 to 1000 characters, this one has none\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--date", "2021-02-30"), 1);
    assert_string_equal(
        fixture->printed.err,
        "daywire publish: date: a day of the calendar as YYYY-MM-DD, this one is \"2021-02-30\"\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "\xff", "--date", "2021-07-23"), 1);
    assert_string_equal(fixture->printed.err, "daywire publish: title: not valid UTF-8 at byte 1\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--published-at", "today"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: --published-at today: date, time and offset as in "
                        "2021-07-23T12:00:00+01:00\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--body", "x", "--body-file", "y"), 2);
    assert_string_equal(fixture->printed.err, "daywire publish: --body and --body-file: give one of them\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--colour", "x"), 2);
    assert_string_equal(
        fixture->printed.err,
        "daywire publish: Unknown option --colour; `daywire publish --help` lists the options\n");
    assert_int_equal(RUN(command_publish, "publish", "A title"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: A title: texts are given by options, for instance --title\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
}

static void help_is_printed(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_publish, "publish", "--help"), 0);
    assert_true(g_str_has_prefix(fixture->printed.out, "Usage:\n  daywire publish "));
    assert_non_null(strstr(fixture->printed.out, "\n  --published-at=TIME "));
    assert_int_equal(RUN(command_correct, "correct", "-h"), 0);
    assert_non_null(strstr(fixture->printed.out, " ID --note TEXT\n"));
    assert_int_equal(RUN(command_withdraw, "withdraw", "--help"), 0);
    assert_non_null(strstr(fixture->printed.out, "the reason"));
    assert_string_equal(fixture->printed.err, "");
}

static void a_refusal_is_told(void **state)
{
    Fixture *fixture = *state;
    fixture->script.refusal = 400;
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23"), 1);
    assert_string_equal(fixture->printed.err, "daywire publish: refused: tags: none twice\n");
    assert_string_equal(fixture->printed.out, "");
}

static void a_slow_broker_is_told(void **state)
{
    Fixture *fixture = *state;
    fixture->script.slow = true;
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--wait"), 0);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: it is stored; the broker has not confirmed it yet, and gets it as "
                        "soon as it can\n");
}

static void correct_changes_what_is_given(void **state)
{
    Fixture *fixture = *state;
    int status = RUN(command_correct, "correct", "harbour-1", "--note", "At nine, not at ten.", "--summary",
                     "At nine.", "--body", "", "--tag", "opening hours");
    assert_string_equal(fixture->printed.err, "");
    assert_int_equal(status, 0);
    assert_string_equal(
        fixture->script.requests->str,
        "PUT /v1/statements/harbour-1 wait= {\"id\":\"harbour-1\",\"status\":\"usable\","
        "\"change\":\"corrected\",\"note\":\"At nine, not at ten.\",\"title\":\"The harbour opens\","
        "\"summary\":\"At nine.\",\"body\":null,\"body_type\":null,\"language\":\"en\",\"url\":null,"
        "\"source\":null,\"kind\":null,\"tags\":[\"opening hours\"],\"author\":null,\"place\":null,"
        "\"date\":\"2021-07-23\",\"published_at\":null}\n");
}

static void correct_needs_something_to_correct(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--title", "B"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire correct: --note is needed: what was wrong and what is right\n");
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire correct: nothing is corrected: give the fields that change, for instance "
                        "--title\n");
    assert_int_equal(RUN(command_correct, "correct", "--note", "B", "--title", "A"), 2);
    assert_string_equal(
        fixture->printed.err,
        "daywire correct: name one statement by its id; `daywire correct --help` shows how\n");
    assert_int_equal(RUN(command_correct, "correct", "a/b", "--note", "B", "--title", "A"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire correct: a/b: an id is 1 to 200 characters of A-Z a-z 0-9 . _ ~ -\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
    assert_int_equal(RUN(command_correct, "correct", "other", "--note", "B", "--title", "A"), 1);
    assert_string_equal(fixture->printed.err, "daywire correct: other: there is no statement with this id\n");
    fixture->script.status = "withdrawn";
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A"), 1);
    assert_string_equal(
        fixture->printed.err,
        "daywire correct: harbour-1 is withdrawn and has no text to correct; `daywire publish "
        "--id harbour-1` publishes it anew\n");
    assert_string_equal(fixture->script.requests->str, "");
}

static void withdraw_gives_the_reason(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_withdraw, "withdraw", "harbour-1", "--note",
                         "Given out by mistake:\n50% & more.", "--wait"),
                     0);
    assert_string_equal(fixture->script.requests->str,
                        "DELETE /v1/statements/harbour-1 wait=published "
                        "{\"note\":\"Given out by mistake:\\n50% & more.\"}\n");
    assert_int_equal(RUN(command_withdraw, "withdraw", "harbour-1", "--note", "\xff"), 2);
    assert_string_equal(fixture->printed.err, "daywire withdraw: --note is not valid UTF-8\n");
    assert_int_equal(RUN(command_withdraw, "withdraw", "harbour-1"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire withdraw: --note is needed: the reason, shown in place of the text\n");
}

static void publish_may_wait_for_an_instant(void **state)
{
    Fixture *fixture = *state;
    fixture->script.state = "scheduled";
    fixture->script.result = "scheduled";
    fixture->script.scheduled = "2030-03-02T08:00:00Z";
    assert_int_equal(RUN(command_publish, "publish", "--id", "harbour-1", "--title", "A", "--publish-at",
                         "2030-03-02T09:00:00+01:00", "--expires-at", "2030-03-03T00:00:00Z"),
                     0);
    assert_string_equal(fixture->printed.err, "");
    assert_string_equal(fixture->printed.out, "harbour-1: scheduled for 2030-03-02T08:00:00Z\n");
    /* It is dated by its schedule, in the same offset. */
    assert_non_null(
        strstr(fixture->script.requests->str,
               "\"date\":\"2030-03-02\",\"published_at\":\"2030-03-02T09:00:00+01:00\","
               "\"publish_at\":\"2030-03-02T08:00:00Z\",\"expires_at\":\"2030-03-03T00:00:00Z\"}"));
    fixture->script.state = "published"; /* beside revision 2 */
    assert_int_equal(RUN(command_publish, "publish", "--id", "harbour-1", "--title", "A", "--publish-at",
                         "2030-03-02T08:00:00Z"),
                     0);
    assert_string_equal(fixture->printed.out,
                        "harbour-1: scheduled for 2030-03-02T08:00:00Z; until then revision 2 stays\n");
}

static void bad_instants_are_told_without_the_server(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--publish-at", "noon"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: --publish-at noon: date, time and offset as in "
                        "2021-07-23T12:00:00+01:00\n");
    assert_int_equal(
        RUN(command_publish, "publish", "--title", "A", "--date", "2021-07-23", "--expires-at", "2021"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire publish: --expires-at 2021: date, time and offset as in "
                        "2021-07-23T12:00:00+01:00\n");
    assert_int_equal(RUN(command_publish, "publish", "--title", "A", "--publish-at", "2030-01-01T00:00:00Z",
                         "--expires-at", "2029-01-01T00:00:00Z"),
                     1);
    assert_string_equal(fixture->printed.err, "daywire publish: expires_at: later than publish_at\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
}

static void correct_holds_only_for_what_it_read(void **state)
{
    Fixture *fixture = *state;
    fake_ingest_set_etag(fixture->fake, "\"2\"");
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A"), 0);
    assert_string_equal(fixture->script.conditions->str, "\n\"2\"\n");
    fixture->script.refusal = 412;
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A"), 1);
    assert_string_equal(
        fixture->printed.err,
        "daywire correct: refused: harbour-1 was changed by somebody else since it was read just "
        "now, and nothing was sent over that; see `daywire history harbour-1`, and correct it "
        "again\n");
    /* Who names one himself is told in the server's words. */
    assert_int_equal(
        RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A", "--if-match", "1"), 1);
    assert_string_equal(fixture->printed.err, "daywire correct: refused: tags: none twice\n");
    assert_true(g_str_has_suffix(fixture->script.conditions->str, "\n\"1\"\n"));
}

static void a_correction_may_be_scheduled(void **state)
{
    Fixture *fixture = *state;
    fixture->script.scheduled = "2030-03-02T08:00:00Z";
    fixture->script.result = "scheduled";
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A",
                         "--publish-at", "2030-03-02T08:00:00Z"),
                     0);
    assert_string_equal(fixture->printed.out,
                        "harbour-1: scheduled for 2030-03-02T08:00:00Z; until then revision 2 stays\n");
    assert_string_equal(fixture->printed.err,
                        "daywire correct: what was scheduled for 2030-03-02T08:00:00Z is replaced by this\n");
    fixture->script.state = "scheduled"; /* never published */
    assert_int_equal(RUN(command_correct, "correct", "harbour-1", "--note", "B", "--title", "A"), 1);
    assert_string_equal(
        fixture->printed.err,
        "daywire correct: harbour-1 is not published yet, so that there is nothing to correct; "
        "`daywire publish --id harbour-1 --publish-at TIME` replaces what is scheduled\n");
}

static void conditions_are_passed_on(void **state)
{
    Fixture *fixture = *state;
    fake_ingest_set_etag(fixture->fake, "\"2\"");
    assert_int_equal(RUN(command_withdraw, "withdraw", "harbour-1", "--note", "B"), 0);
    assert_int_equal(RUN(command_withdraw, "withdraw", "harbour-1", "--note", "B", "--if-match", "3.17"), 0);
    assert_int_equal(RUN(command_publish, "publish", "--id", "harbour-1", "--title", "A", "--date",
                         "2021-07-23", "--if-match", "\"1\", \"2\""),
                     0);
    assert_int_equal(RUN(command_cancel, "cancel", "harbour-1", "--if-match", "*"), 0);
    assert_string_equal(fixture->script.conditions->str, "\n\"3.17\"\n\"1\", \"2\"\n*\n");
}

static void cancel_drops_the_schedule(void **state)
{
    Fixture *fixture = *state;
    fixture->script.result = "cancelled";
    assert_int_equal(RUN(command_cancel, "cancel", "harbour-1"), 0);
    assert_string_equal(fixture->script.requests->str, "DELETE /v1/statements/harbour-1/schedule wait= \n");
    assert_string_equal(fixture->printed.out, "harbour-1: cancelled; revision 2 stays\n");
    fixture->script.state = "scheduled"; /* it was never published */
    assert_int_equal(RUN(command_cancel, "cancel", "harbour-1"), 0);
    assert_string_equal(fixture->printed.out, "harbour-1: cancelled\n");
    fixture->script.refusal = 404;
    assert_int_equal(RUN(command_cancel, "cancel", "harbour-1"), 1);
    assert_string_equal(fixture->printed.err, "daywire cancel: refused: tags: none twice\n");
    assert_int_equal(RUN(command_cancel, "cancel"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire cancel: name one statement by its id; `daywire cancel --help` shows how\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publish_sends_all_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_may_come_from_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_may_be_html, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_told_without_the_server, setup, teardown),
        cmocka_unit_test_setup_teardown(help_is_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_broker_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(correct_changes_what_is_given, setup, teardown),
        cmocka_unit_test_setup_teardown(correct_needs_something_to_correct, setup, teardown),
        cmocka_unit_test_setup_teardown(withdraw_gives_the_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(publish_may_wait_for_an_instant, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_instants_are_told_without_the_server, setup, teardown),
        cmocka_unit_test_setup_teardown(correct_holds_only_for_what_it_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_correction_may_be_scheduled, setup, teardown),
        cmocka_unit_test_setup_teardown(conditions_are_passed_on, setup, teardown),
        cmocka_unit_test_setup_teardown(cancel_drops_the_schedule, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
