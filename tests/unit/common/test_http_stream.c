/* SPDX-License-Identifier: Apache-2.0 */
/* Streams from outside, over TCP: both directions at once, in any order, with peers that are slow, silent, wrong or
 * gone. */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "common/http/server.h"
#include "common/log.h"
#include "common/server_fixture.h"
#include "http_client.h"

#define TIMEOUT_S 1
#define MIB       ((size_t)1024 * 1024)
#define DEADLINE  ((int64_t)30 * G_USEC_PER_SEC)

/* What the routes do with a stream:
 * /echo  gives every byte back
 * /sink  counts, and answers with the number at the end
 * /hold  takes nothing until the test says so, then does as /sink
 * /early answers after the first bytes, whatever may follow
 * refuse   refuses after the first bytes */
typedef enum { ECHO, SINK, HOLD, EARLY, REFUSE } Mode;

typedef struct {
    HttpServer *server;
    unsigned port;
    Mode mode; /* of the streams that begin from now on */
    atomic_int begun;
    atomic_int closed[4]; /* by their end */
    atomic_int stopped;
    atomic_size_t taken;     /* bytes, of all streams */
    atomic_size_t most_kept; /* by the answer of one */
    atomic_bool go_on;
    pthread_mutex_t lock;
    HttpRequest *held; /* under the lock: of the newest stream in mode HOLD that is not closed */
    atomic_int observed[600];
} Fixture;

typedef struct {
    Fixture *fixture;
    HttpRequest *request;
    Mode mode;
    size_t count;
    bool ended;
    bool finished;
} Stream;

static bool takes(const HttpRequest *request)
{
    return g_strcmp0(http_request_header(request, "content-type"), "text/stream") == 0;
}

static void *begin(HttpRequest *request, void *user)
{
    Fixture *fixture = user;

    if (http_request_query(request, "no") != NULL) {
        http_respond_problem(request, 400, "no", NULL);
        return NULL;
    }
    atomic_fetch_add(&fixture->begun, 1);
    Stream *stream = g_new0(Stream, 1);
    *stream = (Stream){.fixture = fixture, .request = request, .mode = fixture->mode};
    if (stream->mode == ECHO)
        http_stream_begin(request, 200, "text/stream", (const char *const[]){"X-Test", "echo", NULL});
    if (stream->mode == HOLD) {
        pthread_mutex_lock(&fixture->lock);
        fixture->held = request;
        pthread_mutex_unlock(&fixture->lock);
    }
    return stream;
}

static void finish(Stream *stream)
{
    if (stream->finished)
        return;
    stream->finished = true;
    if (stream->mode != ECHO) {
        g_autofree char *text = g_strdup_printf("%zu", stream->count);
        http_stream_begin(stream->request, 200, "text/plain", NULL);
        http_stream_write(stream->request, text, strlen(text));
    }
    http_stream_end(stream->request);
}

static size_t data(void *user, const char *bytes, size_t size)
{
    Stream *stream = user;

    if (stream->mode == HOLD && !atomic_load(&stream->fixture->go_on))
        return 0;
    if (stream->mode == ECHO) {
        if (!http_stream_has_room(stream->request))
            return 0;
        size = MIN(size, 1000); /* never all that is there */
        http_stream_write(stream->request, bytes, size);
        if (size == 1000)
            http_stream_wake_after(stream->request, 0);
    }
    stream->count += size;
    atomic_fetch_add(&stream->fixture->taken, size);
    if (stream->mode == EARLY)
        finish(stream);
    if (stream->mode == REFUSE && !stream->finished) {
        stream->finished = true;
        http_stream_refuse(stream->request, 503, "not now");
    }
    return size;
}

static void end(void *user)
{
    finish(user);
}

static void woken(void *user)
{
    http_stream_resume(((Stream *)user)->request);
}

static void stop(void *user)
{
    Stream *stream = user;

    atomic_fetch_add(&stream->fixture->stopped, 1);
    finish(stream);
}

