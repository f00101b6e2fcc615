/* SPDX-License-Identifier: Apache-2.0 */
/* A stream's life: the body goes in and the answer goes out until both are whole, or the peer fails to keep pace.
 *
 * libwebsockets 4.1 parses the headers, and that is all. Its own reading would stop with a body at 100 MB when the
 * length is not known, would give no sign that the socket takes more while input is paused, and begins its own
 * time-outs. So its input is paused for the whole stream, and the socket is read, written and watched here
 * (poller.h). What it has read behind the headers it hands over right after the callback for them, before it looks
 * at any socket again: hence those bytes come first.
 *
 * Every entry from outside does its work and ends in pump(), which moves what can be moved and says what is watched
 * for next. Handlers are called from pump() only, but for `begin`, `stop` and `closed`. */
#include "common/http/stages.h"

#include <errno.h>
#include <sys/socket.h>

#include "common/http/chunks.h"
#include "common/http/outflow.h"
#include "common/http/pace.h"

#define RATE_DEFAULT ((size_t)1024) /* bytes a second, when no rate is configured */
#define TICK_US      (1 * LWS_US_PER_SEC)
#define READ_SIZE    ((size_t)32 * 1024)
#define READS_A_TURN 8 /* then it is the others' turn */

struct HttpStream {
    HttpExchange *exchange;
    const HttpStreamRoute *route;
    void *handler;
    HttpPolled *polled;
    /* the body */
    bool chunked;
    Chunks chunks;
    uint64_t left;      /* when not chunked */
    GByteArray *input;  /* read and not taken */
    size_t taken;       /* of `input` */
    bool holding;       /* the handler has enough */
    bool body_complete; /* and told */
    bool stopping;      /* no more of it is wanted */
    bool busy;          /* the handler is, with what it has */
    /* the answer */
    HttpOutflow outflow;
    bool http_1_1;
    bool begun;
    bool ended;
    int refusal; /* status of the whole answer; 0: none */
    char *reason;
    bool wants_room;
    bool woken;
    Pace pace;
    lws_sorted_usec_list_t tick;
    lws_sorted_usec_list_t alarm;
};

static void pump(HttpExchange *exchange, bool readable);

/* ---- leaving ---- */

/* The handler is done with; the exchange may last a little longer. */
static void leave(HttpStream *stream, HttpStreamEnd result)
{
    void *handler = g_steal_pointer(&stream->handler);

    g_clear_pointer(&stream->polled, http_polled_free);
    lws_sul_cancel(&stream->tick);
    lws_sul_cancel(&stream->alarm);
    if (handler)
        stream->route->closed(handler, result);
}

void stream_free(HttpStream *stream)
{
    if (!stream)
        return;
    leave(stream, HTTP_STREAM_GONE);
    http_outflow_clear(&stream->outflow);
    g_free(stream->reason);
    g_byte_array_unref(stream->input);
    g_free(stream);
}

