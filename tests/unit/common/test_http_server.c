/* SPDX-License-Identifier: Apache-2.0 */
/* The server from outside, over TCP: what well-behaved and ill-behaved clients see. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/resource.h>

#include "common/http/server.h"
#include "common/log.h"
#include "common/server_fixture.h"
#include "http_client.h"

#define MAX_BODY    65536
#define MAX_BODIES  131072
#define LARGE_SIZE  ((size_t)8 * 1024 * 1024)
#define CONNECTIONS 8
#define TIMEOUT_S   4

/* GLib's own queue is invisible to ThreadSanitizer. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    GQueue requests; /* a NULL ends it */
} Queue;

static void queue_push(Queue *queue, HttpRequest *request)
{
    pthread_mutex_lock(&queue->lock);
    g_queue_push_tail(&queue->requests, request);
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

static HttpRequest *queue_pop(Queue *queue)
{
    struct timespec deadline;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 30;
    pthread_mutex_lock(&queue->lock);
    while (g_queue_is_empty(&queue->requests))
        if (pthread_cond_timedwait(&queue->filled, &queue->lock, &deadline) != 0)
            break;
    HttpRequest *request = g_queue_pop_head(&queue->requests);
    pthread_mutex_unlock(&queue->lock);
    return request;
}

typedef struct {
    HttpServer *server;
    unsigned port;
    Queue held;  /* /held */
    Queue later; /* /echo, answered by the other thread */
    GThread *answerer;
    GBytes *large;
    atomic_int observed[600];
} Fixture;

static void echo(HttpRequest *request)
{
    http_respond(request, 200, "application/octet-stream", NULL, http_request_body(request));
}

static void post_echo(HttpRequest *request, void *user)
{
    queue_push(&((Fixture *)user)->later, request);
}

static void *answer_later(void *user)
{
    Fixture *fixture = user;
    HttpRequest *request;

    while ((request = queue_pop(&fixture->later)) != NULL)
        echo(request);
    return NULL;
}

static void hold(HttpRequest *request, void *user)
{
    queue_push(&((Fixture *)user)->held, request);
}

static void get_item(HttpRequest *request, void *user)
{
    const char *q = http_request_query(request, "q");
    const char *second = http_request_query_nth(request, "q", 1);
    g_autofree char *text =
        g_strdup_printf("%s|%s|%s|%s", http_request_method(request), http_request_segment(request, "id"),
                        q != NULL ? q : "-", second != NULL ? second : "-");
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

    (void)user;
    http_respond(request, 200, "text/plain", (const char *const[]){"X-Test", "a\r\nb: c", NULL}, body);
}

static void get_large(HttpRequest *request, void *user)
{
    http_respond(request, 200, "application/octet-stream", NULL, ((Fixture *)user)->large);
}

static void put_anything(HttpRequest *request, void *user)
{
    (void)user;
    http_respond_problem(request, 409, "no", "title");
}

static bool admit(HttpRequest *request, void *user)
{
    const char *authorization = http_request_header(request, "authorization");

    (void)user;
    if (authorization == NULL || strcmp(authorization, "Bearer wrong") != 0)
        return true;
    http_respond_problem(request, 401, "wrong token", NULL);
    return false;
}

static void observe(int status, void *user)
{
    atomic_fetch_add(&((Fixture *)user)->observed[status], 1);
}

static int setup(void **state)
{
    static const HttpRoute routes[] = {
        {"POST", "/echo", post_echo},
        {"GET", "/items/{id}", get_item},
        {"PUT", "/items/{id}", put_anything},
        {"GET", "/large", get_large},
        {"POST", "/large", get_large},
        {"GET", "/held", hold},
        {"POST", "/held", hold},
        {NULL, NULL, NULL},
    };
    Fixture *fixture = g_new0(Fixture, 1);

    char *large = g_malloc(LARGE_SIZE);
    for (size_t i = 0; i < LARGE_SIZE; i++)
        large[i] = (char)('a' + i % 23);
    fixture->large = g_bytes_new_take(large, LARGE_SIZE);
    fixture->held = (Queue){.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
    fixture->later = (Queue){.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
    fixture->answerer = g_thread_new("answerer", answer_later, fixture);
    fixture->server = server_fixture_start((HttpServerOptions){.routes = routes,
                                                               .admit = admit,
                                                               .observe = observe,
                                                               .user = fixture,
                                                               .max_body = MAX_BODY,
                                                               .max_bodies = MAX_BODIES,
                                                               .max_connections = CONNECTIONS,
                                                               .timeout_s = TIMEOUT_S},
                                           &fixture->port);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    http_server_stop(fixture->server);
    queue_push(&fixture->later, NULL);
    g_thread_join(fixture->answerer);
    g_bytes_unref(fixture->large);
    g_free(fixture);
    return 0;
}

static HttpRequest *wait_held(Fixture *fixture)
{
    HttpRequest *request = queue_pop(&fixture->held);
    assert_non_null(request);
    return request;
}

/* One request as it stands; the answer's status. */
static int status_of(Fixture *fixture, const char *request)
{
    int fd = client_connect(fixture->port);
    client_send_text(fd, request);
    HttpReply reply = client_read(fd, false);
    int status = reply.status;
    reply_clear(&reply);
    close(fd);
    return status;
}

static void test_answers_and_keeps_the_connection(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    for (unsigned i = 0; i < 20; i++) {
        client_send_text(fd, "GET /items/a%2Db?q=one+two&q=%C3%A9 HTTP/1.1\r\nHost: x\r\n\r\n");
        HttpReply reply = client_read(fd, false);
        g_autofree char *connection = reply_header(&reply, "Connection");
        g_autofree char *server = reply_header(&reply, "Server");
        g_autofree char *sniff = reply_header(&reply, "X-Content-Type-Options");
        g_autofree char *test = reply_header(&reply, "X-Test");
        g_autofree char *date = reply_header(&reply, "Date");
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body->str, "GET|a-b|one two|é");
        assert_null(connection);
        assert_null(server);
        assert_string_equal(sniff, "nosniff");
        assert_string_equal(test, "a  b: c");
        assert_true(g_str_has_suffix(date, " GMT"));
        reply_clear(&reply);
    }
    close(fd);
    assert_int_equal(atomic_load(&fixture->observed[200]), 20);
}

static void test_head_has_no_body(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    for (unsigned i = 0; i < 3; i++) {
        client_send_text(fd, "HEAD /items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
        HttpReply reply = client_read(fd, true);
        g_autofree char *length = reply_header(&reply, "Content-Length");
        assert_int_equal(reply.status, 200);
        assert_string_equal(length, "10"); /* HEAD|7|-|- */
        reply_clear(&reply);
    }
    close(fd);
}

static void test_unknown_paths_and_methods(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply = client_request(fixture->port, "GET", "/nothing", NULL, NULL);
    assert_int_equal(reply.status, 404);
    assert_non_null(strstr(reply.body->str, "\"status\":404"));
    reply_clear(&reply);

    reply = client_request(fixture->port, "DELETE", "/items/7", NULL, NULL);
    g_autofree char *allow = reply_header(&reply, "Allow");
    g_autofree char *type = reply_header(&reply, "Content-Type");
    assert_int_equal(reply.status, 405);
    assert_string_equal(allow, "GET, HEAD, PUT");
    assert_string_equal(type, "application/problem+json");
    reply_clear(&reply);

    reply = client_request(fixture->port, "GET", "/items/", NULL, NULL);
    assert_int_equal(reply.status, 404);
    reply_clear(&reply);
    reply = client_request(fixture->port, "GET", "/items/a/b", NULL, NULL);
    assert_int_equal(reply.status, 404);
    reply_clear(&reply);
}

static void test_problem_names_the_field(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply = client_request(fixture->port, "PUT", "/items/7", NULL, "x");

    assert_int_equal(reply.status, 409);
    assert_string_equal(reply.body->str, "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
                                         "\"detail\":\"no\",\"field\":\"title\"}");
    reply_clear(&reply);
}

static void test_bodies_come_back_from_another_thread(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    for (size_t size = 0; size <= MAX_BODY; size = size * 4 + 1) {
        g_autofree char *body = g_strnfill(size, 'x');
        g_autofree char *head =
            g_strdup_printf("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", size);
        client_send_text(fd, head);
        client_send(fd, body, size);
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body->str, body);
        reply_clear(&reply);
    }
    close(fd);
}

static void test_a_body_in_single_bytes(void **state)
{
    Fixture *fixture = *state;
    const char request[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    int fd = client_connect(fixture->port);

    for (size_t i = 0; i + 1 < sizeof request; i++)
        client_send(fd, request + i, 1);
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "hello");
    reply_clear(&reply);
    close(fd);
}

/* libwebsockets 4.1 hangs for ever when it meets a second request with a body. */
static void test_of_pipelined_requests_the_first_is_answered(void **state)
{
    Fixture *fixture = *state;
    static const char get[] = "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char post[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nGET|1|-|-";
    const char *const orders[][3] = {
        {get, post, post}, {post, post, get}, {get, get, get}, {post, get, post}};

    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_autofree char *requests = g_strconcat(orders[i][0], orders[i][1], orders[i][2], NULL);
        int fd = client_connect(fixture->port);
        client_send_text(fd, requests);
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body->str, "GET|1|-|-");
        reply_clear(&reply);
        assert_true(client_closed(fd));
        close(fd);
    }
    assert_int_equal(status_of(fixture, get), 200);
}

