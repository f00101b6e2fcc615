/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way (exchange.c), in pieces (stream.c), and the endpoint that it belongs to (endpoint.c): what
 * these files share. All of it belongs to the context's thread. Functions that return int give what libwebsockets'
 * callback returns: -1 closes. */
#ifndef DAYWIRE_COMMON_HTTP_STAGES_H
#define DAYWIRE_COMMON_HTTP_STAGES_H

#include "common/http/exchange_lws.h"
#include "common/http/intake.h"
#include "common/http/poller.h"
#include "common/http/request.h"
#include "common/http/transfer.h"

typedef enum { READING, WAITING, STREAMING, WRITING, LINGERING } Stage;

typedef struct HttpStream HttpStream;

typedef struct HttpExchange {
    HttpEndpoint *endpoint;
    struct lws *wsi;
    HttpRequest *request; /* a reference */
    Stage stage;
    bool keep_alive;
    bool body_unread; /* the answer came before the end of the body */
    bool paused;
    bool pipelined; /* more came after the request */
    bool abandoned; /* see exchange_abandon() */
    uint64_t body_size;
    GByteArray *body;      /* READING */
    HttpStream *stream;    /* from STREAMING on; else NULL */
    HttpAnswer *answer;    /* WRITING */
    HttpTransfer transfer; /* WRITING; begins with the first writable socket */
    lws_sorted_usec_list_t timer;
    int64_t deadline; /* READING, WRITING: g_get_monotonic_time() */
    GList link;       /* in the endpoint's list */
} HttpExchange;

struct HttpEndpoint {
    HttpEndpointOptions options;
    HttpMailbox *mailbox;
    GQueue exchanges;   /* of HttpExchange, by their link */
    HttpPoller *poller; /* NULL: there are no streams */
    bool draining;
};

/* Microseconds that the peer has to send a body at once, or that a stream has to move anything. */
int64_t endpoint_body_patience(const HttpEndpointOptions *options);

/* LWS_CALLBACK_HTTP: the headers are complete. */
int exchange_begin(HttpEndpoint *endpoint, struct lws *wsi, HttpConnection *connection) MUST_CHECK;
/* These three take NULL: libwebsockets calls for connections that have no request, too. */
int exchange_body(HttpExchange *exchange, const void *data, size_t length) MUST_CHECK;
int exchange_body_end(HttpExchange *exchange) MUST_CHECK;
int exchange_writable(HttpExchange *exchange) MUST_CHECK;

/* Takes over `answer`. Only in READING, WAITING and STREAMING. */
void exchange_answer(HttpExchange *exchange, HttpAnswer *answer);
void exchange_answer_problem(HttpExchange *exchange, int status, const char *detail);

/* The answer is with the kernel: what still comes is dropped, for a while. */
void exchange_linger(HttpExchange *exchange);
/* The connection is closed, soon and without further calls for this request. */
void exchange_abandon(HttpExchange *exchange);
/* Nothing is read by libwebsockets until there is an answer or an end. */
void exchange_pause(HttpExchange *exchange);
/* 100 Continue. */
void exchange_go_on(const HttpExchange *exchange);

/* The connection has ended, or goes on to its next request. */
void exchange_free(HttpExchange *exchange);

/* ---- stream.c ---- */

/* NULL: the body is gathered. The request has its route. */
const HttpStreamRoute *stream_route(const HttpEndpoint *endpoint, const HttpRequest *request);
/* Enters STREAMING, or the request has its answer. */
void stream_start(HttpExchange *exchange, const HttpStreamRoute *route, const HttpIntake *intake);
/* These three only in STREAMING. Bytes that libwebsockets has read behind the headers: */
void stream_take(HttpExchange *exchange, const void *data, size_t length);
void stream_wake(HttpExchange *exchange);
void stream_stop(HttpExchange *exchange);
void stream_free(HttpStream *stream); /* NULL is fine */

#endif
