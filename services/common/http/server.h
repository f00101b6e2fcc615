/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP/1.1 server with a thread of its own, for APIs and for the operator's endpoint. */
#ifndef DAYWIRE_COMMON_HTTP_SERVER_H
#define DAYWIRE_COMMON_HTTP_SERVER_H

#include "common/http/exchange.h"
#include "common/http/stream.h"

typedef struct HttpServer HttpServer;

typedef struct {
    const char *listen;             /* "address:port" */
    const HttpRoute *routes;        /* ends with a method of NULL; must stay valid */
    const HttpStreamRoute *streams; /* ends with a method of NULL; NULL: there are none. Must stay valid */
    HttpAdmit admit;                /* NULL: every request is read */
    HttpObserver observe;           /* NULL: nobody is told */
    void *user;                     /* given to the handlers, `admit` and `observe` */
    size_t max_body;                /* bytes; beyond it 413 */
    size_t
        max_bodies; /* bytes of all requests that are read or wait together, and of streams; beyond it 503 */
    /* One more pushes out a stranger, if there are any that may be pushed out, or else is answered 503. */
    unsigned max_connections;
    /* Strangers are connections to whose last request, if any, `admit` has attached nothing. One more pushes out
     * the oldest of them. 0: nobody has to be known, and nobody is pushed out. */
    unsigned max_strangers;
    int timeout_s; /* to send a head, to send a body, and to take a whole answer; of a stream see stream.h */
    int64_t header_timeout_us; /* to send a whole head, in place of `timeout_s`; 0: that */
    int64_t body_timeout_us;   /* to send a whole body, in place of `timeout_s`; 0: that */
    size_t body_rate;          /* bytes a second: a body that comes as fast may take longer; 0: no body may */
} HttpServerOptions;

/* UNAVAILABLE when the port cannot be had. Handlers run on the server's thread. */
HttpServer *http_server_start(const HttpServerOptions *server, GError **error) MUST_CHECK;
/* For a listen address with port 0. */
unsigned http_server_port(const HttpServer *server);
/* Waits for the thread. Requests not answered yet are answered 503, streams
 * are told to end and have a moment for it; whoever holds one may still call
 * http_respond(), to no effect. */
void http_server_stop(HttpServer *server); /* NULL is fine */

#endif
