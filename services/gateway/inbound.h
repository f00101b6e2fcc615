/* SPDX-License-Identifier: Apache-2.0 */
/* What a client sends over a WebSocket, put together from its pieces and judged: size, type, text, rate.
 * Knows no libwebsockets. Owned by one thread. */
#ifndef DAYWIRE_GATEWAY_INBOUND_H
#define DAYWIRE_GATEWAY_INBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#include "common/rate.h"

/* A client may send what its rate allows in so many seconds at once. */
#define INBOUND_BURST_S 5

typedef struct {
    size_t max_message; /* bytes */
    unsigned rate;      /* messages a second, on average */
    bool binary;        /* what the subprotocol's messages are */
} InboundRules;

/* All zero at first. Holds memory only while a message is incomplete. */
typedef struct {
    GByteArray *pieces;
    Rate rate;
} Inbound;

typedef enum {
    INBOUND_MORE,     /* the message goes on */
    INBOUND_MESSAGE,  /* *ret_message is complete, valid until the next call */
    INBOUND_TOO_BIG,  /* close with 1009 */
    INBOUND_TYPE,     /* text for binary or the other way round: 1003 */
    INBOUND_NOT_TEXT, /* invalid UTF-8: 1007 */
    INBOUND_TOO_FAST, /* 1008 */
} InboundVerdict;

typedef struct {
    const void *data;
    size_t size;
    bool first, final; /* of the message */
    bool binary;
} InboundPiece;

typedef struct {
    const void *data;
    size_t size;
} InboundMessage;

/* `now` is monotonic, in microseconds. */
InboundVerdict inbound_take(Inbound *inbound, const InboundRules *rules, const InboundPiece *piece,
                            int64_t now, InboundMessage *ret_message) MUST_CHECK;
void inbound_clear(Inbound *inbound);

#endif