static void test_large_answers_arrive_whole(void **state)
{
    Fixture *fixture = *state;
    gsize size = 0;
    const char *large = g_bytes_get_data(fixture->large, &size);
    int fd = client_connect(fixture->port);

    for (unsigned i = 0; i < 4; i++) {
        client_send_text(fd, i % 2 == 0 ? "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
                                        : "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, 200);
        assert_int_equal(reply.body->len, size);
        assert_memory_equal(reply.body->str, large, size);
        reply_clear(&reply);
    }
    close(fd);
}

static void test_body_beyond_the_limit(void **state)
{
    Fixture *fixture = *state;
    size_t size = (size_t)10 * 1024 * 1024;
    g_autofree char *body = g_strnfill(size, 'x');
    g_autofree char *head =
        g_strdup_printf("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", size);

    /* The answer comes before the body... */
    int fd = client_connect(fixture->port);
    client_send_text(fd, head);
    HttpReply reply = client_read(fd, false);
    g_autofree char *connection = reply_header(&reply, "Connection");
    assert_int_equal(reply.status, 413);
    assert_non_null(strstr(reply.body->str, "65536 bytes"));
    assert_string_equal(connection, "close");
    reply_clear(&reply);
    close(fd);

    /* ...and reaches also those who send all of it first. */
    fd = client_connect(fixture->port);
    client_send_text(fd, head);
    client_send(fd, body, size);
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 413);
    reply_clear(&reply);
    assert_true(client_closed(fd));
    close(fd);
}