/* Without what was not sent: the peer sees that the answer has no end. */
static void break_off(HttpExchange *exchange, HttpStreamEnd result)
{
    static const struct linger at_once = {.l_onoff = 1};

    leave(exchange->stream, result);
    (void)setsockopt(lws_get_socket_fd(exchange->wsi), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    exchange_abandon(exchange);
}

/* A peer that has no answer yet gets to know why. */
static void fail(HttpExchange *exchange, HttpStreamEnd result, int status, const char *detail)
{
    HttpStream *stream = exchange->stream;

    if (stream->begun) {
        break_off(exchange, result);
        return;
    }
    exchange->body_unread = exchange->body_unread && !stream->body_complete;
    exchange_answer_problem(exchange, status, detail);
    leave(stream, result);
}

static void finish(HttpExchange *exchange)
{
    leave(exchange->stream, HTTP_STREAM_DONE);
    exchange_linger(exchange);
}

/* ---- the body ---- */

static bool wants_input(const HttpStream *stream)
{
    return !stream->holding && !stream->body_complete && !stream->stopping && !stream->ended &&
           stream->refusal == 0;
}

static void body_is_complete(HttpStream *stream)
{
    stream->body_complete = true;
    stream->route->end(stream->handler);
}

/* Bytes of the body at the front of what was read; 0 when there are none. False: the coding is wrong. */
static bool next_piece(HttpStream *stream, const char **ret_data, size_t *ret_length)
{
    const char *data = (const char *)stream->input->data + stream->taken;
    size_t size = stream->input->len - stream->taken;
    ChunksResult result = CHUNKS_DATA;
    size_t length = 0;

    if (stream->chunked)
        result = chunks_next(&stream->chunks, &data, &size, &length);
    else
        length = (size_t)MIN((uint64_t)size, stream->left);
    stream->taken = stream->input->len - size;
    if (result == CHUNKS_BAD)
        return false;
    if (result == CHUNKS_END || (!stream->chunked && stream->left == 0))
        body_is_complete(stream);
    *ret_data = data;
    *ret_length = result == CHUNKS_DATA ? length : 0;
    return true;
}

/* To the handler, as far as it takes it. False: the coding is wrong. */
static bool give(HttpStream *stream)
{
    const char *data = NULL;
    size_t length = 0;

    while (wants_input(stream)) {
        if (!next_piece(stream, &data, &length))
            return false;
        if (length == 0)
            break;
        size_t taken = stream->route->data(stream->handler, data, length);
        stream->taken += taken;
        stream->holding = taken < length;
        if (!stream->chunked)
            stream->left -= taken;
        else if (taken > 0)
            chunks_use(&stream->chunks, taken);
    }
    if (stream->taken == stream->input->len) {
        g_byte_array_set_size(stream->input, 0);
        stream->taken = 0;
    }
    return true;
}

/* Returns how much was read, 0 when nothing is there yet, -1 when the peer has gone. */
static ssize_t read_some(HttpExchange *exchange)
{
    HttpStream *stream = exchange->stream;
    guint before = stream->input->len;

    g_byte_array_set_size(stream->input, before + (guint)READ_SIZE);
    ssize_t size =
        recv(lws_get_socket_fd(exchange->wsi), stream->input->data + before, READ_SIZE, MSG_DONTWAIT);
    int cause = errno;
    g_byte_array_set_size(stream->input, before + (guint)MAX(size, 0));
    if (size > 0)
        return size;
    return size < 0 && (cause == EAGAIN || cause == EINTR) ? 0 : -1;
}

/* ---- both ---- */

/* What lies there, to the handler; and what the handler has written, to the socket. False: the stream is over. */
static bool move(HttpExchange *exchange, size_t *moved)
{
    HttpStream *stream = exchange->stream;

    do {
        if (stream->woken) {
            stream->woken = false;
            stream->route->wake(stream->handler);
        }
        bool good = give(stream);
        if (stream->refusal != 0) {
            fail(exchange, HTTP_STREAM_DONE, stream->refusal, stream->reason);
            return false;
        }
        if (!good) {
            fail(exchange, HTTP_STREAM_INVALID, 400, "the body is not in chunked transfer coding");
            return false;
        }
        if (http_outflow_send(&stream->outflow, lws_get_socket_fd(exchange->wsi), moved) == TRANSFER_FAILED) {
            break_off(exchange, HTTP_STREAM_GONE);
            return false;
        }
        if (stream->wants_room && http_outflow_pending(&stream->outflow) < HTTP_STREAM_ROOM / 2) {
            stream->wants_room = false;
            stream->woken = true;
        }
    } while (stream->woken);
    if (!stream->ended || http_outflow_pending(&stream->outflow) > 0)
        return true;
    finish(exchange);
    return false;
}

static void watch(HttpStream *stream, size_t moved)
{
    bool input = wants_input(stream);
    bool output = http_outflow_pending(&stream->outflow) > 0;

    http_polled_watch(stream->polled, input, output);
    pace_note(&stream->pace, moved, (input && !stream->busy) || output, g_get_monotonic_time());
}

static void pump(HttpExchange *exchange, bool readable)
{
    HttpStream *stream = exchange->stream;
    size_t moved = 0;
    ssize_t size = 0;

    if (!move(exchange, &moved))
        return;
    for (unsigned i = 0; readable && i < READS_A_TURN && wants_input(stream); i++) {
        size = read_some(exchange);
        if (size < 0) {
            break_off(exchange, HTTP_STREAM_GONE);
            return;
        }
        if (size == 0)
            break;
        moved += (size_t)size;
        if (!move(exchange, &moved))
            return;
    }
    watch(stream, moved);
}

/* ---- what comes from outside ---- */

static void on_ready(bool broken, void *user)
{
    HttpExchange *exchange = user;

    if (broken)
        break_off(exchange, HTTP_STREAM_GONE);
    else
        pump(exchange, true);
}

/* libwebsockets' hold on the connection: a time-out from when it read the body's first bytes, and the table of
 * headers, whose holder it closes after some minutes. */
static void shake_off(const HttpExchange *exchange)
{
    lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
    (void)lws_http_headers_detach(exchange->wsi);
}

static void set_tick(HttpExchange *exchange);

static void on_tick(lws_sorted_usec_list_t *tick)
{
    HttpExchange *exchange = lws_container_of(tick, HttpStream, tick)->exchange;
    HttpStream *stream = exchange->stream;

    shake_off(exchange);
    pace_note(&stream->pace, 0, stream->pace.waiting, g_get_monotonic_time());
    if (pace_is_over(&stream->pace))
        fail(exchange, HTTP_STREAM_SLOW, 408, "the request did not come fast enough");
    else
        set_tick(exchange);
}

static void set_tick(HttpExchange *exchange)
{
    lws_sul_schedule(lws_get_context(exchange->wsi), lws_get_tsi(exchange->wsi), &exchange->stream->tick,
                     on_tick, TICK_US);
}

static void on_alarm(lws_sorted_usec_list_t *alarm)
{
    stream_wake(lws_container_of(alarm, HttpStream, alarm)->exchange);
}

void stream_wake(HttpExchange *exchange)
{
    exchange->stream->woken = true;
    pump(exchange, false);
}

void stream_take(HttpExchange *exchange, const void *data, size_t length)
{
    g_byte_array_append(exchange->stream->input, data, (guint)length);
    pump(exchange, false);
}

void stream_stop(HttpExchange *exchange)
{
    HttpStream *stream = exchange->stream;

    if (!stream->body_complete) {
        stream->stopping = true;
        stream->route->stop(stream->handler);
    }
    pump(exchange, false);
}

/* ---- beginning ---- */

const HttpStreamRoute *stream_route(const HttpEndpoint *endpoint, const HttpRequest *request)
{
    const HttpRoute *matched = request->match.route;

    for (const HttpStreamRoute *route = endpoint->options.streams; route && route->method; route++)
        if (strcmp(route->method, matched->method) == 0 && strcmp(route->path, matched->path) == 0 &&
            route->takes(request))
            return route;
    return NULL;
}

void stream_start(HttpExchange *exchange, const HttpStreamRoute *route, const HttpIntake *intake)
{
    HttpEndpoint *endpoint = exchange->endpoint;
    HttpStream *stream = g_new0(HttpStream, 1);

    *stream = (HttpStream){.exchange = exchange,
                           .route = route,
                           .chunked = intake->chunked,
                           .left = intake->body_size,
                           .http_1_1 = intake->http_1_1,
                           .input = g_byte_array_new()};
    exchange->stream = stream;
    exchange->stage = STREAMING;
    exchange->keep_alive = false;
    exchange->body_unread = true;
    stream->polled = http_polled_new(endpoint->poller, lws_get_socket_fd(exchange->wsi), on_ready, exchange);
    if (!stream->polled) {
        exchange_answer_problem(exchange, 503, "the server is out of resources: try again later");
        return;
    }
    void *handler = route->begin(http_request_ref(exchange->request), endpoint->options.user);
    if (!handler) {
        leave(stream, HTTP_STREAM_DONE);
        return;
    }
    stream->handler = handler;
    exchange_pause(exchange);
    pace_init(&stream->pace, endpoint_body_patience(&endpoint->options),
              endpoint->options.body_rate > 0 ? endpoint->options.body_rate : RATE_DEFAULT,
              g_get_monotonic_time());
    set_tick(exchange);
    if (intake->expects_continue)
        exchange_go_on(exchange);
    pump(exchange, false);
}

/* ---- for handlers ---- */

/* NULL once the answer goes nowhere. */
static HttpStream *stream_of(const HttpRequest *request)
{
    HttpExchange *exchange = request->exchange;

    return exchange && exchange->stage == STREAMING ? exchange->stream : NULL;
}

void http_stream_begin(HttpRequest *request, int status, const char *content_type, const char *const *headers)
{
    HttpStream *stream = stream_of(request);

    if (!stream)
        return;
    g_assert(!stream->begun);
    stream->begun = true;
    GString *head =
        http_answer_stream_head(status, content_type, headers, stream->http_1_1, g_get_real_time());
    http_outflow_begin(&stream->outflow, head, stream->http_1_1);
    const HttpEndpointOptions *options = &request->exchange->endpoint->options;
    if (options->observe)
        options->observe(status, options->user);
}

void http_stream_refuse(HttpRequest *request, int status, const char *detail)
{
    HttpStream *stream = stream_of(request);

    if (!stream)
        return;
    g_assert(!stream->begun && stream->refusal == 0);
    stream->refusal = status;
    stream->reason = g_strdup(detail);
}

void http_stream_write(HttpRequest *request, const char *data, size_t size)
{
    HttpStream *stream = stream_of(request);

    if (!stream)
        return;
    g_assert(stream->begun && !stream->ended);
    http_outflow_add(&stream->outflow, data, size);
}

bool http_stream_has_room(HttpRequest *request)
{
    HttpStream *stream = stream_of(request);

    if (!stream)
        return true;
    bool room = http_outflow_pending(&stream->outflow) < HTTP_STREAM_ROOM;
    stream->wants_room = stream->wants_room || !room;
    return room;
}

void http_stream_end(HttpRequest *request)
{
    HttpStream *stream = stream_of(request);

    if (!stream)
        return;
    g_assert(stream->begun && !stream->ended);
    stream->ended = true;
    http_outflow_end(&stream->outflow);
}

void http_stream_set_busy(HttpRequest *request, bool busy)
{
    HttpStream *stream = stream_of(request);

    if (stream)
        stream->busy = busy;
}

void http_stream_resume(HttpRequest *request)
{
    HttpStream *stream = stream_of(request);

    if (stream)
        stream->holding = false;
}

void http_stream_wake_after(HttpRequest *request, unsigned milliseconds)
{
    HttpStream *stream = stream_of(request);
    const HttpExchange *exchange = request->exchange;

    if (stream)
        lws_sul_schedule(lws_get_context(exchange->wsi), lws_get_tsi(exchange->wsi), &stream->alarm, on_alarm,
                         (lws_usec_t)milliseconds * LWS_US_PER_MS);
}

void http_stream_wake(HttpRequest *request)
{
    if (!http_mailbox_post(request->mailbox, http_request_ref(request)))
        http_request_unref(request);
}

void http_stream_release(HttpRequest *request)
{
    http_request_unref(request);
}