static void closed(void *user, HttpStreamEnd how)
{
    Stream *stream = user;
    Fixture *fixture = stream->fixture;

    pthread_mutex_lock(&fixture->lock);
    if (fixture->held == stream->request)
        fixture->held = NULL;
    pthread_mutex_unlock(&fixture->lock);
    atomic_fetch_add(&fixture->closed[how], 1);
    http_stream_release(stream->request);
    g_free(stream);
}

static void gathered(HttpRequest *request, void *user)
{
    (void)user;
    http_respond(request, 201, "text/plain", NULL, http_request_body(request));
}

static void observe(int status, void *user)
{
    atomic_fetch_add(&((Fixture *)user)->observed[status], 1);
}

static int setup(void **state)
{
    static const HttpRoute routes[] = {
        {"POST", "/stream", gathered},
        {"POST", "/plain", gathered},
        {NULL, NULL, NULL},
    };
    static const HttpStreamRoute streams[] = {
        {.method = "POST",
         .path = "/stream",
         .memory = 65536,
         .takes = takes,
         .begin = begin,
         .data = data,
         .end = end,
         .wake = woken,
         .stop = stop,
         .closed = closed},
        {0},
    };
    Fixture *fixture = g_new0(Fixture, 1);

    pthread_mutex_init(&fixture->lock, NULL);
    fixture->server = server_fixture_start((HttpServerOptions){.routes = routes,
                                                               .streams = streams,
                                                               .observe = observe,
                                                               .user = fixture,
                                                               .max_body = 65536,
                                                               .max_bodies = (size_t)4 * 65536,
                                                               .max_connections = 16,
                                                               .timeout_s = TIMEOUT_S},
                                           &fixture->port);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    int ends = 0;

    http_server_stop(fixture->server);
    for (size_t i = 0; i < G_N_ELEMENTS(fixture->closed); i++)
        ends += atomic_load(&fixture->closed[i]);
    assert_int_equal(ends, atomic_load(&fixture->begun)); /* each exactly once */
    pthread_mutex_destroy(&fixture->lock);
    g_free(fixture);
    return 0;
}

/* ---- clients ---- */

#define HEAD(version, more)                                                                                  \
    "POST /stream HTTP/" version "\r\nHost: x\r\nContent-Type: text/stream\r\n" more "\r\n"
#define CHUNKED HEAD("1.1", "Transfer-Encoding: chunked\r\n")

static int open_stream(Fixture *fixture, size_t length)
{
    g_autofree char *head = g_strdup_printf(HEAD("1.1", "Content-Length: %zu\r\n"), length);
    int fd = client_connect(fixture->port);

    client_send_text(fd, head);
    return fd;
}

static void assert_reply(int fd, int status, const char *text)
{
    HttpReply reply = client_read(fd, false);

    if (reply.status != status || !reply.whole || strcmp(reply.body->str, text) != 0)
        fail_msg("%d, %s: %.200s (%zu bytes)", reply.status, reply.whole ? "whole" : "cut", reply.body->str,
                 reply.body->len);
    reply_clear(&reply);
}

/* Reads up to the end of the connection. */
static GString *read_all(int fd)
{
    GString *all = g_string_new(NULL);
    char buffer[65536];
    int64_t deadline = g_get_monotonic_time() + DEADLINE;

    while (g_get_monotonic_time() < deadline) {
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        if (poll(&pollfd, 1, 100) <= 0)
            continue;
        ssize_t size = recv(fd, buffer, sizeof buffer, 0);
        if (size <= 0)
            return all;
        g_string_append_len(all, buffer, size);
    }
    fail_msg("no end");
    return all;
}

static void wait_closed(Fixture *fixture, HttpStreamEnd how, int count)
{
    int64_t deadline = g_get_monotonic_time() + DEADLINE;

    while (atomic_load(&fixture->closed[how]) < count) {
        if (g_get_monotonic_time() > deadline)
            fail_msg("%d of %d ended this way", atomic_load(&fixture->closed[how]), count);
        g_usleep(1000);
    }
}

