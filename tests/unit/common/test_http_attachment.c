/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a request is given back once, whichever way the request ends. */
#include "unit.h"

#include <stdatomic.h>

#include "common/http/server.h"
#include "common/log.h"
#include "common/server_fixture.h"
#include "http_client.h"

#define MAX_BODY   100
#define MAX_BODIES 150
#define PATIENCE   (INT64_C(10) * G_USEC_PER_SEC)

typedef struct {
    HttpServer *server;
    unsigned port;
    atomic_int attached, released;
    HttpRequest *_Atomic held; /* the last one at /held */
} Fixture;

static void release(void *object)
{
    Fixture *fixture = object;
    atomic_fetch_add(&fixture->released, 1);
}

static bool admit(HttpRequest *request, void *user)
{
    Fixture *fixture = user;

    http_request_attach(request, fixture, release);
    atomic_fetch_add(&fixture->attached, 1);
    if (!http_request_header(request, "authorization"))
        return true;
    http_respond_problem(request, 429, "slower", NULL);
    return false;
}

static void answer(HttpRequest *request, void *user)
{
    http_respond(request, http_request_attached(request) == user ? 200 : 500, NULL, NULL, NULL);
}

static void hold(HttpRequest *request, void *user)
{
    Fixture *fixture = user;
    g_assert_null(atomic_exchange(&fixture->held, request));
}

static HttpRequest *wait_held(Fixture *fixture)
{
    int64_t deadline = g_get_monotonic_time() + PATIENCE;
    HttpRequest *request = NULL;

    while (!(request = atomic_exchange(&fixture->held, NULL)) && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    assert_non_null(request);
    return request;
}

static void wait_released(Fixture *fixture, int count)
{
    int64_t deadline = g_get_monotonic_time() + PATIENCE;

    while (atomic_load(&fixture->released) < count && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    assert_int_equal(atomic_load(&fixture->released), count);
}

static int setup(void **state)
{
    static const HttpRoute routes[] = {
        {"GET", "/now", answer}, {"POST", "/now", answer}, {"GET", "/held", hold},
        {"POST", "/held", hold}, {NULL, NULL, NULL},
    };
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->server = server_fixture_start((HttpServerOptions){.routes = routes,
                                                               .admit = admit,
                                                               .user = fixture,
                                                               .max_body = MAX_BODY,
                                                               .max_bodies = MAX_BODIES,
                                                               .max_connections = 10,
                                                               .timeout_s = 2},
                                           &fixture->port);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    http_server_stop(fixture->server);
    assert_int_equal(atomic_load(&fixture->attached), atomic_load(&fixture->released));
    g_free(fixture);
    return 0;
}

/* By the time that the client reads the answer's end or the server takes another request, at the latest. */
static void test_answered_at_once(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    for (int i = 1; i <= 5; i++) {
        client_send_text(fd, i % 2 ? "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"
                                   : "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, 200);
        reply_clear(&reply);
        wait_released(fixture, i);
    }
    close(fd);
}

/* Also while the connection still waits for the rest of a body that nobody wants. */
static void test_refused_with_its_body_unread(void **state)
{
    static const struct {
        const char *head;
        int status;
    } cases[] = {
        {"POST /now HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nContent-Length: 90\r\n\r\n", 429},
        {"POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", 413},
    };
    Fixture *fixture = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int fd = client_connect(fixture->port);
        client_send_text(fd, cases[i].head);
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, cases[i].status);
        reply_clear(&reply);
        int64_t before = g_get_monotonic_time();
        wait_released(fixture, (int)i + 1);
        /* The connection lingers for 3 s. */
        assert_true(g_get_monotonic_time() - before < INT64_C(2) * G_USEC_PER_SEC);
        close(fd);
    }
}

static void test_whoever_holds_the_request_keeps_it(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpRequest *request = wait_held(fixture);
    close(fd);
    HttpReply reply = client_request(fixture->port, "GET", "/now", NULL, NULL);
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
    wait_released(fixture, 1);
    assert_ptr_equal(http_request_attached(request), fixture);
    http_respond(request, 200, NULL, NULL, NULL);
    wait_released(fixture, 2);
}

static void test_a_body_that_does_not_come(void **state)
{
    Fixture *fixture = *state;
    int late = client_connect(fixture->port);
    int gone = client_connect(fixture->port);

    client_send_text(gone, "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\no");
    close(gone);
    wait_released(fixture, 1);
    client_send_text(late, "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\no");
    HttpReply reply = client_read(late, false);
    assert_int_equal(reply.status, 408);
    reply_clear(&reply);
    wait_released(fixture, 2);
    close(late);
}

static void test_a_stop_and_an_answer_after_it(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpRequest *request = wait_held(fixture);
    http_server_stop(g_steal_pointer(&fixture->server));
    assert_int_equal(atomic_load(&fixture->released), 0);
    assert_ptr_equal(http_request_attached(request), fixture);
    http_respond(request, 200, NULL, NULL, NULL);
    assert_int_equal(atomic_load(&fixture->released), 1);
    close(fd);
}

int main(void)
{
#define ATTACHMENT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ATTACHMENT_TEST(test_answered_at_once),
        ATTACHMENT_TEST(test_refused_with_its_body_unread),
        ATTACHMENT_TEST(test_whoever_holds_the_request_keeps_it),
        ATTACHMENT_TEST(test_a_body_that_does_not_come),
        ATTACHMENT_TEST(test_a_stop_and_an_answer_after_it),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
