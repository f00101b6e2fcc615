/* SPDX-License-Identifier: Apache-2.0 */
/* The transport's metrics. Any thread. */
#ifndef DAYWIRE_GATEWAY_GATEWAY_METRICS_H
#define DAYWIRE_GATEWAY_GATEWAY_METRICS_H

#include "common/metrics.h"
#include "gateway/event.h"

/* Why a connection was refused, or an upgrade. */
typedef enum {
    REFUSED_FULL,
    REFUSED_ADDRESS,
    REFUSED_HANDSHAKE, /* not complete in time, or pushed out by newer ones */
    REFUSED_ORIGIN,
    REFUSED_PROTOCOL, /* upgrade, version or subprotocol */
    REFUSED_QUERY,
    REFUSED_NOT_READY,
    REFUSED_COUNT,
} Refusal;

/* Why a session ended. */
typedef enum {
    CLOSED_BY_CLIENT,
    CLOSED_LOST, /* without a close frame */
    CLOSED_RESTART,
    CLOSED_SLOW,
    CLOSED_SILENT,
    CLOSED_TOO_BIG,
    CLOSED_TYPE,
    CLOSED_NOT_TEXT,
    CLOSED_TOO_FAST,
    CLOSED_UNAVAILABLE,
    CLOSED_COUNT,
} Closing;

/* The close code of RFC 6455 for a cause; 0 where we send none. */
unsigned closing_code(Closing closing);
/* The reason that the close frame gives. */
const char *closing_text(Closing closing);

typedef struct {
    Metric *connections;      /* accepted */
    Metric *connections_open; /* now */
    Metric *refusals[REFUSED_COUNT];
    Metric *sessions[FORMAT_COUNT]; /* now */
    Metric *closes[CLOSED_COUNT];
    Metric *sent_frames, *sent_bytes;
    Metric *received_messages;
    Metric *blocked; /* sessions that wait for their client to take what was sent */
    Metric *delivery;
    Metric *wakeups;
} GatewayMetrics;

/* Made at the first call. */
const GatewayMetrics *gateway_metrics(void);

/* Counts an HTTP answer. */
void gateway_metrics_answer(int status);

#endif