static void wait_begun(Fixture *fixture, int count)
{
    int64_t deadline = g_get_monotonic_time() + DEADLINE;

    while (atomic_load(&fixture->begun) < count && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    assert_int_equal(atomic_load(&fixture->begun), count);
}

/* ---- tests ---- */

static void test_bodies_of_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 5, 999, 1000, 1001, 32767, 32768, 32769, 100000, 3000000};
    Fixture *fixture = *state;

    fixture->mode = SINK;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *body = g_strnfill(sizes[i], 'x');
        g_autofree char *number = g_strdup_printf("%zu", sizes[i]);
        /* The body in one go with the headers as far as it goes, after them, and in chunks. */
        g_autofree char *whole =
            g_strdup_printf(HEAD("1.1", "Content-Length: %zu\r\n") "%s", sizes[i], sizes[i] > 0 ? body : "");
        int fd = client_connect(fixture->port);
        client_send_text(fd, whole);
        assert_reply(fd, 200, number);
        assert_true(client_closed(fd));
        close(fd);

        fd = open_stream(fixture, sizes[i]);
        wait_begun(fixture, (int)i * 3 + 2);
        client_send(fd, body, sizes[i]);
        assert_reply(fd, 200, number);
        close(fd);

        g_autofree char *chunk = g_strdup_printf("%zx;name=value\r\n%s\r\n", sizes[i], body);
        fd = client_connect(fixture->port);
        client_send_text(fd, CHUNKED);
        if (sizes[i] > 0)
            client_send_text(fd, chunk);
        client_send_text(fd, "0\r\nTrailer: x\r\n\r\n");
        assert_reply(fd, 200, number);
        assert_true(client_closed(fd));
        close(fd);
    }
    wait_closed(fixture, HTTP_STREAM_DONE, 3 * (int)G_N_ELEMENTS(sizes));
    assert_int_equal(atomic_load(&fixture->observed[200]), 3 * (int)G_N_ELEMENTS(sizes));
}

static void test_in_single_bytes(void **state)
{
    static const char *const requests[] = {
        HEAD("1.1", "Content-Length: 5\r\n") "hello",
        CHUNKED "2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n",
    };
    Fixture *fixture = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        int fd = client_connect(fixture->port);
        for (const char *byte = requests[i]; *byte != '\0'; byte++)
            client_send(fd, byte, 1);
        assert_reply(fd, 200, "hello");
        close(fd);
    }
}

/* Each piece is answered before the next is sent. */
static void test_both_directions_at_once(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);
    char buffer[64];

    client_send_text(fd, CHUNKED);
    g_autoptr(GString) head = g_string_new(NULL);
    while (strstr(head->str, "\r\n\r\n") == NULL) {
        assert_int_equal(recv(fd, buffer, 1, 0), 1);
        g_string_append_len(head, buffer, 1);
    }
    assert_non_null(strstr(head->str, "Transfer-Encoding: chunked\r\n"));
    assert_non_null(strstr(head->str, "Connection: close\r\n"));
    assert_non_null(strstr(head->str, "X-Test: echo\r\n"));
    assert_non_null(strstr(head->str, "X-Content-Type-Options: nosniff\r\n"));
    assert_null(strstr(head->str, "Content-Length"));
    for (unsigned i = 0; i < 100; i++) {
        client_send_text(fd, "4\r\nping\r\n");
        assert_int_equal(recv(fd, buffer, 9, MSG_WAITALL), 9);
        assert_memory_equal(buffer, "4\r\nping\r\n", 9);
    }
    client_send_text(fd, "0\r\n\r\n");
    assert_int_equal(recv(fd, buffer, 5, MSG_WAITALL), 5);
    assert_memory_equal(buffer, "0\r\n\r\n", 5);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_DONE, 1);
}

typedef struct {
    int fd;
    size_t size;
} Sender;

/* Lines that tell where they are. */
static char pattern(size_t at)
{
    return (char)('a' + at % 23);
}

static void *send_pattern(void *user)
{
    const Sender *sender = user;
    char piece[7777];

    for (size_t at = 0; at < sender->size;) {
        size_t size = MIN(sizeof piece, sender->size - at);
        for (size_t i = 0; i < size; i++)
            piece[i] = pattern(at + i);
        client_send(sender->fd, piece, size);
        at += size;
    }
    return NULL;
}

