/* SPDX-License-Identifier: Apache-2.0 */
/* The API over TCP, with the engine behind it and no broker there: what is answered before anything is
 * published. */
#include "unit.h"

#include <glib/gstdio.h>
#include <jansson.h>

#include "common/log.h"
#include "folder.h"
#include "http_client.h"
#include "ingest/api/api.h"
#include "ingest/poller_fixture.h"

#define AUTHORIZATION "Authorization: Bearer harbour-master\r\n"
#define JSON          AUTHORIZATION "Content-Type: application/json\r\n"
#define NDJSON        AUTHORIZATION "Content-Type: application/x-ndjson\r\n"
#define PIER          "{\"id\":\"pier\",\"title\":\"The pier opens\",\"date\":\"2021-07-23\"}"

typedef struct {
    char *folder;
    char *token_path;
    PollerFixture base;
    Api *api;
} Fixture;

static Config *make_config(const Fixture *fixture, bool with_token)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *database = g_strdup_printf("DAYWIRE_INGEST_DATABASE=%s/ingest.db", fixture->folder);
    g_autofree char *token =
        g_strdup_printf("DAYWIRE_INGEST_TOKEN_FILE=%s", with_token ? fixture->token_path : "");
    char *const environment[] = {database,
                                 token,
                                 (char *)"DAYWIRE_INGEST_LISTEN=127.0.0.1:0",
                                 (char *)"DAYWIRE_INGEST_MAX_BODY=1M",
                                 (char *)"DAYWIRE_INGEST_WAIT_TIMEOUT=300ms",
                                 (char *)"DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1",
                                 NULL};
    Config *config = config_load(NULL, environment, &error);

    if (config == NULL)
        fail_msg("%s", error->message);
    return config;
}

static void start(Fixture *fixture, bool with_token)
{
    g_autoptr(GError) error = NULL;

    poller_fixture_start(&fixture->base, make_config(fixture, with_token));
    fixture->api = api_start(fixture->base.config, fixture->base.engine, fixture->base.poller, &error);
    if (fixture->api == NULL)
        fail_msg("%s", error->message);
}

static void stop(Fixture *fixture)
{
    poller_fixture_stop(&fixture->base);
    api_stop(g_steal_pointer(&fixture->api));
    poller_fixture_clear(&fixture->base);
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = folder_new();
    fixture->token_path = g_build_filename(fixture->folder, "token", NULL);
    assert_true(g_file_set_contents(fixture->token_path, "harbour-master\n", -1, NULL));
    start(fixture, true);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    stop(fixture);
    folder_remove(fixture->folder);
    g_free(fixture->token_path);
    g_free(fixture);
    return 0;
}

