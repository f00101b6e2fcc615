/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one request on a connection of libwebsockets.
 *
 *     READING --body complete--> WAITING --answer--> WRITING --all taken--> next request, or
 *                                                            --body unread--> LINGERING --> closed
 *
 * READING, WRITING and LINGERING have deadlines; WAITING ends when the handler answers, whatever it takes. In place
 * of READING and WAITING there is STREAMING (stream.c) for handlers that take the body piece by piece.
 *
 * What libwebsockets 4.1 does to HTTP/1 shapes much of this file.
 *
 * Without a body it does not read while a request is answered, but polls for input all the same, and turns in
 * circles once a client sends more. So input is paused while we wait. While paused there is no WRITEABLE
 * either, hence input is let through again to write, but only for a second: a client that takes longer is
 * served by a timer. After a body, further input comes as another HTTP_BODY_COMPLETION.
 *
 * A request with a body that it parses from its own buffer, because the client has pipelined, gets its
 * headers as its body, and then callbacks for ever. So when more than one request came in one read, the
 * connection is closed after the first answer.
 *
 * lws_set_timer_usecs() cannot be cancelled (it then fires at once), hence a lws_sorted_usec_list_t of our
 * own.
 *
 * A request that is answered before its body was read (401, 413, ...) closes the connection, but not at once:
 * a socket closed with unread input is reset, and the client would lose the answer. So the rest is read and
 * dropped for a while.
 *
 * Answers go to the socket directly, not through lws_write(), which would copy what the socket does not take
 * and could not be combined with pausing. So there is no TLS here. */
#include "common/http/stages.h"

#include <sys/socket.h>

#include "common/http/intake.h"

#define TICK_US      (1 * LWS_US_PER_SEC)
#define SLOW_TICK_US (100 * LWS_US_PER_MS)
#define LINGER_US    (3 * LWS_US_PER_SEC)

static void on_timer(lws_sorted_usec_list_t *timer);

static void timer_set(HttpExchange *exchange, lws_usec_t us)
{
    lws_sul_schedule(lws_get_context(exchange->wsi), lws_get_tsi(exchange->wsi), &exchange->timer, on_timer,
                     us);
}

/* For what is still to come of a body. */
int64_t endpoint_body_patience(const HttpEndpointOptions *options)
{
    return options->body_timeout_us != 0 ? options->body_timeout_us
                                         : (int64_t)options->timeout_s * G_USEC_PER_SEC;
}

static void pause_input(HttpExchange *exchange, bool pause)
{
    if (exchange->paused == pause)
        return;
    exchange->paused = pause;
    lws_rx_flow_control(exchange->wsi, !pause);
}

static HttpExchange *exchange_new(HttpEndpoint *endpoint, struct lws *wsi, const HttpIntake *intake)
{
    HttpExchange *exchange = g_new0(HttpExchange, 1);

    exchange->endpoint = endpoint;
    exchange->wsi = wsi;
    exchange->request = intake->request;
    exchange->request->exchange = exchange;
    exchange->keep_alive = intake->keep_alive;
    exchange->body_unread = intake->body_follows;
    exchange->body_size = intake->body_size;
    exchange->link.data = exchange;
    g_queue_push_tail_link(&endpoint->exchanges, &exchange->link);
    return exchange;
}

/* Whoever still holds the request may answer it, to no effect. */
void exchange_free(HttpExchange *exchange)
{
    lws_sul_cancel(&exchange->timer);
    g_queue_unlink(&exchange->endpoint->exchanges, &exchange->link);
    exchange->request->exchange = NULL;
    http_request_unref(exchange->request);
    http_answer_free(exchange->answer);
    http_transfer_clear(&exchange->transfer);
    stream_free(exchange->stream);
    if (exchange->body != NULL)
        g_byte_array_unref(exchange->body);
    g_free(exchange);
}

/* ---- answering ---- */

void exchange_answer(HttpExchange *exchange, HttpAnswer *answer)
{
    HttpEndpoint *endpoint = exchange->endpoint;

    exchange->answer = answer;
    exchange->stage = WRITING;
    exchange->deadline = g_get_monotonic_time() + (int64_t)endpoint->options.timeout_s * G_USEC_PER_SEC;
    pause_input(exchange, false);
    timer_set(exchange, TICK_US);
    lws_callback_on_writable(exchange->wsi);
    if (endpoint->options.observe != NULL)
        endpoint->options.observe(answer->status, endpoint->options.user);
}

void exchange_answer_problem(HttpExchange *exchange, int status, const char *detail)
{
    exchange_answer(exchange, http_answer_problem(status, detail, NULL, g_get_real_time()));
}

void exchange_pause(HttpExchange *exchange)
{
    pause_input(exchange, true);
}

void exchange_linger(HttpExchange *exchange)
{
    exchange->stage = LINGERING;
    http_request_release_early(exchange->request);
    pause_input(exchange, false);
    shutdown(lws_get_socket_fd(exchange->wsi), SHUT_WR);
    timer_set(exchange, LINGER_US);
}

