/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the exchange that faces libwebsockets, for those who own a context: the server beside
 * (server.h) and the gateway's workers. One HttpEndpoint serves one context; everything here belongs to the
 * context's thread except where it says otherwise. HTTP/1.1 only.
 *
 *     static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in, size_t len)
 *     {
 *         Worker *worker = lws_context_user(lws_get_context(wsi));
 *         return http_exchange_callback(wsi, reason, pss, in, len, worker->endpoint);
 *     }
 *     {.name = "http", .callback = callback, .per_session_data_size = sizeof(HttpConnection),
 *      .rx_buffer_size = 4096, .tx_packet_size = HTTP_TX_PACKET_SIZE}               the first of
 * info.protocols
 *
 * Order: http_endpoint_new, lws_create_context, http_endpoint_open, service..., http_endpoint_drain and
 * service until http_endpoint_idle or patience ends, http_endpoint_close, lws_context_destroy,
 * http_endpoint_free.
 *
 * While a request waits for its answer its socket is not read (lws_rx_flow_control). A loop that polls
 * sockets itself asks http_connection_paused() before it watches for input again.
 *
 * info.timeout_secs has to be longer than the endpoint's time-outs, or libwebsockets closes a slow request
 * before it is answered 408; and vhosts are without TLS, since answers go to the socket directly. */
#ifndef DAYWIRE_COMMON_HTTP_EXCHANGE_LWS_H
#define DAYWIRE_COMMON_HTTP_EXCHANGE_LWS_H

#include <stdbool.h>

#include <libwebsockets.h>

#include "common/http/exchange.h"
#include "common/http/stream.h"

/* libwebsockets cuts and copies every write that is larger than this. */
#define HTTP_TX_PACKET_SIZE (1 << 20)
/* For info.max_http_header_data: request line and headers together. */
#define HTTP_HEADER_DATA_MAX 8192

typedef struct HttpEndpoint HttpEndpoint;

typedef struct {
    const HttpRoute *routes;        /* ends with a method of NULL; must stay valid */
    const HttpStreamRoute *streams; /* ends with a method of NULL; NULL: there are none. Must stay valid */
    HttpAdmit admit;                /* NULL: every request is read */
    HttpObserver observe;           /* NULL: nobody is told */
    void *user;                     /* given to handlers, `admit` and `observe` */
    size_t max_body;                /* bytes; beyond it 413 */
    size_t max_bodies; /* bytes of all requests that are read or wait together, and of streams; beyond
                                 * it 503 */
    int timeout_s;     /* to send a whole request, and to take a whole answer; of a stream see stream.h */
    const char *websocket_path; /* where `Upgrade: websocket` is let through; NULL: nowhere. All other
                                 * upgrades are refused everywhere */
    /* To send a whole body, in place of `timeout_s`; 0: that. */
    int64_t body_timeout_us;
    /* Bytes a second: each that comes grants its share more time, up to `body_timeout_us` from then on. 0: none. */
    size_t body_rate;
} HttpEndpointOptions;

HttpEndpoint *http_endpoint_new(const HttpEndpointOptions *options);
/* With `streams`, before http_endpoint_open(): has the context's loop watch them. `protocol` of the vhost calls
 * http_endpoint_dispatch() for LWS_CALLBACK_RAW_RX_FILE. FAILED: out of descriptors. */
bool http_endpoint_watch_streams(HttpEndpoint *endpoint, struct lws_vhost *vhost, const char *protocol,
                                 GError **error) MUST_CHECK;
void http_endpoint_dispatch(HttpEndpoint *endpoint);
/* From here on answers wake this context. Call it on the thread that will service the context. */
void http_endpoint_open(HttpEndpoint *endpoint, struct lws_context *context);
/* No new requests: those that wait are answered 503, answers that are under way are finished, streams are told
 * to end, and every connection is closed after its answer. */
void http_endpoint_drain(HttpEndpoint *endpoint);
/* Whether no request is being read, waited for or answered. */
bool http_endpoint_idle(const HttpEndpoint *endpoint);
/* Answers that come later have no effect. Before lws_context_destroy(). */
void http_endpoint_close(HttpEndpoint *endpoint);
void http_endpoint_free(HttpEndpoint *endpoint); /* NULL is fine; after lws_context_destroy() */

/* The per-session data of the protocol; zeroed by libwebsockets, touched by nobody else. */
typedef struct {
    struct HttpExchange *exchange; /* NULL between requests */
    bool known;                    /* `admit` has attached something to the last request */
} HttpConnection;

/* To be called for every reason that the protocol's callback gets and does not handle itself; what it returns
 * is the callback's result. Also refuses CONNECT, h2c and upgrades to anything unknown. */
int http_exchange_callback(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in, size_t len,
                           HttpEndpoint *endpoint);

/* Whether the socket must not be read for the moment. */
bool http_connection_paused(const HttpConnection *connection);

/* For LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, in place of http_exchange_callback(): what the request asks to be
 * upgraded to (the trap: libwebsockets' own `in` may be gone by then). */
bool http_upgrade_is_websocket(struct lws *wsi);
/* Writes a problem document that closes the connection and returns -1, for callbacks that refuse an upgrade.
 */
int http_refuse(struct lws *wsi, int status, const char *detail);

/* libwebsockets' errors and warnings go to log.h, at most a few a minute. Once, before the first context. */
void http_log_init(void);

#endif