/* Whether or not they have come: what was announced may come. */
static void test_bodies_are_bounded_together(void **state)
{
    static const char head[] = "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n";
    static const char small[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n";
    static const char without[] = "GET /items/a HTTP/1.1\r\nHost: x\r\n\r\n";
    Fixture *fixture = *state;
    g_autofree char *body = g_strnfill(60000, 'x');
    int first = client_connect(fixture->port);
    int second = client_connect(fixture->port);

    client_send_text(first, head);
    client_send(first, body, 60000);
    HttpRequest *held = wait_held(fixture);
    client_send_text(second, head);
    client_send(second, body, 60000);
    HttpRequest *held_too = wait_held(fixture);
    assert_int_equal(status_of(fixture, small), 503);
    assert_int_equal(status_of(fixture, without), 200);
    /* Who goes away leaves his body with the handler, until that is done with it. */
    close(first);
    assert_int_equal(status_of(fixture, small), 503);
    http_respond_problem(held, 409, "no", NULL);
    close(second);
    http_respond_problem(held_too, 409, "no", NULL);
    for (int status = 503; status != 200; g_usleep(1000)) {
        int fd = client_connect(fixture->port);
        client_send_text(fd, small);
        client_send(fd, body, 20000);
        HttpReply reply = client_read(fd, false);
        status = reply.status;
        reply_clear(&reply);
        close(fd);
    }
}

static void test_refused_before_the_body_is_read(void **state)
{
    Fixture *fixture = *state;

    assert_int_equal(status_of(fixture, "POST /echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
                                        "Content-Length: 60000\r\n\r\n"),
                     401);
}

static void test_expect_continue(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd,
                     "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    HttpReply reply = client_read(fd, true);
    assert_int_equal(reply.status, 100);
    reply_clear(&reply);
    client_send_text(fd, "ok");
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "ok");
    reply_clear(&reply);
    close(fd);
}

