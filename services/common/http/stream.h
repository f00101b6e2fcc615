/* SPDX-License-Identifier: Apache-2.0 */
/* Requests whose body is taken, and whose answer is given, piece by piece and both at once: of any length, in
 * bounded memory. What is not taken is not read, and the peer's sending stops; an answer that the peer does not
 * take makes http_stream_has_room() false.
 *
 * A peer has the time-out for a body to move anything while it is waited for, and has to move the rate for a body
 * on the whole (pace.h); there is no limit on the whole. So a peer that reads nothing before it has sent
 * all is served as long as sockets and HTTP_STREAM_ROOM hold the answer, and ended for its pace otherwise.
 *
 * The connection is closed after the answer: chunked for HTTP/1.1, until the end of the connection for 1.0.
 * Everything here is called, and calls, on the context's thread except where it says otherwise. */
#ifndef DAYWIRE_COMMON_HTTP_STREAM_H
#define DAYWIRE_COMMON_HTTP_STREAM_H

#include "common/http/exchange.h"

/* An answer may grow by any one http_stream_write() beyond this, but by no more. */
#define HTTP_STREAM_ROOM ((size_t)64 * 1024)

typedef enum {
    HTTP_STREAM_DONE,    /* the whole answer is with the kernel */
    HTTP_STREAM_GONE,    /* the peer has closed the connection */
    HTTP_STREAM_SLOW,    /* it did not keep pace */
    HTTP_STREAM_INVALID, /* its body cannot be decoded */
} HttpStreamEnd;

typedef struct {
    const char *method; /* as in the route for those requests that are not taken here, */
    const char *path;   /* whose bodies are gathered as ever */
    size_t memory; /* bytes that one stream may need; counted with max_bodies, unless its body is shorter */
    /* With admitted headers. */
    bool (*takes)(const HttpRequest *request);
    /* The stream of the calls below; NULL after it has answered the request itself. The reference to the request
     * belongs to the stream: http_stream_release(). */
    void *(*begin)(HttpRequest *request, void *user);
    /* The next bytes of the body; returns how many it takes. If it is less than all, the rest is kept and nothing
     * is read until http_stream_resume(). */
    size_t (*data)(void *stream, const char *data, size_t size);
    /* The body is complete. */
    void (*end)(void *stream);
    /* After http_stream_wake() and http_stream_wake_after(), and when there is room again. */
    void (*wake)(void *stream);
    /* The server is stopping: no more of the body comes. The answer should end soon. */
    void (*stop)(void *stream);
    /* The last call, exactly once. */
    void (*closed)(void *stream, HttpStreamEnd end);
} HttpStreamRoute;

/* Begins the answer, once. As for http_respond(). */
void http_stream_begin(HttpRequest *request, int status, const char *content_type,
                       const char *const *headers);
/* In place of a beginning: the whole answer is this problem document, as for http_respond_problem(). */
void http_stream_refuse(HttpRequest *request, int status, const char *detail);
/* After the beginning; copies. To no effect when the peer has gone. */
void http_stream_write(HttpRequest *request, const char *data, size_t size);
/* Whether to write; when not, `wake` tells when. */
bool http_stream_has_room(HttpRequest *request);
/* The answer is complete, also when the body is not. */
void http_stream_end(HttpRequest *request);

/* Whether the peer may be waiting for the answer to what it has sent, so that its pace does not count when nothing
 * more comes. False at first. */
void http_stream_set_busy(HttpRequest *request, bool busy);

/* More of the body is taken. */
void http_stream_resume(HttpRequest *request);
/* Any thread, until http_stream_release(); several may make one call of `wake`. */
void http_stream_wake(HttpRequest *request);
/* Moves an earlier one. */
void http_stream_wake_after(HttpRequest *request, unsigned milliseconds);

/* Any thread, after `closed`: gives the reference back. */
void http_stream_release(HttpRequest *request);

#endif
