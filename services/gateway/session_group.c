/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions stand in one queue by the time of their next heartbeat. All have the same interval, so whoever had
 * its turn goes to the end and the queue stays in order. When many connected in one moment (a restart), a
 * slice takes at most a few times its share, so that they are spread over an eighth of the interval from the
 * second turn on.
 *
 * No session is freed during these walks: libwebsockets frees connections only when it is called itself. */
#include "gateway/session_group.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define EVENTS_AT_A_TIME 64
#define SLICE_MIN        16
#define SLICE_SHARES     8
/* Pings without an answer, after which a client is taken for gone. */
#define UNANSWERED_MAX 2
/* For what was written to go before a close frame; then the connection is cut. */
#define LINGER_US INT64_C(5000000)

void session_group_init(SessionGroup *group, const Gateway *gateway, ViewReader *reader)
{
    *group = (SessionGroup){.gateway = gateway, .reader = reader};
    for (unsigned format = 0; format < FORMAT_COUNT; format++)
        group->rules[format] = (InboundRules){.max_message = gateway->max_message,
                                              .rate = gateway->message_rate,
                                              .binary = format == FORMAT_PROTO};
    g_queue_init(&group->sessions);
    g_queue_init(&group->blocked);
    group->frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    group->bytes = g_byte_array_new();
}

void session_group_release(SessionGroup *group)
{
    g_assert(group->sessions.length == 0);
    for (unsigned format = 0; format < FORMAT_COUNT; format++) {
        g_free(group->beats[format].cursor);
        g_clear_pointer(&group->beats[format].bytes, g_bytes_unref);
    }
    g_ptr_array_unref(group->frames);
    g_byte_array_unref(group->bytes);
}

/* ---- new events ---- */

/* Observes how old the events up to `end` are now that they have been written. */
static void observe_delivery(SessionGroup *group, uint64_t end)
{
    Event *events[EVENTS_AT_A_TIME];
    Instant now = g_get_real_time();

    while (group->log_seen < end) {
        size_t count = 0;
        size_t most = MIN(EVENTS_AT_A_TIME, end - group->log_seen);
        if (!event_log_read(group->gateway->log, &group->log_seen, events, most, &count) || count == 0)
            group->log_seen = end;
        for (size_t i = 0; i < count; i++) {
            Instant age = MAX(now - event_since(events[i]), 0);
            metric_observe(gateway_metrics()->delivery, (double)age / (double)INSTANT_SECOND);
            event_unref(events[i]);
        }
    }
}

void session_group_send(SessionGroup *group)
{
    uint64_t first = 0, next = 0;
    bool live = consumer_caught_up(group->gateway->consumer);

    metric_add(gateway_metrics()->wakeups, 1);
    event_log_bounds(group->gateway->log, &first, &next);
    for (GList *link = group->sessions.head; link != NULL; link = link->next)
        session_send(link->data);
    /* What is read again at a start, or sent to nobody, says nothing. */
    if (live && group->sessions.length > 0)
        observe_delivery(group, next);
    group->log_seen = next;
}

/* ---- heartbeats ---- */

/* The heartbeat and a ping behind it. Owned by the group. */
static GBytes *make_beat(SessionGroup *group, Format format, const char *cursor)
{
    static const unsigned char ping[] = {0x89, 0x01, 'd'};
    Instant now = g_get_real_time();
    Instant second = now / INSTANT_SECOND;

    if (group->beats[format].bytes != NULL && group->beats[format].second == second &&
        g_strcmp0(group->beats[format].cursor, cursor) == 0)
        return group->beats[format].bytes;

    g_autoptr(GBytes) frame = message_heartbeat(format, 0, now, cursor);
    gsize size = 0;
    const void *data = g_bytes_get_data(frame, &size);
    GByteArray *bytes = g_byte_array_sized_new((guint)(size + sizeof ping));
    g_byte_array_append(bytes, data, (guint)size);
    g_byte_array_append(bytes, ping, sizeof ping);
    g_clear_pointer(&group->beats[format].bytes, g_bytes_unref);
    g_free(group->beats[format].cursor);
    group->beats[format].bytes = g_byte_array_free_to_bytes(bytes);
    group->beats[format].cursor = g_strdup(cursor);
    group->beats[format].second = second;
    return group->beats[format].bytes;
}

static void beat(Session *session)
{
    g_autofree char *owned = NULL;

    /* Who is blocked has enough to take. */
    if (session->state != SESSION_OPEN || session->blocked)
        return;
    if (session->unanswered >= UNANSWERED_MAX) {
        session_close(session, CLOSED_SILENT);
        return;
    }
    session->unanswered++;
    (void)session_write(session, make_beat(session->group, session->format, session_cursor(session, &owned)));
}

void session_group_beat(SessionGroup *group, int64_t now, int64_t interval)
{
    GQueue *sessions = &group->sessions;
    int64_t share = (int64_t)sessions->length * interval / group->gateway->heartbeat_us;

    for (int64_t left = MAX(SLICE_SHARES * share, SLICE_MIN); left > 0; left--) {
        GList *link = g_queue_peek_head_link(sessions);
        if (link == NULL || ((Session *)link->data)->beat_due > now)
            return;
        Session *session = link->data;
        session->beat_due = now + group->gateway->heartbeat_us;
        g_queue_unlink(sessions, link);
        g_queue_push_tail_link(sessions, link);
        beat(session);
    }
}

/* ---- slow clients ---- */

/* Bytes that the other side has acknowledged; that its program has not taken them yet shows when its window
 * is full. */
static uint64_t bytes_acknowledged(const Session *session)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (getsockopt(lws_get_socket_fd(session->wsi), IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return 0;
    return info.tcpi_bytes_acked;
}

static void check(Session *session, int64_t now)
{
    uint64_t progress = bytes_acknowledged(session);
    int64_t patience = session->group->gateway->send_timeout_us;

    if (progress != session->progress) {
        session->progress = progress;
        session->progress_at = now;
        return;
    }
    if (session->state == SESSION_OPEN && now - session->progress_at > patience)
        session_close(session, CLOSED_SLOW);
    else if (now - session->progress_at > patience + LINGER_US)
        session_kill(session, session->cause);
}

void session_group_check(SessionGroup *group, int64_t now)
{
    for (GList *link = group->blocked.head; link != NULL; link = link->next)
        check(link->data, now);
}

/* ---- farewell ---- */

static void leave(Session *session, unsigned spread_ms)
{
    g_autofree char *owned = NULL;
    unsigned retry_ms = (unsigned)g_random_int_range(0, (gint32)spread_ms + 1);
    g_autoptr(GBytes) bye =
        message_bye(session->format, "restart", retry_ms, session_cursor(session, &owned));

    if (session_write(session, bye))
        session_close(session, CLOSED_RESTART);
}

bool session_group_leave(SessionGroup *group, unsigned count, unsigned spread_ms)
{
    for (GList *link = group->sessions.head; link != NULL; link = link->next) {
        Session *session = link->data;
        if (session->state != SESSION_OPEN)
            continue;
        if (count-- == 0)
            return true;
        leave(session, spread_ms);
    }
    return false;
}

void session_group_flush(SessionGroup *group, struct lws_context *context)
{
    const GatewayMetrics *metrics = gateway_metrics();

    metric_add(metrics->sent_frames, group->sent_frames);
    metric_add(metrics->sent_bytes, group->sent_bytes);
    metric_add(metrics->received_messages, group->received);
    group->sent_frames = group->sent_bytes = group->received = 0;
    if (group->killed) {
        group->killed = false;
        lws_cancel_service(context);
    }
}