static void test_bodies_without_a_clear_end_are_refused(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"", 411},
        {"Transfer-Encoding: chunked\r\n", 411},
        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: -1\r\n", 400},
        {"Content-Length: +5\r\n", 400},
        {"Content-Length: 0x10\r\n", 400},
        {"Content-Length: 5, 6\r\n", 400},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
        {"Content-Length: 99999999999999999999999\r\n", 400},
        {"Content-Length: 999999999999999999\r\n", 413},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *request = g_strdup_printf(
            "POST /echo HTTP/1.1\r\nHost: x\r\n%s\r\n5\r\nhello\r\n0\r\n\r\n", cases[i].headers);
        int fd = client_connect(fixture->port);
        client_send_text(fd, request);
        HttpReply reply = client_read(fd, false);
        if (reply.status != cases[i].status)
            fail_msg("'%s' gave %d", cases[i].headers, reply.status);
        reply_clear(&reply);
        shutdown(fd, SHUT_WR);
        assert_true(client_closed(fd));
        close(fd);
    }
    assert_int_equal(
        status_of(fixture, "GET /items/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
}

/* Even when all of it has been read: whoever disagrees about the end of the first, smuggles the second. */
static void test_after_a_refused_framing_comes_no_further_request(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                         "Content-Length: 5\r\n\r\n0\r\n\r\n");
    HttpReply reply = client_read(fd, false);
    g_autofree char *connection = reply_header(&reply, "Connection");
    assert_int_equal(reply.status, 400);
    assert_int_equal(g_strcmp0(connection, "close"), 0);
    reply_clear(&reply);
    assert_true(client_closed(fd));
    close(fd);
}