static void test_what_comes_back_is_what_was_sent(void **state)
{
    Fixture *fixture = *state;
    Sender sender = {.size = 6 * MIB};

    sender.fd = open_stream(fixture, sender.size);
    GThread *thread = g_thread_new("sender", send_pattern, &sender);
    HttpReply reply = client_read(sender.fd, false);
    g_thread_join(thread);
    assert_true(reply.whole);
    assert_int_equal(reply.body->len, sender.size);
    for (size_t i = 0; i < sender.size; i++)
        if (reply.body->str[i] != pattern(i))
            fail_msg("byte %zu", i);
    reply_clear(&reply);
    close(sender.fd);
}

/* libwebsockets itself would end a body of unknown length at 100 MB. */
static void test_a_long_body_of_unknown_length(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *body = g_strnfill(MIB, 'x');

    fixture->mode = SINK;
    int fd = client_connect(fixture->port);
    client_send_text(fd, CHUNKED);
    for (unsigned i = 0; i < 130; i++) {
        client_send_text(fd, "100000\r\n");
        client_send(fd, body, MIB);
        client_send_text(fd, "\r\n");
    }
    client_send_text(fd, "0\r\n\r\n");
    assert_reply(fd, 200, "136314880");
    close(fd);
}

static void test_wrong_chunks(void **state)
{
    static const char *const bodies[] = {
        "x\r\n",
        "\r\n",
        "-1\r\n",
        "5 hello\r\n\n",
        "5\nhello\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r\r\n",
        "fffffffffffffffff\r\n",
        "0\r\nTrailer: x\n\r\n",
    };
    Fixture *fixture = *state;

    fixture->mode = SINK;
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        int fd = client_connect(fixture->port);
        client_send_text(fd, CHUNKED);
        client_send_text(fd, bodies[i]);
        HttpReply reply = client_read(fd, false);
        if (reply.status != 400 || strstr(reply.body->str, "chunked transfer coding") == NULL)
            fail_msg("'%s' gave %d %s", bodies[i], reply.status, reply.body->str);
        reply_clear(&reply);
        assert_true(client_closed(fd));
        close(fd);
    }
    /* An answer that has begun has no end then. */
    fixture->mode = ECHO;
    int fd = client_connect(fixture->port);
    client_send_text(fd, CHUNKED "5\r\nhello\r\nx\r\n");
    int64_t before = g_get_monotonic_time();
    HttpReply reply = client_read(fd, false);
    assert_false(reply.whole);
    assert_true(g_get_monotonic_time() - before < G_USEC_PER_SEC); /* and the peer knows at once */
    reply_clear(&reply);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_INVALID, (int)G_N_ELEMENTS(bodies) + 1);
}

static void test_other_bodies_are_gathered(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply =
        client_request(fixture->port, "POST", "/stream", "Content-Type: text/plain\r\n", "hello");

    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.body->str, "hello");
    reply_clear(&reply);
    int fd = client_connect(fixture->port);
    client_send_text(
        fd, "POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 411);
    reply_clear(&reply);
    assert_true(client_closed(fd));
    close(fd);
    fd = client_connect(fixture->port);
    client_send_text(fd, HEAD("1.0", "Transfer-Encoding: chunked\r\n") "0\r\n\r\n");
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 411);
    reply_clear(&reply);
    close(fd);
    assert_int_equal(atomic_load(&fixture->begun), 0);
}

static void test_http_1_0(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    client_send_text(fd, HEAD("1.0", "Content-Length: 5\r\n") "hello");
    g_autoptr(GString) all = read_all(fd);
    assert_null(strstr(all->str, "chunked"));
    assert_true(g_str_has_suffix(all->str, "\r\n\r\nhello"));
    close(fd);
}

