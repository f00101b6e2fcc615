/* SPDX-License-Identifier: Apache-2.0 */
/* One client on a WebSocket: what it says is put together, judged and answered; what it lacks is sent.
 *
 * A session is a position in the log (its subscription) and a few numbers. What it is behind goes out in one
 * write, up to WRITE_MAX bytes at a time; when the socket does not take all, or more is due, the session is
 * blocked: nothing more is written, and nothing more is read, until libwebsockets says that the socket takes
 * more. So neither direction can pile up memory, and who takes nothing for too long is found.
 *
 * Everything here belongs to the worker's thread. */
#ifndef DAYWIRE_GATEWAY_SESSION_H
#define DAYWIRE_GATEWAY_SESSION_H

#include <libwebsockets.h>

#include "gateway/gateway.h"
#include "gateway/gateway_metrics.h"
#include "gateway/inbound.h"
#include "gateway/subscription.h"

/* What all sessions of a worker share. */
typedef struct {
    const Gateway *gateway;
    ViewReader *reader;
    InboundRules rules[FORMAT_COUNT];
    GQueue sessions;   /* of Session, by `link`; the next heartbeat due first */
    GQueue blocked;    /* of Session, by `blocked_link` */
    GPtrArray *frames; /* scratch: what is about to be written */
    GByteArray *bytes; /* scratch: the same in one piece */
    struct {
        char *cursor;
        Instant second;
        GBytes *bytes;     /* heartbeat and ping */
    } beats[FORMAT_COUNT]; /* the last one made: most sessions stand at the same cursor */
    uint64_t log_seen;     /* position in the log up to which delivery has been observed */
    int64_t sent_frames, sent_bytes, received; /* not yet added to the metrics */
    bool killed; /* libwebsockets has to be called so that it closes what was killed */
} SessionGroup;

typedef enum {
    SESSION_OPEN,
    SESSION_CLOSING, /* the close frame is sent once the socket has taken what was written before */
    SESSION_CLOSED,  /* sent or received; or there is nobody to send it to */
} SessionState;

typedef struct {
    SessionGroup *group;
    struct lws *wsi;
    Subscription *subscription; /* NULL: none */
    Inbound inbound;
    GList link, blocked_link;
    int64_t beat_due;    /* monotonic microseconds */
    int64_t progress_at; /* while blocked: when the client last took something, monotonic */
    uint64_t progress;   /* while blocked: bytes that it has acknowledged */
    Format format;
    SessionState state;
    Closing cause;
    unsigned unanswered; /* pings */
    bool greeted;
    bool blocked;
} Session;

/* For LWS_CALLBACK_ESTABLISHED: sends hello and, with `request` (a subscribe message, may be NULL), what it
 * asks for. */
Session *session_new(SessionGroup *group, struct lws *wsi, Format format, const ClientMessage *request);
void session_free(Session *session); /* NULL is fine; when the connection is gone */

/* libwebsockets' callbacks; the result is theirs. */
int session_on_writable(Session *session);
void session_on_receive(Session *session, const InboundPiece *piece, int64_t now);
void session_on_pong(Session *session);
void session_on_peer_close(Session *session);
/* libwebsockets is closing the connection for a reason of its own: nothing more may be written. */
void session_on_drop(Session *session);

/* Sends what the client lacks, as far as the socket takes it. */
void session_send(Session *session);
/* `bytes` is one complete frame, or more. False when the connection is gone. */
bool session_write(Session *session, GBytes *bytes);
/* Where the client stands; valid until the next call for this session or group. */
const char *session_cursor(Session *session, char **ret_owned);
/* Closes with the cause's code as soon as what was written has gone. */
void session_close(Session *session, Closing cause);
/* Ends the connection without a close frame, from outside of the session's callbacks as well. */
void session_kill(Session *session, Closing cause);

#endif
