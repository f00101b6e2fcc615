/* SPDX-License-Identifier: Apache-2.0 */
/* Slow clients and strangers: what the server bounds in time and in number. */
#include "unit.h"

#include <poll.h>
#include <sys/socket.h>

#include "common/http/server.h"
#include "common/log.h"
#include "common/server_fixture.h"
#include "http_client.h"

#define HEADER_US   (INT64_C(600) * 1000)
#define BODY_US     (INT64_C(800) * 1000)
#define BODY_RATE   INT64_C(20000)
#define PATIENCE_US (INT64_C(10) * G_USEC_PER_SEC)
#define CONNECTIONS 6
#define STRANGERS   3
#define GET         "GET /now HTTP/1.1\r\nHost: x\r\n"
#define KNOWN       GET "Authorization: friend\r\n\r\n"

static void nothing(void *object)
{
    (void)object;
}

static bool admit(HttpRequest *request, void *user)
{
    if (http_request_header(request, "authorization")) {
        http_request_attach(request, user, nothing);
        return true;
    }
    http_respond_problem(request, 401, "who is it?", NULL);
    return false;
}

static void answer(HttpRequest *request, void *user)
{
    (void)user;
    http_respond(request, 200, "text/plain", NULL, NULL);
}

static HttpServer *server;
static unsigned port;

static int setup(void **state)
{
    static const HttpRoute routes[] = {{"GET", "/now", answer}, {"POST", "/now", answer}, {NULL, NULL, NULL}};

    (void)state;
    server = server_fixture_start((HttpServerOptions){.routes = routes,
                                                      .admit = admit,
                                                      .user = &server,
                                                      .max_body = 1000000,
                                                      .max_bodies = 1000000,
                                                      .max_connections = CONNECTIONS,
                                                      .max_strangers = STRANGERS,
                                                      .header_timeout_us = HEADER_US,
                                                      .body_timeout_us = BODY_US,
                                                      .body_rate = BODY_RATE,
                                                      .timeout_s = 10},
                                  &port);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_server_stop(server);
    return 0;
}

static void expect(int fd, int status, const char *part)
{
    HttpReply reply = client_read(fd, false);

    if (reply.status != status || !strstr(reply.body->str, part))
        fail_msg("%d: %s", reply.status, reply.body->str);
    reply_clear(&reply);
}

static void expect_closed(int fd)
{
    assert_true(client_closed(fd));
    close(fd);
}

static bool has_input(int fd, int ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, ms) > 0;
}

/* Sends `byte` again and again until the other side says something; how long that took. */
static int64_t dribble(int fd, const char *piece, int pause_ms)
{
    int64_t start = g_get_monotonic_time();

    while (!has_input(fd, pause_ms) && g_get_monotonic_time() - start < PATIENCE_US)
        if (send(fd, piece, strlen(piece), MSG_NOSIGNAL) < 0)
            break;
    return g_get_monotonic_time() - start;
}

static void test_a_head_in_dribs(void **state)
{
    int fd = client_connect(port);

    (void)state;
    client_send_text(fd, GET "Cookie: ");
    int64_t took = dribble(fd, "x", 20);
    assert_in_range(took, HEADER_US / 2, HEADER_US * 3);
    expect(fd, 408, "the head of the request was not complete in time");
    expect_closed(fd);
}

static void test_no_head_at_all(void **state)
{
    int fd = client_connect(port);

    (void)state;
    expect(fd, 408, "in time");
    expect_closed(fd);
}

/* A connection may rest between requests for longer than a head may take, but its next head has to come in time. */
static void test_a_later_head_in_dribs(void **state)
{
    int fd = client_connect(port);

    (void)state;
    client_send_text(fd, KNOWN);
    expect(fd, 200, "");
    assert_false(has_input(fd, (int)(HEADER_US * 2 / 1000)));
    client_send_text(fd, KNOWN);
    expect(fd, 200, "");
    client_send_text(fd, GET "Cookie: ");
    int64_t took = dribble(fd, "x", 20);
    assert_in_range(took, HEADER_US / 2, HEADER_US * 3);
    expect(fd, 408, "the head of the request was not complete in time");
    expect_closed(fd);
}

static void begin_body(int fd, size_t size)
{
    g_autofree char *head = g_strdup_printf("POST /now HTTP/1.1\r\nHost: x\r\nAuthorization: friend\r\n"
                                            "Content-Length: %zu\r\n\r\n",
                                            size);
    client_send_text(fd, head);
}

static void test_a_body_in_dribs(void **state)
{
    int fd = client_connect(port);

    (void)state;
    begin_body(fd, 1000);
    int64_t took = dribble(fd, "x", 20);
    assert_in_range(took, BODY_US / 2, BODY_US * 3);
    expect(fd, 408, "the request was not complete in time");
    close(fd);
}