static void test_expect_continue(void **state)
{
    Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    fixture->mode = SINK;
    client_send_text(fd, HEAD("1.1", "Content-Length: 2\r\nExpect: 100-continue\r\n"));
    HttpReply reply = client_read(fd, true);
    assert_int_equal(reply.status, 100);
    reply_clear(&reply);
    client_send_text(fd, "ok");
    assert_reply(fd, 200, "2");
    close(fd);
    /* Who is refused is not asked to send. */
    fd = client_connect(fixture->port);
    client_send_text(fd, "POST /stream?no HTTP/1.1\r\nHost: x\r\nContent-Type: text/stream\r\n"
                         "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 400);
    reply_clear(&reply);
    close(fd);
}

/* The answer reaches also those who send all of it first. */
static void test_an_early_answer(void **state)
{
    Fixture *fixture = *state;
    size_t size = 10 * MIB;
    g_autofree char *body = g_strnfill(size, 'x');

    fixture->mode = EARLY;
    int fd = open_stream(fixture, size);
    client_send(fd, body, size);
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 200);
    assert_true(reply.whole);
    reply_clear(&reply);
    assert_true(client_closed(fd));
    close(fd);
    fixture->mode = REFUSE;
    fd = open_stream(fixture, size);
    client_send(fd, body, size);
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body->str, "not now"));
    reply_clear(&reply);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_DONE, 2);
    g_autofree char *head =
        g_strdup_printf("POST /stream?no HTTP/1.1\r\nHost: x\r\nContent-Type: text/stream\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        size);
    fd = client_connect(fixture->port);
    client_send_text(fd, head);
    client_send(fd, body, size);
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 400);
    reply_clear(&reply);
    close(fd);
}

static void test_pipelining_ends_with_the_stream(void **state)
{
    static const char next[] = "POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnext";
    Fixture *fixture = *state;
    g_autofree char *requests = g_strconcat(HEAD("1.1", "Content-Length: 5\r\n"), "hello", next, NULL);
    int fd = client_connect(fixture->port);

    client_send_text(fd, requests);
    assert_reply(fd, 200, "hello");
    assert_true(client_closed(fd));
    close(fd);
    /* After a request that keeps the connection. */
    fd = client_connect(fixture->port);
    client_send_text(fd, next);
    assert_reply(fd, 201, "next");
    client_send_text(fd, HEAD("1.1", "Content-Length: 5\r\n") "hello");
    assert_reply(fd, 200, "hello");
    assert_true(client_closed(fd));
    close(fd);
}

/* Sends without end and reads nothing: what the server takes is bounded, and so is its patience. */
static void test_who_reads_nothing(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *piece = g_strnfill(MIB, 'x');
    int fd = open_stream(fixture, 4096 * MIB);
    int64_t deadline = g_get_monotonic_time() + DEADLINE;

    assert_true(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while (atomic_load(&fixture->closed[HTTP_STREAM_SLOW]) == 0 && g_get_monotonic_time() < deadline) {
        if (send(fd, piece, MIB, MSG_NOSIGNAL) < 0)
            g_usleep(1000);
    }
    wait_closed(fixture, HTTP_STREAM_SLOW, 1);
    assert_true(atomic_load(&fixture->taken) < 32 * MIB); /* the socket's buffers, and HTTP_STREAM_ROOM */
    close(fd);
}

/* As long as the buffers hold out, order does not matter. */
static void test_who_reads_after_sending_all(void **state)
{
    Fixture *fixture = *state;
    size_t size = 200000;
    g_autofree char *body = g_strnfill(size, 'x');
    int fd = open_stream(fixture, size);

    client_send(fd, body, size);
    wait_closed(fixture, HTTP_STREAM_DONE, 1);
    HttpReply reply = client_read(fd, false);
    assert_true(reply.whole);
    assert_int_equal(reply.body->len, size);
    reply_clear(&reply);
    close(fd);
}

static void test_who_reads_slowly(void **state)
{
    static const int small = 65536;
    Fixture *fixture = *state;
    Sender sender = {.size = 4 * MIB};
    size_t received = 0;
    char buffer[16384];

    sender.fd = open_stream(fixture, sender.size);
    setsockopt(sender.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    GThread *thread = g_thread_new("sender", send_pattern, &sender);
    /* Longer than the time-out for all of it, and never silent for so long. */
    for (ssize_t size = 1; size > 0;) {
        size = recv(sender.fd, buffer, sizeof buffer, 0);
        received += (size_t)MAX(size, 0);
        if (received < 3 * MIB)
            g_usleep(20000);
    }
    g_thread_join(thread);
    assert_true(received > sender.size);
    close(sender.fd);
    wait_closed(fixture, HTTP_STREAM_DONE, 1);
}

static void test_silence_is_bounded(void **state)
{
    Fixture *fixture = *state;

    /* Before the answer has begun. */
    fixture->mode = SINK;
    int fd = open_stream(fixture, 10);
    client_send_text(fd, "hel");
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 408);
    assert_non_null(strstr(reply.body->str, "fast enough"));
    reply_clear(&reply);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_SLOW, 1);
    /* After it. */
    fixture->mode = ECHO;
    fd = open_stream(fixture, 10);
    client_send_text(fd, "hel");
    reply = client_read(fd, false);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "hel");
    assert_false(reply.whole);
    reply_clear(&reply);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_SLOW, 2);
}

