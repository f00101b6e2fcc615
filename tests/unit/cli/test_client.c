/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>

#include "cli/client.h"
#include "cli/fake_ingest.h"
#include "common/error.h"

typedef struct {
    unsigned refusals; /* of the first requests */
    int status;        /* of these */
} Script;

static int answer(const FakeRequest *request, GString *body, void *user)
{
    const Script *script = user;
    if (request->number < script->refusals) {
        g_string_append(body, "the queue is full");
        return script->status;
    }
    g_string_printf(body, "{\"method\":\"%s\",\"path\":\"%s\",\"type\":\"%s\",\"body\":\"%s\"}",
                    request->method, request->path, request->content_type, request->body);
    return 200;
}

static Client *client_of(const FakeIngest *fake)
{
    ClientOptions options = {
        .server = fake_ingest_address(fake), .token_file = fake_ingest_token_file(fake), .back_off_ms = 1};
    g_autoptr(GError) error = NULL;
    Client *client = client_new(&options, &error);
    assert_null(error);
    return client;
}

static const ClientRequest post = {.method = "POST",
                                   .path = "/v1/statements",
                                   .content_type = "application/json",
                                   .body = "text",
                                   .size = 4};

static void requests_and_answers(void **state)
{
    (void)state;
    Script script = {0};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    g_autoptr(Client) client = client_of(fake);
    g_auto(ClientAnswer) first = {0};
    g_autoptr(GError) error = NULL;
    assert_true(client_send(client, &post, &first, &error));
    assert_int_equal(first.status, 200);
    assert_string_equal(first.body->str,
                        "{\"method\":\"POST\",\"path\":\"/v1/statements\",\"type\":\"application/json\","
                        "\"body\":\"text\"}");
    /* The same client asks without a body next: nothing of the first request is left. */
    ClientRequest get = {.method = "GET", .path = "/v1/statements/a"};
    g_auto(ClientAnswer) second = {0};
    assert_true(client_send(client, &get, &second, &error));
    assert_string_equal(second.body->str,
                        "{\"method\":\"GET\",\"path\":\"/v1/statements/a\",\"type\":\"\",\"body\":\"\"}");
    ClientRequest removal = {.method = "DELETE", .path = "/v1/statements/a?note=x"};
    g_auto(ClientAnswer) third = {0};
    assert_true(client_send(client, &removal, &third, &error));
    assert_string_equal(third.body->str,
                        "{\"method\":\"DELETE\",\"path\":\"/v1/statements/a\",\"type\":\"\",\"body\":\"\"}");
    fake_ingest_stop(fake);
}

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    Script script = {.refusals = 3, .status = 503};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    g_autoptr(Client) client = client_of(fake);
    g_auto(ClientAnswer) reply = {0};
    g_autoptr(GError) error = NULL;
    assert_true(client_send(client, &post, &reply, &error));
    assert_int_equal(reply.status, 200);
    assert_int_equal(fake_ingest_count(fake), 4);
    fake_ingest_stop(fake);
}

static void but_not_for_ever(void **state)
{
    (void)state;
    Script script = {.refusals = 100, .status = 429};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    g_autoptr(Client) client = client_of(fake);
    g_auto(ClientAnswer) reply = {0};
    g_autoptr(GError) error = NULL;
    assert_false(client_send(client, &post, &reply, &error));
    g_autofree char *expected =
        g_strdup_printf("%s takes nothing now, 7 attempts were made: the queue is full; try again later",
                        fake_ingest_address(fake));
    assert_string_equal(error->message, expected);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_int_equal(fake_ingest_count(fake), 7);
    fake_ingest_stop(fake);
}

static void other_refusals_are_answers(void **state)
{
    (void)state;
    Script script = {.refusals = 1, .status = 400};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    g_autoptr(Client) client = client_of(fake);
    g_auto(ClientAnswer) reply = {0};
    g_autoptr(GError) error = NULL;
    assert_true(client_send(client, &post, &reply, &error));
    assert_int_equal(reply.status, 400);
    g_autofree char *problem = client_answer_problem(&reply);
    assert_string_equal(problem, "the queue is full");
    assert_int_equal(fake_ingest_count(fake), 1);
    fake_ingest_stop(fake);
}

static void a_wrong_token_is_told(void **state)
{
    (void)state;
    Script script = {0};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    assert_true(g_file_set_contents(fake_ingest_token_file(fake), "another", -1, NULL));
    g_autoptr(Client) client = client_of(fake);
    g_auto(ClientAnswer) reply = {0};
    g_autoptr(GError) error = NULL;
    assert_false(client_send(client, &post, &reply, &error));
    g_autofree char *expected =
        g_strdup_printf("%s does not accept the token in %s: use the one in its token-file",
                        fake_ingest_address(fake), fake_ingest_token_file(fake));
    assert_string_equal(error->message, expected);
    fake_ingest_stop(fake);
}

static void nobody_there(void **state)
{
    (void)state;
    Script script = {0};
    FakeIngest *fake = fake_ingest_start(answer, &script);
    g_autoptr(Client) client = client_of(fake);
    g_autofree char *expected =
        g_strdup_printf("cannot reach %s: is daywire-ingest running? (", fake_ingest_address(fake));
    fake_ingest_stop(fake);
    g_auto(ClientAnswer) reply = {0};
    g_autoptr(GError) error = NULL;
    assert_false(client_send(client, &post, &reply, &error));
    assert_true(g_str_has_prefix(error->message, expected));
}

static void check_options(const char *server, const char *token_file, const char *message)
{
    ClientOptions options = {.server = server, .token_file = token_file};
    g_autoptr(GError) error = NULL;
    assert_null(client_new(&options, &error));
    assert_string_equal(error->message, message);
}

static void wrong_options_are_told(void **state)
{
    (void)state;
    static const char *const addresses[] = {"127.0.0.1:8081", "ftp://127.0.0.1", "http://", "http://a/v1",
                                            "http://u@a",     "http://a?b",      ""};
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autofree char *expected = g_strdup_printf(
            "--server %s: the address of daywire-ingest is written as http://127.0.0.1:8081", addresses[i]);
        check_options(addresses[i], "/nonexistent", expected);
    }
    check_options(
        NULL, "/nonexistent/token",
        "cannot read the API's token: /nonexistent/token: No such file or directory; name its file with "
        "--token-file or $DAYWIRE_INGEST_TOKEN_FILE (`daywire standalone` makes one where it is looked for)");
    check_options(NULL, "/dev/null", "/dev/null: a token is one word of ASCII characters");
}

static void the_token_is_looked_for(void **state)
{
    (void)state;
    g_setenv("DAYWIRE_INGEST_TOKEN_FILE", "/run/secrets/token", TRUE);
    g_autofree char *named = client_token_path();
    assert_string_equal(named, "/run/secrets/token");
    g_unsetenv("DAYWIRE_INGEST_TOKEN_FILE");
    g_autofree char *own = client_token_path();
    assert_true(g_str_has_suffix(own, "/daywire/token"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_answers),   cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(but_not_for_ever),       cmocka_unit_test(other_refusals_are_answers),
        cmocka_unit_test(a_wrong_token_is_told),  cmocka_unit_test(nobody_there),
        cmocka_unit_test(wrong_options_are_told), cmocka_unit_test(the_token_is_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