/* Twice as fast as it must be, for longer than the time-out. */
static void test_a_body_at_the_rate_may_take_longer(void **state)
{
    const int64_t step_us = 20000;
    const size_t step = (size_t)(2 * BODY_RATE * step_us / G_USEC_PER_SEC);
    const size_t size = (size_t)(2 * BODY_RATE * 2 * BODY_US / G_USEC_PER_SEC);
    g_autofree char *piece = g_strnfill(step, 'x');
    int fd = client_connect(port);
    int64_t start = g_get_monotonic_time();

    (void)state;
    begin_body(fd, size);
    for (size_t sent = 0; sent < size; sent += step) {
        assert_false(has_input(fd, 0));
        client_send(fd, piece, MIN(step, size - sent));
        int64_t due = start + (int64_t)(sent / step + 1) * step_us;
        while (g_get_monotonic_time() < due)
            g_usleep(1000);
    }
    assert_true(g_get_monotonic_time() - start > BODY_US);
    expect(fd, 200, "");
    close(fd);
}

/* A large beginning does not buy a long end. */
static void test_a_body_that_stops(void **state)
{
    g_autofree char *piece = g_strnfill(500000, 'x'); /* 25 s worth */
    int fd = client_connect(port);
    int64_t start = g_get_monotonic_time();

    (void)state;
    begin_body(fd, 1000000);
    client_send(fd, piece, 500000);
    expect(fd, 408, "the request was not complete in time");
    assert_in_range(g_get_monotonic_time() - start, BODY_US / 2, BODY_US * 4);
    close(fd);
}

static void test_the_newest_stranger_pushes_out_the_oldest(void **state)
{
    int fds[STRANGERS + 1];

    (void)state;
    for (size_t i = 0; i <= STRANGERS; i++) {
        fds[i] = client_connect(port);
        client_send_text(fds[i], GET);
    }
    expect(fds[0], 503, "too many connect without saying who they are");
    expect_closed(fds[0]);
    for (size_t i = 1; i <= STRANGERS; i++) {
        client_send_text(fds[i], "Authorization: friend\r\n\r\n");
        expect(fds[i], 200, "");
        close(fds[i]);
    }
}

/* Those who are known count no more as strangers; those who were refused do. */
static void test_who_is_a_stranger(void **state)
{
    int known[STRANGERS];
    int refused[STRANGERS];

    (void)state;
    for (size_t i = 0; i < STRANGERS; i++) {
        known[i] = client_connect(port);
        client_send_text(known[i], KNOWN);
        expect(known[i], 200, "");
    }
    for (size_t i = 0; i < STRANGERS; i++) {
        refused[i] = client_connect(port);
        client_send_text(refused[i], GET "\r\n");
        expect(refused[i], 401, "who is it?");
    }
    /* All places are taken: the oldest stranger, who rests, makes room without a word. */
    int late = client_connect(port);
    client_send_text(late, KNOWN);
    expect(late, 200, "");
    expect_closed(refused[0]);
    close(late);
    for (size_t i = 0; i < STRANGERS; i++) {
        client_send_text(known[i], KNOWN);
        expect(known[i], 200, "");
        close(known[i]);
    }
    for (size_t i = 1; i < STRANGERS; i++)
        close(refused[i]);
}

/* Without strangers there is nobody to push out. */
static void test_connections_in_all(void **state)
{
    int known[CONNECTIONS];

    (void)state;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        known[i] = client_connect(port);
        client_send_text(known[i], KNOWN);
        expect(known[i], 200, "");
    }
    int late = client_connect(port);
    client_send_text(late, KNOWN);
    HttpReply reply = client_read(late, false);
    g_autofree char *retry = reply_header(&reply, "Retry-After");
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body->str, "there are too many connections"));
    assert_string_equal(retry, "10");
    reply_clear(&reply);
    expect_closed(late);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        client_send_text(known[i], KNOWN);
        expect(known[i], 200, "");
        close(known[i]);
    }
}

/* Those who only hold on never keep out those who speak. */
static void test_a_flood_of_silent_strangers(void **state)
{
    int silent[200];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++) {
        silent[i] = client_connect(port);
        if (i % 20 == 0) {
            int fd = client_connect(port);
            client_send_text(fd, KNOWN);
            expect(fd, 200, "");
            close(fd);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
        expect_closed(silent[i]);
}

int main(void)
{
#define LIMITS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LIMITS_TEST(test_a_head_in_dribs),
        LIMITS_TEST(test_no_head_at_all),
        LIMITS_TEST(test_a_later_head_in_dribs),
        LIMITS_TEST(test_a_body_in_dribs),
        LIMITS_TEST(test_a_body_at_the_rate_may_take_longer),
        LIMITS_TEST(test_a_body_that_stops),
        LIMITS_TEST(test_the_newest_stranger_pushes_out_the_oldest),
        LIMITS_TEST(test_who_is_a_stranger),
        LIMITS_TEST(test_connections_in_all),
        LIMITS_TEST(test_a_flood_of_silent_strangers),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