/* Sends `size` bytes every `pause_us` until the server has had enough or `limit_us` is over. Returns whether it
 * has. */
static bool trickle(Fixture *fixture, int fd, size_t size, gulong pause_us, int64_t limit_us)
{
    g_autofree char *piece = g_strnfill(size, 'x');
    int64_t start = g_get_monotonic_time();

    while (g_get_monotonic_time() - start < limit_us) {
        if (atomic_load(&fixture->closed[HTTP_STREAM_SLOW]) > 0)
            return true;
        client_send(fd, piece, size);
        g_usleep(pause_us);
    }
    return false;
}

static void test_a_trickle_is_bounded(void **state)
{
    Fixture *fixture = *state;

    fixture->mode = SINK;
    int fd = open_stream(fixture, 1000000);
    assert_true(trickle(fixture, fd, 1, 20000, DEADLINE));
    close(fd);
}

/* Nor do libwebsockets' own time-outs (5 s longer than ours) end a stream. */
static void test_a_steady_stream_is_not_bounded(void **state)
{
    Fixture *fixture = *state;

    fixture->mode = SINK;
    int fd = open_stream(fixture, 100 * MIB);
    assert_false(trickle(fixture, fd, 4096, 50000, (int64_t)(TIMEOUT_S + 7) * G_USEC_PER_SEC));
    assert_int_equal(atomic_load(&fixture->closed[HTTP_STREAM_GONE]), 0);
    close(fd);
    wait_closed(fixture, HTTP_STREAM_GONE, 1);
}

