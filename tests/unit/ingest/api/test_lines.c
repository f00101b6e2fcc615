/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines over TCP, with the engine behind them and no broker there. */
#include "unit.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/socket.h>

#include "common/log.h"
#include "folder.h"
#include "http_client.h"
#include "ingest/api/api.h"

#define HEAD(query)                                                                                          \
    "POST /v1/statements" query " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer harbour-master\r\n"           \
    "Content-Type: application/x-ndjson\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

typedef struct {
    char *folder;
    char *database;
    Config *config;
    Engine *engine;
    Api *api;
} Fixture;

static void start(Fixture *fixture, const char *max_queue)
{
    g_autofree char *token_path = g_build_filename(fixture->folder, "token", NULL);
    g_autofree char *database = g_strdup_printf("DAYWIRE_INGEST_DATABASE=%s", fixture->database);
    g_autofree char *token = g_strdup_printf("DAYWIRE_INGEST_TOKEN_FILE=%s", token_path);
    g_autofree char *queue = g_strdup_printf("DAYWIRE_INGEST_MAX_QUEUE=%s", max_queue);
    char *const environment[] = {database,
                                 token,
                                 queue,
                                 (char *)"DAYWIRE_INGEST_LISTEN=127.0.0.1:0",
                                 (char *)"DAYWIRE_INGEST_MAX_BODY=1M",
                                 (char *)"DAYWIRE_INGEST_MAX_LINE=8K",
                                 (char *)"DAYWIRE_INGEST_WAIT_TIMEOUT=300ms",
                                 (char *)"DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1",
                                 NULL};
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(token_path, "harbour-master\n", -1, NULL));
    fixture->config = config_load(NULL, environment, &error);
    if (fixture->config)
        fixture->engine = engine_start(fixture->config, &error);
    if (fixture->engine)
        fixture->api = api_start(fixture->config, fixture->engine, NULL, &error);
    if (!fixture->api)
        fail_msg("%s", error->message);
}

static void stop(Fixture *fixture)
{
    engine_finish(fixture->engine);
    api_stop(g_steal_pointer(&fixture->api));
    engine_stop(g_steal_pointer(&fixture->engine));
    config_free(g_steal_pointer(&fixture->config));
}

static int setup_with(void **state, const char *max_queue)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = folder_new();
    fixture->database = g_build_filename(fixture->folder, "ingest.db", NULL);
    start(fixture, max_queue);
    *state = fixture;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, "10000");
}

/* Room for one batch at a time. */
static int setup_small(void **state)
{
    return setup_with(state, "1");
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    stop(fixture);
    folder_remove(fixture->folder);
    g_free(fixture->database);
    g_free(fixture);
    return 0;
}

/* ---- clients ---- */

static char *line_of(unsigned number)
{
    return g_strdup_printf("{\"id\":\"s-%u\",\"title\":\"Statement %u\",\"date\":\"2021-07-23\"}\n", number,
                           number);
}

static int open_chunked(Fixture *fixture, const char *query)
{
    int fd = client_connect(api_port(fixture->api));
    g_autofree char *head = g_strdup_printf(HEAD("%s") CHUNKED, query);

    client_send_text(fd, head);
    return fd;
}

static void send_chunk(int fd, const char *text)
{
    g_autofree char *chunk = g_strdup_printf("%zx\r\n%s\r\n", strlen(text), text);

    client_send_text(fd, chunk);
}

/* The next line of an answer that is being read, without its end and what frames it. */
static json_t *next_answer(int fd)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    char c = 0;

    for (;;) {
        if (poll(&pollfd, 1, 20000) <= 0 || recv(fd, &c, 1, 0) != 1)
            fail_msg("no answer after '%s'", text->str);
        if (c != '\n') {
            g_string_append_c(text, c);
            continue;
        }
        json_t *value = *text->str == '{' ? json_loads(text->str, 0, NULL) : NULL;
        if (value)
            return value;
        g_string_truncate(text, 0);
    }
}

static int64_t member(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void assert_next(int fd, int line, int status)
{
    json_t *answer = next_answer(fd);

    if (member(answer, "line") != line || member(answer, "status") != status)
        fail_msg("line %d: %s", line, json_dumps(answer, 0));
    json_decref(answer);
}

static HttpReply post(Fixture *fixture, const char *query, const char *body)
{
    g_autofree char *head = g_strdup_printf(HEAD("%s") "Content-Length: %zu\r\n\r\n", query, strlen(body));
    int fd = client_connect(api_port(fixture->api));

    client_send_text(fd, head);
    client_send_text(fd, body);
    HttpReply reply = client_read(fd, false);
    assert_true(reply.whole);
    close(fd);
    return reply;
}

typedef struct {
    int fd;
    unsigned count;
    unsigned bad; /* each `bad`th line is wrong; 0: none */
} Sender;

static void *send_lines(void *user)
{
    const Sender *sender = user;
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 1; i <= sender->count; i++) {
        g_autofree char *line = line_of(i);
        g_string_append(text, sender->bad > 0 && i % sender->bad == 0 ? "{\"title\":\n" : line);
        if (text->len > 20000 || i == sender->count) {
            send_chunk(sender->fd, text->str);
            g_string_truncate(text, 0);
        }
    }
    client_send_text(sender->fd, "0\r\n\r\n");
    return NULL;
}