static void test_odd_requests_do_no_harm(void **state)
{
    Fixture *fixture = *state;

    assert_int_equal(status_of(fixture, "GET /items/1 HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(status_of(fixture, "GET /items/1 HTTP/3.0\r\nHost: x\r\n\r\n"), 505);
    assert_int_equal(status_of(fixture, "GET /items/%FF HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
    assert_int_equal(status_of(fixture, "GET /items/%07 HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
    assert_int_equal(status_of(fixture, "GET /items/1?q=%FF HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
    assert_int_equal(status_of(fixture, "GET /%00items/1 HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
    /* These get no answer worth the name, but the server lives on. */
    static const char *const hopeless[] = {
        "GET /items/1%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /items/1?q=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT host:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\x01\x01",
        "GET\r\n\r\n",
        "BREW /items/1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /items/% HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(hopeless); i++) {
        int fd = client_connect(fixture->port);
        client_send_text(fd, hopeless[i]);
        shutdown(fd, SHUT_WR);
        assert_true(client_closed(fd));
        close(fd);
    }
    g_autofree char *filler = g_strnfill(100000, 'x');
    g_autofree char *huge = g_strdup_printf("GET /items/1 HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n", filler);
    int fd = client_connect(fixture->port);
    client_send_text(fd, huge);
    assert_true(client_closed(fd));
    close(fd);
    assert_int_equal(status_of(fixture, "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

static void test_http_1_0_is_answered_and_closed(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd, "GET /items/1 HTTP/1.0\r\n\r\n");
    HttpReply reply = client_read(fd, false);
    g_autofree char *connection = reply_header(&reply, "Connection");
    assert_int_equal(reply.status, 200);
    assert_string_equal(connection, "close");
    reply_clear(&reply);
    assert_true(client_closed(fd));
    close(fd);
}

static void test_no_upgrade(void **state)
{
    Fixture *fixture = *state;
    static const char *const upgrades[] = {
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "Connection: Upgrade\r\nUpgrade: something\r\n",
    };
    static const int statuses[] = {400, 404, 403};

    for (size_t i = 0; i < G_N_ELEMENTS(upgrades); i++) {
        g_autofree char *request = g_strdup_printf("GET /items/1 HTTP/1.1\r\nHost: x\r\n%s\r\n", upgrades[i]);
        int fd = client_connect(fixture->port);
        client_send_text(fd, request);
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, statuses[i]);
        assert_null(strstr(reply.head, "h2c"));
        reply_clear(&reply);
        assert_true(client_closed(fd));
        close(fd);
    }
}

static void test_slow_requests_end(void **state)
{
    Fixture *fixture = *state;

    /* A body that does not come. */
    int fd = client_connect(fixture->port);
    client_send_text(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 408);
    reply_clear(&reply);
    close(fd);
    /* Headers that do not end, and none at all. */
    fd = client_connect(fixture->port);
    int silent = client_connect(fixture->port);
    client_send_text(fd, "GET /items/1 HTTP/1.1\r\nHo");
    assert_true(client_closed(fd));
    assert_true(client_closed(silent));
    close(fd);
    close(silent);
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
}

/* Alone, and with more requests behind it, for which libwebsockets would poll in vain. */
static const char *const stalled_requests[] = {
    "GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n",
};

static int send_stalled(Fixture *fixture, size_t i)
{
    static const int small = 65536;
    int fd = client_connect(fixture->port);

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send_text(fd, stalled_requests[i]);
    return fd;
}

static void test_answers_nobody_takes_end(void **state)
{
    Fixture *fixture = *state;
    int fds[G_N_ELEMENTS(stalled_requests)];

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = send_stalled(fixture, i);
    /* Taken only after the server has given up: then there is less than all of it. */
    double before = cpu_seconds();
    g_usleep((gulong)(TIMEOUT_S + 1) * G_USEC_PER_SEC);
    assert_true(cpu_seconds() - before < 1.5);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        HttpReply reply = client_read(fds[i], false);
        assert_int_equal(reply.status, 200);
        assert_true(reply.body->len < LARGE_SIZE);
        reply_clear(&reply);
        close(fds[i]);
    }
}

static void test_slow_clients_get_all(void **state)
{
    Fixture *fixture = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(stalled_requests); i++) {
        int fd = send_stalled(fixture, i);
        g_usleep(G_USEC_PER_SEC * 6 / 5);
        HttpReply reply = client_read(fd, false);
        assert_int_equal(reply.status, 200);
        assert_int_equal(reply.body->len, LARGE_SIZE);
        assert_memory_equal(reply.body->str, g_bytes_get_data(fixture->large, NULL), LARGE_SIZE);
        reply_clear(&reply);
        if (i == 0) {
            client_send_text(fd, "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n");
            reply = client_read(fd, false);
            assert_string_equal(reply.body->str, "GET|1|-|-");
            reply_clear(&reply);
        } else {
            assert_true(client_closed(fd));
        }
        close(fd);
    }
}

static void test_held_requests_cost_nothing(void **state)
{
    Fixture *fixture = *state;
    int get = client_connect(fixture->port);
    int post = client_connect(fixture->port);
    g_autoptr(GBytes) body = g_bytes_new_static("done", 4);

    client_send_text(get, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpRequest *first = wait_held(fixture);
    client_send_text(get, "GET /items/2 HTTP/1.1\r\nHost: x\r\n\r\n");
    client_send_text(post, "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    HttpRequest *second = wait_held(fixture);
    client_send_text(post, "GET /items/2 HTTP/1.1\r\nHost: x\r\n\r\n");
    /* Longer than every time-out of the server's own. */
    double before = cpu_seconds();
    g_usleep((gulong)(TIMEOUT_S + 1) * G_USEC_PER_SEC);
    assert_true(cpu_seconds() - before < 0.5);
    http_respond(second, 200, NULL, NULL, body);
    http_respond(first, 200, NULL, NULL, body);
    int clients[] = {get, post};
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        HttpReply reply = client_read(clients[i], false);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body->str, "done");
        reply_clear(&reply);
    }
    /* What was sent meanwhile is answered next where libwebsockets can do so, else the connection is closed.
     */
    HttpReply reply = client_read(get, false);
    assert_string_equal(reply.body->str, "GET|2|-|-");
    reply_clear(&reply);
    assert_true(client_closed(post));
    close(get);
    close(post);
}

static void test_client_gone_before_the_answer(void **state)
{
    Fixture *fixture = *state;
    static const char *const requests[] = {"GET /held HTTP/1.1\r\nHost: x\r\n\r\n",
                                           "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"};

    for (unsigned i = 0; i < 20; i++) {
        int fd = client_connect(fixture->port);
        client_send_text(fd, requests[i % 2]);
        HttpRequest *request = wait_held(fixture);
        close(fd);
        http_respond(request, 200, NULL, NULL, NULL);
    }
    assert_int_equal(status_of(fixture, "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

static void test_connections_are_bounded(void **state)
{
    Fixture *fixture = *state;
    int fds[CONNECTIONS + 1];

    for (unsigned i = 0; i <= CONNECTIONS; i++) {
        fds[i] = client_connect(fixture->port);
        client_send_text(fds[i], "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n");
        HttpReply reply = client_read(fds[i], false);
        assert_int_equal(reply.status, i < CONNECTIONS ? 200 : 503);
        reply_clear(&reply);
    }
    for (unsigned i = 0; i <= CONNECTIONS; i++)
        close(fds[i]);
    /* And free again, as soon as the server has seen that they are gone. */
    int64_t deadline = g_get_monotonic_time() + INT64_C(5) * G_USEC_PER_SEC;
    int status = 0;
    while (status != 200 && g_get_monotonic_time() < deadline)
        status = status_of(fixture, "GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(status, 200);
}

static void test_stop_answers_those_who_wait(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);
    int answered = client_connect(fixture->port);
    g_autoptr(GBytes) body = g_bytes_new_static("done", 4);

    client_send_text(fd, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpRequest *request = wait_held(fixture);
    client_send_text(answered, "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    http_respond(wait_held(fixture), 201, NULL, NULL, body);
    http_server_stop(g_steal_pointer(&fixture->server));

    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 503);
    reply_clear(&reply);
    reply = client_read(answered, false);
    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.body->str, "done");
    reply_clear(&reply);
    /* Too late, and harmless. */
    http_respond(request, 200, NULL, NULL, body);
    close(fd);
    close(answered);
}

static void test_port_in_use(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *address = g_strdup_printf("127.0.0.1:%u", fixture->port);
    static const HttpRoute none[] = {{NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;

    assert_null(
        http_server_start(&(HttpServerOptions){.listen = address, .routes = none, .timeout_s = 1}, &error));
    assert_non_null(strstr(error->message, address));
}

int main(void)
{
#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_answers_and_keeps_the_connection),
        SERVER_TEST(test_head_has_no_body),
        SERVER_TEST(test_unknown_paths_and_methods),
        SERVER_TEST(test_problem_names_the_field),
        SERVER_TEST(test_bodies_come_back_from_another_thread),
        SERVER_TEST(test_a_body_in_single_bytes),
        SERVER_TEST(test_of_pipelined_requests_the_first_is_answered),
        SERVER_TEST(test_large_answers_arrive_whole),
        SERVER_TEST(test_body_beyond_the_limit),
        SERVER_TEST(test_bodies_are_bounded_together),
        SERVER_TEST(test_refused_before_the_body_is_read),
        SERVER_TEST(test_expect_continue),
        SERVER_TEST(test_bodies_without_a_clear_end_are_refused),
        SERVER_TEST(test_after_a_refused_framing_comes_no_further_request),
        SERVER_TEST(test_odd_requests_do_no_harm),
        SERVER_TEST(test_http_1_0_is_answered_and_closed),
        SERVER_TEST(test_no_upgrade),
        SERVER_TEST(test_slow_requests_end),
        SERVER_TEST(test_answers_nobody_takes_end),
        SERVER_TEST(test_slow_clients_get_all),
        SERVER_TEST(test_held_requests_cost_nothing),
        SERVER_TEST(test_client_gone_before_the_answer),
        SERVER_TEST(test_connections_are_bounded),
        SERVER_TEST(test_stop_answers_those_who_wait),
        SERVER_TEST(test_port_in_use),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_WARNING);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