/* The answer as JSON; json_decref() it. */
static json_t *ask(Fixture *fixture, const char *method, const char *path, const char *headers,
                   const char *body, int status)
{
    HttpReply reply = client_request(api_port(fixture->api), method, path, headers, body);

    if (reply.status != status)
        fail_msg("%s %s %s gave %d: %s", method, path, body != NULL ? body : "", reply.status,
                 reply.body->str);
    json_t *value = json_loads(reply.body->str, 0, NULL);
    reply_clear(&reply);
    return value;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void assert_problem(Fixture *fixture, const char *method, const char *path, const char *headers,
                           const char *body, int status, const char *field, const char *part)
{
    json_t *problem = ask(fixture, method, path, headers, body, status);

    assert_int_equal(json_integer_value(json_object_get(problem, "status")), status);
    if (strstr(text_of(problem, "detail"), part) == NULL)
        fail_msg("'%s' is not in: %s", part, text_of(problem, "detail"));
    if (field != NULL)
        assert_string_equal(text_of(problem, "field"), field);
    else
        assert_null(json_object_get(problem, "field"));
    json_decref(problem);
}

static void assert_answer(Fixture *fixture, const char *method, const char *path, const char *body,
                          int status, const char *result, unsigned revision, const char *change)
{
    json_t *answer = ask(fixture, method, path, JSON, body, status);

    assert_string_equal(text_of(answer, "result"), result);
    assert_int_equal(json_integer_value(json_object_get(answer, "revision")), revision);
    assert_string_equal(text_of(answer, "change"), change);
    assert_string_equal(text_of(answer, "state"), "stored");
    assert_true(json_is_null(json_object_get(answer, "offset")));
    json_decref(answer);
}

static void test_the_life_of_a_statement(void **state)
{
    Fixture *fixture = *state;

    assert_answer(fixture, "POST", "/v1/statements", PIER, 201, "created", 1, "published");
    assert_answer(fixture, "POST", "/v1/statements", PIER, 200, "unchanged", 1, "published");
    assert_answer(fixture, "PUT", "/v1/statements/pier",
                  "{\"title\":\"The pier is open\",\"date\":\"2021-07-23\"}", 200, "updated", 2, "updated");
    assert_answer(fixture, "PUT", "/v1/statements/pier",
                  "{\"title\":\"The pier is "
                  "shut\",\"date\":\"2021-07-23\",\"change\":\"corrected\",\"note\":\"It is shut.\"}",
                  200, "updated", 3, "corrected");
    assert_answer(fixture, "DELETE", "/v1/statements/pier?note=By%20mistake.", NULL, 200, "withdrawn", 4,
                  "withdrawn");
    assert_answer(fixture, "DELETE", "/v1/statements/pier?note=Again.", NULL, 200, "unchanged", 4,
                  "withdrawn");

    json_t *stored = ask(fixture, "GET", "/v1/statements/pier", AUTHORIZATION, NULL, 200);
    const json_t *statement = json_object_get(stored, "statement");
    assert_string_equal(text_of(statement, "note"), "By mistake.");
    assert_true(json_is_null(json_object_get(statement, "title")));
    json_decref(stored);

    assert_answer(fixture, "PUT", "/v1/statements/pier", PIER, 200, "updated", 5, "published");
    assert_answer(fixture, "DELETE", "/v1/statements/pier", "{\"note\":\"By mistake.\\nSee below.\"}", 200,
                  "withdrawn", 6, "withdrawn");
    stored = ask(fixture, "GET", "/v1/statements/pier", AUTHORIZATION, NULL, 200);
    assert_string_equal(text_of(json_object_get(stored, "statement"), "note"), "By mistake.\nSee below.");
    json_decref(stored);
    assert_answer(fixture, "PUT", "/v1/statements/ferry", "{\"title\":\"The ferry\",\"date\":\"2021-07-23\"}",
                  201, "created", 1, "published");
}

static void test_what_was_stored_outlives_a_restart(void **state)
{
    Fixture *fixture = *state;

    assert_answer(fixture, "POST", "/v1/statements", PIER, 201, "created", 1, "published");
    stop(fixture);
    start(fixture, true);
    assert_answer(fixture, "POST", "/v1/statements", PIER, 200, "unchanged", 1, "published");
}

static void test_bad_input_is_named_and_changes_nothing(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        const char *body;
        const char *field;
        const char *part;
    } cases[] = {
        {"{\"title\":", NULL, "line 1"},
        {"{\"id\":\"x\",\"title\":\"a\",\"date\":\"2021-07-23\",\"colour\":\"red\"}", "colour",
         "no such field"},
        {"{\"id\":\"x\",\"date\":\"2021-07-23\"}", "title", "title"},
        {"{\"id\":\"x\",\"title\":\"a\",\"date\":\"2021-02-30\"}", "date", "2021-02-30"},
        {"{\"id\":\"x\",\"title\":\"a\xff\",\"date\":\"2021-07-23\"}", NULL,
         "invalid UTF-8 encoding in string"},
        {"{\"id\":\"x y\",\"title\":\"a\",\"date\":\"2021-07-23\"}", "id", "id"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_problem(fixture, "POST", "/v1/statements", JSON, cases[i].body, 400, cases[i].field,
                       cases[i].part);
    assert_problem(fixture, "GET", "/v1/statements/x", AUTHORIZATION, NULL, 404, NULL, "x");
    assert_problem(fixture, "PUT", "/v1/statements/ferry", JSON, PIER, 400, "id", "path");
    assert_problem(fixture, "PUT", "/v1/statements/x%20y", JSON, PIER, 400, "id", "characters");
    assert_problem(fixture, "PUT", "/v1/statements/x", JSON,
                   "{\"title\":\"a\",\"date\":\"2021-07-23\",\"change\":\"corrected\",\"note\":\"b\"}", 409,
                   NULL, "to correct");
    assert_problem(fixture, "DELETE", "/v1/statements/x?note=b", AUTHORIZATION, NULL, 404, NULL, "x");
    assert_problem(fixture, "DELETE", "/v1/statements/x", AUTHORIZATION, NULL, 400, "note", "note");
    assert_problem(fixture, "DELETE", "/v1/statements/x?note=a&note=b", AUTHORIZATION, NULL, 400, "note",
                   "more than once");
    assert_problem(fixture, "DELETE", "/v1/statements/x?note=a", JSON, "{\"note\":\"b\"}", 400, "note",
                   "in the body");
    assert_problem(fixture, "DELETE", "/v1/statements/x", JSON, "{\"note\":1}", 400, NULL,
                   "and nothing else");
    assert_problem(fixture, "DELETE", "/v1/statements/x", JSON, "{\"note\":", 400, NULL, "not valid JSON");
    assert_problem(fixture, "DELETE", "/v1/statements/x", NDJSON, "{}", 415, NULL, "application/json");
    assert_problem(fixture, "POST", "/v1/statements?force=1", JSON, PIER, 400, "force", "force");
    assert_problem(fixture, "POST", "/v1/statements?wait=1", JSON, PIER, 400, "wait", "wait=published");
    assert_problem(fixture, "GET", "/v1/statements/pier?x=1", AUTHORIZATION, NULL, 400, "x", "x");
    assert_problem(fixture, "POST", "/v1/statements", AUTHORIZATION "Content-Type: text/plain\r\n", PIER, 415,
                   NULL, "application/json");
    assert_problem(fixture, "PUT", "/v1/statements/pier", NDJSON, PIER, 415, NULL, "application/protobuf");
    assert_problem(fixture, "GET", "/v1/statements/pier", AUTHORIZATION, NULL, 404, NULL, "pier");
}

static void test_large_bodies(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *body = g_strnfill(2000000, 'x');

    assert_problem(fixture, "POST", "/v1/statements", JSON, body, 413, NULL, "1048576 bytes");
}

static void test_tokens(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply = client_request(api_port(fixture->api), "POST", "/v1/statements", NULL, PIER);
    g_autofree char *challenge = reply_header(&reply, "WWW-Authenticate");

    assert_int_equal(reply.status, 401);
    assert_true(g_str_has_prefix(challenge, "Bearer"));
    reply_clear(&reply);
    assert_problem(fixture, "POST", "/v1/statements", "Authorization: Bearer harbour\r\n", PIER, 401, NULL,
                   "wrong");
    assert_problem(fixture, "GET", "/v1/statements/pier", NULL, NULL, 401, NULL, "missing");
    stop(fixture);
    start(fixture, false);
    assert_problem(fixture, "POST", "/v1/statements", JSON, PIER, 401, NULL, "token-file");
}

static void test_lines(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply = client_request(api_port(fixture->api), "POST", "/v1/statements", NDJSON,
                                     PIER "\n\n{\"id\":\"x\",\"date\":\"2021-07-23\"}\n" PIER "\n");

    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "{\"line\":1,\"status\":201,\"id\":\"pier\",\"revision\":1,"
                                         "\"result\":\"created\",\"state\":\"stored\"}\n"
                                         "{\"line\":3,\"status\":400,\"field\":\"title\",\"detail\":\"title: "
                                         "1 to 1000 characters, this one has none\"}\n"
                                         "{\"line\":4,\"status\":200,\"id\":\"pier\",\"revision\":1,"
                                         "\"result\":\"unchanged\",\"state\":\"stored\"}\n");
    reply_clear(&reply);

    reply = client_request(api_port(fixture->api), "POST", "/v1/statements", NDJSON, "nonsense\n");
    assert_int_equal(reply.status, 200);
    assert_true(g_str_has_prefix(reply.body->str, "{\"line\":1,\"status\":400,\"detail\":"));
    reply_clear(&reply);

    /* An import that is repeated after a withdrawal does not undo it. */
    assert_answer(fixture, "DELETE", "/v1/statements/pier?note=By%20mistake.", NULL, 200, "withdrawn", 2,
                  "withdrawn");
    reply = client_request(api_port(fixture->api), "POST", "/v1/statements", NDJSON, PIER "\n");
    assert_true(g_str_has_prefix(reply.body->str, "{\"line\":1,\"status\":409,\"id\":\"pier\",\"detail\":"));
    reply_clear(&reply);
}

static void test_waiting_has_an_end(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply;

    assert_answer(fixture, "POST", "/v1/statements?wait=published", PIER, 202, "created", 1, "published");
    assert_answer(fixture, "POST", "/v1/statements?wait=published", PIER, 202, "unchanged", 1, "published");
    reply = client_request(api_port(fixture->api), "POST", "/v1/statements?wait=published", NDJSON, PIER);
    assert_int_equal(reply.status, 202);
    reply_clear(&reply);
}

static void test_location_of_a_new_statement(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply = client_request(api_port(fixture->api), "POST", "/v1/statements", JSON, PIER);
    g_autofree char *location = reply_header(&reply, "Location");

    assert_string_equal(location, "/v1/statements/pier");
    reply_clear(&reply);
}

int main(void)
{
#define API_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        API_TEST(test_the_life_of_a_statement),
        API_TEST(test_what_was_stored_outlives_a_restart),
        API_TEST(test_bad_input_is_named_and_changes_nothing),
        API_TEST(test_large_bodies),
        API_TEST(test_tokens),
        API_TEST(test_lines),
        API_TEST(test_waiting_has_an_end),
        API_TEST(test_location_of_a_new_statement),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