/* All lines of the answer, in order: 201, and 400 where the line was wrong. */
static void assert_all(const GString *body, const Sender *sender)
{
    g_auto(GStrv) lines = g_strsplit(body->str, "\n", -1);

    assert_int_equal(g_strv_length(lines), sender->count + 1);
    for (unsigned i = 1; i <= sender->count; i++) {
        bool bad = sender->bad > 0 && i % sender->bad == 0;
        g_autofree char *expected = g_strdup_printf("{\"line\":%u,\"status\":%d,", i, bad ? 400 : 201);
        if (!g_str_has_prefix(lines[i - 1], expected))
            fail_msg("not %s: %s", expected, lines[i - 1]);
    }
}

static void stream_lines(Fixture *fixture, unsigned count, unsigned bad)
{
    Sender sender = {.fd = open_chunked(fixture, ""), .count = count, .bad = bad};
    GThread *thread = g_thread_new("sender", send_lines, &sender);
    HttpReply reply = client_read(sender.fd, false);

    g_thread_join(thread);
    assert_int_equal(reply.status, 200);
    assert_true(reply.whole);
    assert_all(reply.body, &sender);
    reply_clear(&reply);
    close(sender.fd);
}

/* ---- tests ---- */

static void test_more_lines_than_fit_anywhere(void **state)
{
    stream_lines(*state, 12000, 7);
}

/* The queue has room for one batch: without waiting for it most lines would be refused. */
static void test_a_full_queue_makes_the_stream_wait(void **state)
{
    stream_lines(*state, 6000, 0);
}

static void test_lines_of_every_form(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *filler = g_strnfill(8192, 'x');
    g_autofree char *first = line_of(1);
    g_autofree char *body = g_strconcat(
        "\xef\xbb\xbf", first, "\r\n \t\n", "{\"id\":\"crlf\",\"title\":\"A\",\"date\":\"2021-07-23\"}\r\n",
        "{\"title\":\"", filler, "\"}\n", "nonsense\n", "{\"id\":\"a\xff\"}\n",
        "{\"id\":\"last\",\"title\":\"A\",\"date\":\"2021-07-23\"}", NULL);
    HttpReply reply = post(fixture, "", body);
    g_auto(GStrv) lines = g_strsplit(reply.body->str, "\n", -1);
    static const char *const expected[] = {
        "{\"line\":1,\"status\":201,\"id\":\"s-1\",",
        "{\"line\":4,\"status\":201,\"id\":\"crlf\",",
        "{\"line\":5,\"status\":413,\"detail\":\"the line is longer than 8192 bytes\"}",
        "{\"line\":6,\"status\":400,\"detail\":\"not valid JSON at column 1: invalid literal",
        "{\"line\":7,\"status\":400,\"detail\":\"not valid JSON at column 9: invalid UTF-8 encoding in "
        "string\"",
        "{\"line\":8,\"status\":201,\"id\":\"last\",",
    };

    assert_int_equal(g_strv_length(lines), G_N_ELEMENTS(expected) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        if (!g_str_has_prefix(lines[i], expected[i]))
            fail_msg("not %s: %s", expected[i], lines[i]);
    reply_clear(&reply);
    reply = post(fixture, "", "\n\n");
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "");
    reply_clear(&reply);
}

static void test_a_line_is_answered_before_the_next_is_sent(void **state)
{
    Fixture *fixture = *state;
    int fd = open_chunked(fixture, "");

    for (int i = 1; i <= 200; i++) {
        g_autofree char *line = line_of((unsigned)i);
        send_chunk(fd, line);
        assert_next(fd, i, 201);
    }
    close(fd);
}

static void test_the_query_is_checked_first(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *line = line_of(1);
    HttpReply reply = post(fixture, "?colour=red", line);

    assert_int_equal(reply.status, 400);
    assert_non_null(strstr(reply.body->str, "there is no query parameter colour here"));
    reply_clear(&reply);
    reply = post(fixture, "", line);
    assert_non_null(strstr(reply.body->str, "\"status\":201")); /* it was not stored */
    reply_clear(&reply);
}

static void test_waiting_ends_line_by_line(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *line = line_of(1);
    HttpReply reply = post(fixture, "?wait=published", line);

    assert_int_equal(reply.status, 202);
    assert_non_null(strstr(reply.body->str, "\"status\":201"));
    assert_non_null(strstr(reply.body->str, "\"state\":\"stored\""));
    reply_clear(&reply);
    reply = post(fixture, "?wait=published", "nonsense\n");
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
}

