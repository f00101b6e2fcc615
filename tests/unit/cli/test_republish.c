/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/commands.h"
#include "cli/fake_ingest.h"

typedef struct {
    const char *name;
    int status; /* of the server's answer */
    const char *answer;
    int exit_status;
    const char *out;
    const char *err;
} Case;

static int answer(const FakeRequest *request, GString *body, void *user)
{
    const Case *row = user;
    assert_string_equal(request->method, "POST");
    assert_string_equal(request->path, "/v1/republish");
    assert_string_equal(request->body, "");
    g_string_append(body, row->answer);
    return row->status;
}

static const Case cases[] = {
    {"many", 200, "{\"statements\":1234}", 0, "1234 statements are published again\n", ""},
    {"one", 200, "{\"statements\":1}", 0, "1 statement is published again\n", ""},
    {"none", 200, "{\"statements\":0}", 0, "0 statements are published again\n", ""},
    {"refused", 409, "the statements are being published again already", 1, "",
     "daywire republish: refused: the statements are being published again already\n"},
    {"an older server", 404, "there is nothing here", 1, "",
     "daywire republish: refused: there is nothing here\n"},
    {"no JSON", 200, "<html>", 2, "",
     "daywire republish: the answer (status 200) is not JSON: is --server the address of daywire-ingest?\n"},
    {"no count", 200, "{}", 2, "",
     "daywire republish: the answer does not tell how many statements: is --server the address of "
     "daywire-ingest?\n"},
    {"a count that is none", 200, "{\"statements\":\"all\"}", 2, "",
     "daywire republish: the answer does not tell how many statements: is --server the address of "
     "daywire-ingest?\n"},
};

static void the_server_is_asked_and_its_answer_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FakeIngest *fake = fake_ingest_start(answer, (void *)&cases[i]);
        g_auto(Printed) printed = {0};
        int status = run_command(command_republish,
                                 (const char *const[]){"republish", "--server", fake_ingest_address(fake),
                                                       "--token-file", fake_ingest_token_file(fake), NULL},
                                 &printed);
        if (status != cases[i].exit_status || strcmp(printed.out, cases[i].out) != 0 ||
            strcmp(printed.err, cases[i].err) != 0)
            fail_msg("%s: %d, \"%s\", \"%s\"", cases[i].name, status, printed.out, printed.err);
        assert_int_equal(fake_ingest_count(fake), 1);
        fake_ingest_stop(fake);
    }
}

static void wrong_usage_is_told_without_the_server(void **state)
{
    (void)state;
    g_auto(Printed) printed = {0};
    assert_int_equal(
        run_command(command_republish, (const char *const[]){"republish", "all", NULL}, &printed), 2);
    assert_string_equal(printed.err, "daywire republish: all: it takes options only\n");
    assert_int_equal(
        run_command(command_republish, (const char *const[]){"republish", "--help", NULL}, &printed), 0);
    assert_non_null(strstr(printed.out, "the latest revision of every statement"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_is_asked_and_its_answer_told),
        cmocka_unit_test(wrong_usage_is_told_without_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
