/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP/1.1 request and its answer, on a connection of libwebsockets. Shared by the small server beside
 * (server.h) and the gateway's workers, which have the same connections speak WebSocket as well.
 *
 * A context's thread calls http_exchange_callback() from its protocol callback; handlers run on that thread.
 * http_respond() may be called there or, later, from any other thread: the answer is handed over and written
 * by the context's thread. */
#ifndef DAYWIRE_COMMON_HTTP_EXCHANGE_H
#define DAYWIRE_COMMON_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <glib.h>

typedef struct HttpRequest HttpRequest;

/* The request is valid until the handler, or whoever it hands the request to, has answered it: exactly once.
 */
typedef void (*HttpHandler)(HttpRequest *request, void *user);

typedef struct {
    const char *method; /* "GET" (also answers HEAD), "POST", "PUT", "DELETE" */
    const char *path; /* "/v1/statements/{id}", "/web/{file}": a segment in braces matches any one segment */
    HttpHandler handler;
} HttpRoute;

/* Asked when the headers are complete and before the body is read: true to go on; false after it has answered
 * the request itself (for instance 401, so that nobody unknown can make the server hold large bodies). */
typedef bool (*HttpAdmit)(HttpRequest *request, void *user);

/* Told of every answer, those of the exchange itself (404, 413, ...) included, on the context's thread. */
typedef void (*HttpObserver)(int status, void *user);

/* `path` and `method` are known; a known path with another method is answered 405, an unknown one 404. */

const char *http_request_method(const HttpRequest *request);
const char *http_request_path(const HttpRequest *request);
/* The decoded segment of the route's {name}. */
const char *http_request_segment(const HttpRequest *request, const char *name);
/* The decoded query parameter, or NULL. */
const char *http_request_query(const HttpRequest *request, const char *name);
/* For parameters that may be repeated: the `index`th value from 0 on, or NULL. */
const char *http_request_query_nth(const HttpRequest *request, const char *name, unsigned index);
/* The name of a query parameter that is not in `allowed` (NULL-terminated), or NULL. */
const char *http_request_unknown_query(const HttpRequest *request, const char *const *allowed);
/* Of authorization, content-type, if-match, if-none-match, accept, accept-encoding, host, origin, cookie,
 * x-forwarded-for (lower case); NULL: absent. */
const char *http_request_header(const HttpRequest *request, const char *name);
/* Complete, at most as large as the server allows; never NULL. */
GBytes *http_request_body(const HttpRequest *request);
/* The peer's address as text. */
const char *http_request_peer(const HttpRequest *request);

/* Hangs `object` on the request, at most one: who it is from, a count of what is under way. From `admit` or a
 * handler, before the request is answered. `release` gets it exactly once, when the request is over: its answer
 * has been sent or its connection is gone, and whoever took the request has answered it. Any thread; it may be
 * after http_server_stop(), if somebody answers so late. */
void http_request_attach(HttpRequest *request, void *object, void (*release)(void *object));
/* NULL: nothing. Valid until the request is answered by whoever asks. */
void *http_request_attached(const HttpRequest *request);

/* `headers` is a NULL-terminated list of name and value pairs, or NULL; all arguments are copied or
 * referenced. A Content-Length, Date-independent security headers (nosniff) and Connection are added. Any
 * thread. */
void http_respond(HttpRequest *request, int status, const char *content_type, const char *const *headers,
                  GBytes *body);

/* A problem document, RFC 9457: `detail` is for people, `field` (may be NULL) names what is wrong. A 401 asks
 * for a bearer token, a 503 says to come back in a second. */
void http_respond_problem(HttpRequest *request, int status, const char *detail, const char *field);
/* The same with a Retry-After of so many seconds: 429 or 503. */
void http_respond_retry(HttpRequest *request, int status, const char *detail, unsigned seconds);

#endif
