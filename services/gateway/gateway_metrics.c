/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/gateway_metrics.h"

#include <pthread.h>

static const char *const refusal_names[REFUSED_COUNT] = {
    [REFUSED_FULL] = "full",           [REFUSED_ADDRESS] = "address",   [REFUSED_HANDSHAKE] = "handshake",
    [REFUSED_ORIGIN] = "origin",       [REFUSED_PROTOCOL] = "protocol", [REFUSED_QUERY] = "query",
    [REFUSED_NOT_READY] = "not_ready",
};

static const struct {
    const char *name;
    unsigned code;
    const char *text;
} closings[CLOSED_COUNT] = {
    [CLOSED_BY_CLIENT] = {"client", 0, ""},
    [CLOSED_LOST] = {"lost", 0, ""},
    [CLOSED_RESTART] = {"restart", 1012, "restart"},
    [CLOSED_SLOW] = {"slow", 1013, "nothing was taken for too long"},
    [CLOSED_SILENT] = {"silent", 1001, "pings were not answered"},
    [CLOSED_TOO_BIG] = {"too_big", 1009, "the message is too large"},
    [CLOSED_TYPE] = {"type", 1003, "the subprotocol has messages of the other type"},
    [CLOSED_NOT_TEXT] = {"not_text", 1007, "the message is not UTF-8 text"},
    [CLOSED_TOO_FAST] = {"too_fast", 1008, "too many messages"},
    [CLOSED_UNAVAILABLE] = {"unavailable", 1013, "not available now"},
};

unsigned closing_code(Closing closing)
{
    return closings[closing].code;
}

const char *closing_text(Closing closing)
{
    return closings[closing].text;
}

static void make_refusals(GatewayMetrics *all)
{
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        g_autofree char *label = metric_label("reason", refusal_names[i]);
        all->refusals[i] =
            metric_counter("daywire_gateway_refusals_total", label, "Connections and upgrades refused.");
    }
}

static void make_closes(GatewayMetrics *all)
{
    for (size_t i = 0; i < CLOSED_COUNT; i++) {
        g_autofree char *label =
            g_strdup_printf("cause=\"%s\",code=\"%u\"", closings[i].name, closings[i].code);
        all->closes[i] = metric_counter("daywire_gateway_closes_total", label,
                                        "Sessions ended, by cause and by the close code sent (0: none).");
    }
}

static GatewayMetrics metrics;

static void make_metrics(void)
{
    static const char sessions_help[] = "Open sessions, by format.";

    metrics.connections = metric_counter("daywire_gateway_connections_total", NULL, "Connections accepted.");
    metrics.connections_open = metric_gauge("daywire_gateway_connections", NULL, "Open connections.");
    make_refusals(&metrics);
    metrics.sessions[FORMAT_JSON] =
        metric_gauge("daywire_gateway_sessions", "format=\"json\"", sessions_help);
    metrics.sessions[FORMAT_PROTO] =
        metric_gauge("daywire_gateway_sessions", "format=\"proto\"", sessions_help);
    make_closes(&metrics);
    metrics.sent_frames =
        metric_counter("daywire_gateway_sent_frames_total", NULL, "WebSocket messages sent.");
    metrics.sent_bytes =
        metric_counter("daywire_gateway_sent_bytes_total", NULL, "Bytes of WebSocket messages sent.");
    metrics.received_messages =
        metric_counter("daywire_gateway_received_messages_total", NULL, "WebSocket messages received.");
    metrics.blocked = metric_gauge("daywire_gateway_blocked_sessions", NULL,
                                   "Sessions whose client has yet to take what was sent.");
    metrics.delivery =
        metric_histogram("daywire_gateway_delivery_seconds", NULL,
                         "From the record on the bus until a worker has written it to its sessions.");
    metrics.wakeups =
        metric_counter("daywire_gateway_wakeups_total", NULL, "Times that a worker was woken by new events.");
}

const GatewayMetrics *gateway_metrics(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make_metrics);
    return &metrics;
}

void gateway_metrics_answer(int status)
{
    char label[32];

    (void)g_snprintf(label, sizeof label, "code=\"%d\"", status);
    metric_add(metric_counter("daywire_gateway_http_answers_total", label, "HTTP answers, by status."), 1);
}