void exchange_abandon(HttpExchange *exchange)
{
    exchange->stage = LINGERING;
    exchange->abandoned = true;
    lws_sul_cancel(&exchange->timer);
    /* Not at once: this may be called where libwebsockets is not done with the connection. */
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

void exchange_go_on(const HttpExchange *exchange)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    (void)send(lws_get_socket_fd(exchange->wsi), go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- dispatching ---- */

/* The handler's reference goes with the call. */
static void exchange_dispatch(HttpExchange *exchange)
{
    HttpRequest *request = exchange->request;

    lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
    lws_sul_cancel(&exchange->timer);
    exchange->stage = WAITING;
    exchange->body_unread = false;
    request->match.route->handler(http_request_ref(request), exchange->endpoint->options.user);
    if (exchange->stage == WAITING)
        pause_input(exchange, true);
}

static void answer_no_route(HttpExchange *exchange)
{
    const HttpMatch *match = &exchange->request->match;

    if (match->path_known) {
        const char *const allow[] = {"Allow", match->allow->str, NULL};
        g_autoptr(HttpAnswer) problem =
            http_answer_problem(405, "this path does not know the method", NULL, g_get_real_time());
        exchange_answer(exchange, http_answer_new(405, "application/problem+json", allow, problem->body,
                                                  g_get_real_time()));
    } else {
        exchange_answer_problem(exchange, 404, "there is nothing at this path");
    }
}

/* Whether the body may come, all at once or, with *ret_stream, in pieces; otherwise the request has its answer or
 * will get it. */
static bool exchange_admit(HttpExchange *exchange, const HttpIntake *intake,
                           const HttpStreamRoute **ret_stream)
{
    const HttpEndpointOptions *options = &exchange->endpoint->options;
    HttpRequest *request = exchange->request;

    if (intake->refusal != 0) {
        /* What follows may be no request: a proxy in front may have read another end of this one. */
        exchange->keep_alive = false;
        exchange_answer_problem(exchange, intake->refusal, intake->reason);
        return false;
    }
    if (exchange->endpoint->draining) {
        exchange_answer_problem(exchange, 503, "the service is stopping");
        return false;
    }
    http_route_match(options->routes, request->method, request->path, &request->match);
    if (request->match.route == NULL) {
        answer_no_route(exchange);
        return false;
    }
    exchange->stage = WAITING;
    if (options->admit != NULL) {
        if (!options->admit(http_request_ref(request), options->user))
            return false;
        http_request_unref(request);
    }
    *ret_stream = stream_route(exchange->endpoint, request);
    if (*ret_stream == NULL && intake->chunked) {
        exchange->keep_alive = false;
        exchange_answer_problem(exchange, 411,
                                "Transfer-Encoding is not supported: send the body with a Content-Length");
        return false;
    }
    if (*ret_stream == NULL && intake->body_size > options->max_body) {
        g_autofree char *detail = g_strdup_printf("the body is larger than %zu bytes", options->max_body);
        exchange_answer_problem(exchange, 413, detail);
        return false;
    }
    size_t needed = intake->body_size;
    if (*ret_stream != NULL && (intake->chunked || needed > (*ret_stream)->memory))
        needed = (*ret_stream)->memory;
    if (!http_mailbox_reserve(request->mailbox, needed, options->max_bodies)) {
        exchange_answer_problem(exchange, 503, "too much is waiting: try again later");
        return false;
    }
    request->reserved = needed;
    return true;
}

/* ---- libwebsockets' callbacks ---- */

int exchange_begin(HttpEndpoint *endpoint, struct lws *wsi, HttpConnection *connection)
{
    const HttpStreamRoute *stream = NULL;
    HttpIntake intake;

    http_intake(wsi, endpoint->mailbox, &intake);
    if (intake.refusal != 0 && !intake.body_follows) {
        /* Also when nobody can tell where the next request would begin. */
        http_request_unref(intake.request);
        if (endpoint->options.observe != NULL)
            endpoint->options.observe(intake.refusal, endpoint->options.user);
        return http_refuse(wsi, intake.refusal, intake.reason);
    }
    g_assert(connection->exchange == NULL);
    HttpExchange *exchange = exchange_new(endpoint, wsi, &intake);
    connection->exchange = exchange;
    /* libwebsockets' own time-outs begin anew with every packet; ours is for the whole. */
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    bool admitted = exchange_admit(exchange, &intake, &stream);
    connection->known = http_request_attached(exchange->request) != NULL;
    if (!admitted)
        return 0;
    if (stream != NULL) {
        stream_start(exchange, stream, &intake);
        return exchange->abandoned ? -1 : 0;
    }
    if (intake.body_size == 0) {
        exchange_dispatch(exchange);
        return 0;
    }
    exchange->stage = READING;
    exchange->body = g_byte_array_new();
    exchange->deadline = g_get_monotonic_time() + endpoint_body_patience(&endpoint->options);
    timer_set(exchange, endpoint_body_patience(&endpoint->options));
    if (intake.expects_continue)
        exchange_go_on(exchange);
    return 0;
}

/* A body that comes at the rate may take as long as it needs, one that hardly comes may not. */
static void grant_time(HttpExchange *exchange, size_t bytes)
{
    const HttpEndpointOptions *options = &exchange->endpoint->options;

    if (options->body_rate == 0)
        return;
    int64_t latest = g_get_monotonic_time() + endpoint_body_patience(options);
    int64_t granted = (int64_t)(bytes * (uint64_t)G_USEC_PER_SEC / options->body_rate);
    exchange->deadline = MIN(exchange->deadline + granted, latest);
}

int exchange_body(HttpExchange *exchange, const void *data, size_t length)
{
    if (exchange != NULL && exchange->stage == STREAMING)
        stream_take(exchange, data, length);
    if (exchange != NULL && exchange->abandoned) /* libwebsockets would set another time-out now */
        return -1;
    if (exchange == NULL || exchange->stage != READING)
        return 0;
    if (exchange->body->len + length > exchange->body_size)
        return -1;
    grant_time(exchange, length);
    g_byte_array_append(exchange->body, data, (guint)length);
    return 0;
}

int exchange_body_end(HttpExchange *exchange)
{
    if (exchange == NULL)
        return 0;
    switch (exchange->stage) {
    case READING:
        g_bytes_unref(exchange->request->body);
        exchange->request->body = g_byte_array_free_to_bytes(g_steal_pointer(&exchange->body));
        exchange_dispatch(exchange);
        return 0;
    case LINGERING:
        return -1;
    case WAITING:
    case STREAMING:
        return 0;
    case WRITING:
        exchange->pipelined = exchange->body_size > 0 && !exchange->body_unread;
        exchange->body_unread = false;
        return 0;
    }
    return 0;
}

/* Right after lws_http_transaction_completed(): whether the beginning of the next request lies in
 * libwebsockets' buffer, which is when it keeps the table of headers, which is when this call writes to its
 * argument. */
static bool has_buffered_request(struct lws *wsi)
{
    char probe[2] = "x";

    (void)lws_hdr_custom_copy(wsi, probe, sizeof probe, "x", 1);
    return probe[0] == '\0';
}

/* The answer is with the kernel. Returns -1 to close the connection; the exchange may be gone afterwards. */
static int exchange_finish(HttpExchange *exchange)
{
    struct lws *wsi = exchange->wsi;
    bool keep_alive = exchange->keep_alive && !exchange->pipelined;

    if (exchange->body_unread) {
        exchange_linger(exchange);
        return 0;
    }
    pause_input(exchange, false);
    if (!keep_alive)
        return -1;
    ((HttpConnection *)lws_wsi_user(wsi))->exchange = NULL;
    exchange_free(exchange);
    return lws_http_transaction_completed(wsi) || has_buffered_request(wsi) ? -1 : 0;
}

/* As much of the answer as the socket takes. Returns -1 to close the connection. */
static int exchange_write(HttpExchange *exchange)
{
    if (exchange->transfer.head == NULL) {
        if (exchange->body_unread || exchange->pipelined || exchange->endpoint->draining)
            exchange->keep_alive = false;
        http_transfer_init(&exchange->transfer, exchange->answer, exchange->keep_alive,
                           strcmp(exchange->request->method, "HEAD") != 0);
    }
    switch (http_transfer_send(&exchange->transfer, lws_get_socket_fd(exchange->wsi))) {
    case TRANSFER_DONE:
        return exchange_finish(exchange);
    case TRANSFER_BLOCKED:
        if (!exchange->paused)
            lws_callback_on_writable(exchange->wsi);
        return 0;
    case TRANSFER_FAILED:
        break;
    }
    return -1;
}

int exchange_writable(HttpExchange *exchange)
{
    if (exchange == NULL || exchange->stage != WRITING || exchange->paused)
        return 0;
    return exchange_write(exchange);
}

static void on_timer(lws_sorted_usec_list_t *timer)
{
    HttpExchange *exchange = lws_container_of(timer, HttpExchange, timer);
    struct lws *wsi = exchange->wsi;
    int64_t left = exchange->deadline - g_get_monotonic_time();

    switch (exchange->stage) {
    case READING:
        if (left > 0) {
            timer_set(exchange, left);
            return;
        }
        exchange_answer_problem(exchange, 408, "the request was not complete in time");
        return;
    case WRITING:
        if (left <= 0)
            break;
        pause_input(exchange, true);
        timer_set(exchange, SLOW_TICK_US);
        if (exchange_write(exchange) == 0)
            return;
        break;
    case WAITING:
    case STREAMING:
    case LINGERING:
        break;
    }
    /* Not later (LWS_TO_KILL_ASYNC), or libwebsockets would go on to a buffered request. */
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}