/* While somebody else holds the database. */
static void test_a_failing_store_costs_its_lines_only(void **state)
{
    Fixture *fixture = *state;
    sqlite3 *other = NULL;
    int fd = open_chunked(fixture, "");
    g_autofree char *first = line_of(1);
    g_autofree char *second = line_of(2);

    send_chunk(fd, first);
    assert_next(fd, 1, 201);
    assert_int_equal(sqlite3_open(fixture->database, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    send_chunk(fd, second);
    json_t *answer = next_answer(fd);
    assert_int_equal(member(answer, "line"), 2);
    assert_int_equal(member(answer, "status"), 503);
    assert_string_equal(json_string_value(json_object_get(answer, "id")), "s-2");
    assert_non_null(strstr(json_string_value(json_object_get(answer, "detail")), "locked"));
    json_decref(answer);
    send_chunk(fd, "nonsense\n");
    assert_next(fd, 3, 400);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    send_chunk(fd, second);
    assert_next(fd, 4, 201); /* it was not stored before */
    close(fd);
}

/* As long as there is no answer yet the status tells it. */
static void test_a_failing_store_at_the_beginning(void **state)
{
    Fixture *fixture = *state;
    sqlite3 *other = NULL;
    g_autofree char *line = line_of(1);
    g_autofree char *body = g_strconcat("nonsense\n", line, NULL);

    assert_int_equal(sqlite3_open(fixture->database, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    HttpReply reply = post(fixture, "", body);
    g_autofree char *retry = reply_header(&reply, "Retry-After");
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body->str, "locked"));
    assert_non_null(retry);
    reply_clear(&reply);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    reply = post(fixture, "", line);
    assert_non_null(strstr(reply.body->str, "\"status\":201")); /* it was not stored before */
    reply_clear(&reply);
}

/* What was answered is stored, and the client knows where to go on. */
static void test_a_stop_ends_the_answer(void **state)
{
    Fixture *fixture = *state;
    int fd = open_chunked(fixture, "");
    g_autofree char *line = line_of(1);

    send_chunk(fd, line);
    assert_next(fd, 1, 201);
    send_chunk(fd, "{\"id\":\"half");
    engine_finish(fixture->engine);
    g_autofree char *late = line_of(2);
    g_autofree char *rest_of_half = g_strconcat("\"}\n", late, NULL);
    send_chunk(fd, rest_of_half);
    assert_next(fd, 2, 400);
    stop(fixture);
    char rest[64];
    g_autoptr(GString) end = g_string_new(NULL);
    ssize_t size;
    while ((size = recv(fd, rest, sizeof rest, 0)) > 0)
        g_string_append_len(end, rest, size);
    /* What nobody stored is refused, and the answer has an end. */
    assert_non_null(strstr(
        end->str, "{\"line\":3,\"status\":503,\"id\":\"s-2\",\"detail\":\"the service is stopping\"}"));
    assert_true(g_str_has_suffix(end->str, "\r\n0\r\n\r\n"));
    close(fd);
    start(fixture, "10000");
    HttpReply reply = post(fixture, "", line);
    assert_non_null(strstr(reply.body->str, "\"result\":\"unchanged\""));
    reply_clear(&reply);
}

/* At every moment: what was sent before is stored or not, and the server goes on. */
static void test_clients_that_vanish(void **state)
{
    Fixture *fixture = *state;

    for (unsigned i = 0; i < 40; i++) {
        int fd = open_chunked(fixture, i % 4 == 0 ? "?wait=published" : "");
        for (unsigned k = 0; k < i % 5; k++) {
            g_autofree char *line = line_of(1000 + i * 5 + k);
            send_chunk(fd, line);
        }
        if (i % 2 == 0)
            send_chunk(fd, "{\"id\":\"half");
        close(fd);
    }
    /* Until all of them are noticed there may be too many. */
    int64_t deadline = g_get_monotonic_time() + (int64_t)20 * G_USEC_PER_SEC;
    int status = 503;
    while (status == 503 && g_get_monotonic_time() < deadline) {
        int fd = open_chunked(fixture, "");
        client_send_text(fd, "0\r\n\r\n");
        HttpReply reply = client_read(fd, false);
        status = reply.status;
        reply_clear(&reply);
        close(fd);
    }
    assert_int_equal(status, 200);
    stream_lines(fixture, 100, 0);
}

int main(void)
{
#define LINES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LINES_TEST(test_more_lines_than_fit_anywhere),
        cmocka_unit_test_setup_teardown(test_a_full_queue_makes_the_stream_wait, setup_small, teardown),
        LINES_TEST(test_lines_of_every_form),
        LINES_TEST(test_a_line_is_answered_before_the_next_is_sent),
        LINES_TEST(test_the_query_is_checked_first),
        LINES_TEST(test_waiting_ends_line_by_line),
        LINES_TEST(test_a_failing_store_costs_its_lines_only),
        LINES_TEST(test_a_failing_store_at_the_beginning),
        LINES_TEST(test_a_stop_ends_the_answer),
        LINES_TEST(test_clients_that_vanish),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