static void reset(int fd)
{
    static const struct linger at_once = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static void test_peers_that_vanish(void **state)
{
    static const char *const beginnings[] = {
        HEAD("1.1", "Content-Length: 10\r\n"),
        HEAD("1.1", "Content-Length: 10\r\n") "hel",
        HEAD("1.1", "Content-Length: 5\r\n") "hello",
        CHUNKED,
        CHUNKED "5\r\nhel",
        CHUNKED "5\r\nhello\r\n",
        CHUNKED "5\r\nhello\r\n0\r\n\r\n",
    };
    Fixture *fixture = *state;
    int count = 0;

    for (Mode mode = ECHO; mode <= REFUSE; mode++) {
        fixture->mode = mode;
        for (size_t i = 0; i < 2 * G_N_ELEMENTS(beginnings); i++) {
            int fd = client_connect(fixture->port);
            client_send_text(fd, beginnings[i / 2]);
            wait_begun(fixture, ++count);
            if (i % 2 == 0)
                reset(fd);
            else
                close(fd);
            int64_t deadline = g_get_monotonic_time() + DEADLINE;
            while (atomic_load(&fixture->closed[HTTP_STREAM_GONE]) +
                           atomic_load(&fixture->closed[HTTP_STREAM_DONE]) +
                           atomic_load(&fixture->closed[HTTP_STREAM_SLOW]) <
                       count &&
                   g_get_monotonic_time() < deadline) {
                /* A stream that is held sees no end of the connection: it is let go. */
                pthread_mutex_lock(&fixture->lock);
                atomic_store(&fixture->go_on, true);
                if (fixture->held != NULL)
                    http_stream_wake(fixture->held);
                pthread_mutex_unlock(&fixture->lock);
                g_usleep(1000);
            }
            atomic_store(&fixture->go_on, false);
            assert_int_equal(atomic_load(&fixture->closed[HTTP_STREAM_SLOW]), 0);
            assert_int_equal(atomic_load(&fixture->closed[HTTP_STREAM_GONE]) +
                                 atomic_load(&fixture->closed[HTTP_STREAM_DONE]),
                             count);
        }
    }
}

/* Held for longer than every time-out: the peer is not to blame. */
static void test_a_held_stream_goes_on(void **state)
{
    Fixture *fixture = *state;
    size_t size = 100000;
    g_autofree char *body = g_strnfill(size, 'x');

    fixture->mode = HOLD;
    int fd = open_stream(fixture, size);
    client_send(fd, body, size);
    wait_begun(fixture, 1);
    g_usleep((gulong)(TIMEOUT_S + 2) * G_USEC_PER_SEC);
    assert_int_equal(atomic_load(&fixture->taken), 0);
    atomic_store(&fixture->go_on, true);
    pthread_mutex_lock(&fixture->lock);
    assert_non_null(fixture->held);
    http_stream_wake(fixture->held);
    http_stream_wake(fixture->held);
    pthread_mutex_unlock(&fixture->lock);
    assert_reply(fd, 200, "100000");
    close(fd);
}

static void test_streams_are_bounded_together(void **state)
{
    Fixture *fixture = *state;
    int fds[4];

    fixture->mode = HOLD;
    for (int i = 0; i < 4; i++) {
        fds[i] = client_connect(fixture->port);
        client_send_text(fds[i], CHUNKED "5\r\nhello\r\n");
        wait_begun(fixture, i + 1);
    }
    int fd = client_connect(fixture->port);
    client_send_text(fd, CHUNKED);
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 503);
    reply_clear(&reply);
    close(fd);
    for (int i = 0; i < 4; i++)
        reset(fds[i]);
    wait_closed(fixture, HTTP_STREAM_GONE, 4);
    fixture->mode = SINK;
    fd = open_stream(fixture, 5);
    client_send_text(fd, "hello");
    assert_reply(fd, 200, "5");
    close(fd);
}

static void test_stop_lets_streams_end(void **state)
{
    Fixture *fixture = *state;
    int fd = open_stream(fixture, 10);
    char buffer[8192];

    client_send_text(fd, "hello");
    /* The beginning of the answer is there. */
    assert_true(recv(fd, buffer, sizeof buffer, MSG_PEEK) > 0);
    http_server_stop(g_steal_pointer(&fixture->server));
    HttpReply reply = client_read(fd, false);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body->str, "hello");
    assert_true(reply.whole);
    reply_clear(&reply);
    close(fd);
    assert_int_equal(atomic_load(&fixture->stopped), 1);
    assert_int_equal(atomic_load(&fixture->closed[HTTP_STREAM_DONE]), 1);
}

int main(void)
{
#define STREAM_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        STREAM_TEST(test_bodies_of_every_size),
        STREAM_TEST(test_in_single_bytes),
        STREAM_TEST(test_both_directions_at_once),
        STREAM_TEST(test_what_comes_back_is_what_was_sent),
        STREAM_TEST(test_a_long_body_of_unknown_length),
        STREAM_TEST(test_wrong_chunks),
        STREAM_TEST(test_other_bodies_are_gathered),
        STREAM_TEST(test_http_1_0),
        STREAM_TEST(test_expect_continue),
        STREAM_TEST(test_an_early_answer),
        STREAM_TEST(test_pipelining_ends_with_the_stream),
        STREAM_TEST(test_who_reads_nothing),
        STREAM_TEST(test_who_reads_after_sending_all),
        STREAM_TEST(test_who_reads_slowly),
        STREAM_TEST(test_silence_is_bounded),
        STREAM_TEST(test_a_trickle_is_bounded),
        STREAM_TEST(test_a_steady_stream_is_not_bounded),
        STREAM_TEST(test_peers_that_vanish),
        STREAM_TEST(test_a_held_stream_goes_on),
        STREAM_TEST(test_streams_are_bounded_together),
        STREAM_TEST(test_stop_lets_streams_end),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_WARNING);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
