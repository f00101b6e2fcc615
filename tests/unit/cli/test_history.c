/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/commands.h"
#include "cli/fake_ingest.h"

#define REVISION_2                                                                                           \
    "{\"revision\":2,\"change\":\"corrected\",\"note\":\"At nine.\",\"at\":\"2021-07-23T10:00:00.250Z\","    \
    "\"by\":\"press-office\",\"title\":\"The harbour opens\"}"
#define REVISION_1                                                                                           \
    "{\"revision\":1,\"change\":\"published\",\"note\":null,\"at\":\"2021-07-23T09:00:00Z\",\"by\":null,"    \
    "\"title\":\"The harbour\\u0007opens, and it opens for everybody who has waited for it so long\"}"

typedef struct {
    FakeIngest *fake;
    const char *second; /* the page after the first; NULL: there is one page only */
    int refusal;
    GString *asked;
    Printed printed;
} Fixture;

static int answer(const FakeRequest *request, GString *body, void *user)
{
    Fixture *fixture = user;
    g_string_append_printf(fixture->asked, "%s %s before=%s\n", request->method, request->path,
                           request->before);
    if (fixture->refusal) {
        g_string_append(body, "there is no revision of a statement with this id");
        return fixture->refusal;
    }
    if (*request->before)
        g_string_append(body, fixture->second);
    else
        g_string_append_printf(body, "{\"id\":\"harbour-1\",\"revisions\":[" REVISION_2 "],\"next\":%s}",
                               fixture->second ? "2" : "null");
    return 200;
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->asked = g_string_new(NULL);
    fixture->fake = fake_ingest_start(answer, fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    fake_ingest_stop(fixture->fake);
    g_string_free(fixture->asked, TRUE);
    printed_clear(&fixture->printed);
    g_free(fixture);
    return 0;
}

static int run(Fixture *fixture, const char *first, const char *second, const char *third)
{
    const char *const argv[] = {"history",
                                "--server",
                                fake_ingest_address(fixture->fake),
                                "--token-file",
                                fake_ingest_token_file(fixture->fake),
                                first,
                                second,
                                third,
                                NULL};
    return run_command(command_history, argv, &fixture->printed);
}

static void a_table_of_all_pages(void **state)
{
    Fixture *fixture = *state;
    fixture->second = "{\"id\":\"harbour-1\",\"revisions\":[" REVISION_1 "],\"next\":null}";
    assert_int_equal(run(fixture, "harbour-1", NULL, NULL), 0);
    assert_string_equal(fixture->printed.out,
                        "REVISION  CHANGE     AT                           BY                NOTE OR TITLE\n"
                        "       2  corrected  2021-07-23T10:00:00.250Z     press-office      At nine.\n"
                        "       1  published  2021-07-23T09:00:00Z         -                 "
                        "The harbour?opens, and it opens for everybody who has waited...\n");
    assert_string_equal(fixture->printed.err, "");
    assert_string_equal(fixture->asked->str, "GET /v1/statements/harbour-1/revisions before=\n"
                                             "GET /v1/statements/harbour-1/revisions before=2\n");
}

static void lines_for_programs(void **state)
{
    Fixture *fixture = *state;
    fixture->second = "{\"id\":\"harbour-1\",\"revisions\":[" REVISION_1 "],\"next\":null}";
    assert_int_equal(run(fixture, "harbour-1", "--format", "ndjson"), 0);
    assert_string_equal(fixture->printed.out, REVISION_2 "\n" REVISION_1 "\n");
}

static void what_is_wrong_is_told(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(run(fixture, NULL, NULL, NULL), 2);
    assert_string_equal(
        fixture->printed.err,
        "daywire history: name one statement by its id; `daywire history --help` shows how\n");
    assert_int_equal(run(fixture, "harbour-1", "--format", "xml"), 2);
    assert_string_equal(fixture->printed.err, "daywire history: --format xml: table or ndjson\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
    fixture->refusal = 404;
    assert_int_equal(run(fixture, "harbour-1", NULL, NULL), 1);
    assert_string_equal(fixture->printed.err,
                        "daywire history: harbour-1: there is no revision of a statement with this id\n");
    assert_string_equal(fixture->printed.out, "");
}

/* It would go round for ever. */
static void pages_that_do_not_end_are_left(void **state)
{
    Fixture *fixture = *state;
    static const char *const pages[] = {"{\"id\":\"harbour-1\",\"revisions\":[],\"next\":2}",
                                        "{\"id\":\"harbour-1\",\"revisions\":[],\"next\":7}",
                                        "{\"id\":\"harbour-1\",\"revisions\":[],\"next\":-1}",
                                        "{\"id\":\"harbour-1\",\"next\":1}"};
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        fixture->second = pages[i];
        assert_int_equal(run(fixture, "harbour-1", NULL, NULL), 2);
        assert_string_equal(fixture->printed.err,
                            "daywire history: the answer is no page of revisions: is --server the "
                            "address of daywire-ingest?\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_table_of_all_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_for_programs, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_that_do_not_end_are_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
