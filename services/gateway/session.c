/* SPDX-License-Identifier: Apache-2.0 */
/* How libwebsockets is used here (see session.h for the idea):
 *
 * - Frames come ready made, so they are written as raw bytes (LWS_WRITE_HTTP), from any place on this thread.
 * lws_write() takes all or fails; what the socket does not take it keeps, and asks for POLLOUT by itself.
 * - A close frame is only sent when nothing is kept, hence SESSION_CLOSING and the writable callback.
 * - A connection may only be freed by libwebsockets, which is told by a time-out of zero (session_kill()).
 * - An empty pong is never reported, hence a ping with one byte (session_group.c). */
#include "gateway/session.h"

#include "common/daemon.h"
#include "common/error.h"

/* The most that is written at a time; one larger message is written alone. */
#define WRITE_MAX ((size_t)64 * 1024)

/* ---- writing ---- */

static void set_blocked(Session *session, bool blocked)
{
    if (session->blocked == blocked)
        return;
    session->blocked = blocked;
    /* A client that does not take answers need not be asked for more questions. */
    lws_rx_flow_control(session->wsi, blocked ? 0 : 1);
    metric_add(gateway_metrics()->blocked, blocked ? 1 : -1);
    if (blocked) {
        session->progress_at = g_get_monotonic_time();
        session->progress = 0;
        g_queue_push_tail_link(&session->group->blocked, &session->blocked_link);
        lws_callback_on_writable(session->wsi);
    } else {
        g_queue_unlink(&session->group->blocked, &session->blocked_link);
    }
}

static bool write_bytes(Session *session, const void *data, size_t size, unsigned frames)
{
    /* libwebsockets does not change what it writes as LWS_WRITE_HTTP, it only says so with another type. */
    if (lws_write(session->wsi, (unsigned char *)data, size, LWS_WRITE_HTTP) < 0) {
        session_kill(session, CLOSED_LOST);
        return false;
    }
    session->group->sent_frames += frames;
    session->group->sent_bytes += (int64_t)size;
    if (lws_partial_buffered(session->wsi))
        set_blocked(session, true);
    return true;
}

bool session_write(Session *session, GBytes *bytes)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);

    return write_bytes(session, data, size, 1);
}

/* Takes over `frame`. */
static void reply(Session *session, GBytes *frame)
{
    (void)session_write(session, frame);
    g_bytes_unref(frame);
}

static bool write_frames(Session *session, const GPtrArray *frames)
{
    GByteArray *bytes = session->group->bytes;

    if (frames->len == 0)
        return true;
    if (frames->len == 1)
        return session_write(session, g_ptr_array_index(frames, 0));
    g_byte_array_set_size(bytes, 0);
    for (guint i = 0; i < frames->len; i++) {
        gsize size = 0;
        const void *data = g_bytes_get_data(g_ptr_array_index(frames, i), &size);
        g_byte_array_append(bytes, data, (guint)size);
    }
    return write_bytes(session, bytes->data, bytes->len, frames->len);
}

static GBytes *make_hello(const Session *session)
{
    return message_hello(session->format, g_get_real_time(), session->group->gateway->heartbeat_us / 1000,
                         daemon_version());
}

static void give_up(Session *session, int64_t id, const GError *error)
{
    consumer_report(session->group->gateway->consumer, error);
    if (!session->greeted) {
        session->greeted = true;
        reply(session, make_hello(session));
    }
    reply(session, message_error(session->format, id, "unavailable", "not available now: try again later"));
    session_close(session, CLOSED_UNAVAILABLE);
}

void session_send(Session *session)
{
    SessionGroup *group = session->group;
    GPtrArray *frames = group->frames;
    g_autoptr(GError) error = NULL;
    bool more = false;

    if (session->state != SESSION_OPEN || session->blocked)
        return;
    g_ptr_array_set_size(frames, 0);
    if (!session->greeted) {
        session->greeted = true;
        g_ptr_array_add(frames, make_hello(session));
    }
    /* While the view is made anew a snapshot would hold a part of it. */
    if (session->subscription != NULL && consumer_caught_up(group->gateway->consumer))
        more = subscription_take(session->subscription, group->reader, WRITE_MAX, frames, &error);
    if (!write_frames(session, frames))
        return;
    if (error != NULL)
        give_up(session, 0, error);
    else if (more)
        set_blocked(session, true);
}

int session_on_writable(Session *session)
{
    const char *text = closing_text(session->cause);

    if (lws_partial_buffered(session->wsi))
        return 0;
    set_blocked(session, false);
    switch (session->state) {
    case SESSION_OPEN:
        session_send(session);
        return 0;
    case SESSION_CLOSING:
        session->state = SESSION_CLOSED;
        lws_close_reason(session->wsi, (enum lws_close_status)closing_code(session->cause),
                         (unsigned char *)text, strlen(text));
        return -1;
    case SESSION_CLOSED:
        return 0;
    }
    return 0;
}

/* ---- reading ---- */

const char *session_cursor(Session *session, char **ret_owned)
{
    *ret_owned = NULL;
    if (session->subscription != NULL)
        return subscription_cursor(session->subscription);
    /* Who is subscribed to nothing lacks nothing. */
    return *ret_owned = event_log_cursor(session->group->gateway->log);
}

static void subscribe(Session *session, const ClientMessage *request)
{
    SessionGroup *group = session->group;
    const Gateway *gateway = group->gateway;
    g_autoptr(GError) error = NULL;
    Subscription *subscription = NULL;

    if (consumer_caught_up(gateway->consumer))
        subscription = subscription_new(gateway->log, group->reader, request, session->format, &error);
    else
        g_set_error(&error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the view is being made");
    if (subscription == NULL) {
        give_up(session, request->id, error);
        return;
    }
    subscription_free(session->subscription);
    session->subscription = subscription;
    session_send(session);
}

static void unsubscribe(Session *session, const ClientMessage *request)
{
    g_autofree char *owned = NULL;
    g_autofree char *cursor = g_strdup(session_cursor(session, &owned));

    if (session->subscription != NULL && subscription_leave(session->subscription, request->channels) == 0)
        g_clear_pointer(&session->subscription, subscription_free);
    reply(session, message_subscribed(session->format, request->id, RESUME_COMPLETE, cursor));
}

static void on_message(Session *session, const InboundMessage *message)
{
    g_autofree char *owned = NULL;
    g_autoptr(GError) error = NULL;
    const char *code = NULL;
    int64_t id = 0;
    g_autoptr(ClientMessage) request =
        client_message_parse(session->format, message->data, message->size, &code, &id, &error);

    session->group->received++;
    if (request == NULL) {
        reply(session, message_error(session->format, id, code, error->message));
        return;
    }
    switch (request->type) {
    case CLIENT_SUBSCRIBE:
        subscribe(session, request);
        return;
    case CLIENT_UNSUBSCRIBE:
        unsubscribe(session, request);
        return;
    case CLIENT_PING:
        reply(session, message_heartbeat(session->format, request->id, g_get_real_time(),
                                         session_cursor(session, &owned)));
        return;
    }
}

void session_on_receive(Session *session, const InboundPiece *piece, int64_t now)
{
    InboundMessage message;

    if (session->state != SESSION_OPEN)
        return;
    session->unanswered = 0;
    switch (inbound_take(&session->inbound, &session->group->rules[session->format], piece, now, &message)) {
    case INBOUND_MORE:
        return;
    case INBOUND_MESSAGE:
        on_message(session, &message);
        inbound_clear(&session->inbound);
        return;
    case INBOUND_TOO_BIG:
        session_close(session, CLOSED_TOO_BIG);
        return;
    case INBOUND_TYPE:
        session_close(session, CLOSED_TYPE);
        return;
    case INBOUND_NOT_TEXT:
        session_close(session, CLOSED_NOT_TEXT);
        return;
    case INBOUND_TOO_FAST:
        session_close(session, CLOSED_TOO_FAST);
        return;
    }
}

void session_on_pong(Session *session)
{
    session->unanswered = 0;
}

/* ---- beginning and end ---- */

void session_on_peer_close(Session *session)
{
    if (session->state == SESSION_OPEN)
        session->cause = CLOSED_BY_CLIENT;
    session->state = SESSION_CLOSED;
}

void session_on_drop(Session *session)
{
    session->state = SESSION_CLOSED;
}

void session_close(Session *session, Closing cause)
{
    if (session->state != SESSION_OPEN)
        return;
    session->state = SESSION_CLOSING;
    session->cause = cause;
    inbound_clear(&session->inbound);
    g_clear_pointer(&session->subscription, subscription_free);
    lws_callback_on_writable(session->wsi);
}

void session_kill(Session *session, Closing cause)
{
    if (session->state == SESSION_OPEN)
        session->cause = cause;
    session->state = SESSION_CLOSED;
    session->group->killed = true;
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

Session *session_new(SessionGroup *group, struct lws *wsi, Format format, const ClientMessage *request)
{
    Session *session = g_new0(Session, 1);

    session->group = group;
    session->wsi = wsi;
    session->format = format;
    session->cause = CLOSED_LOST;
    session->link.data = session;
    session->blocked_link.data = session;
    session->beat_due = g_get_monotonic_time() + group->gateway->heartbeat_us;
    g_queue_push_tail_link(&group->sessions, &session->link);
    metric_add(gateway_metrics()->sessions[format], 1);
    if (request != NULL)
        subscribe(session, request);
    else
        session_send(session);
    return session;
}

void session_free(Session *session)
{
    if (session == NULL)
        return;
    if (session->blocked) {
        g_queue_unlink(&session->group->blocked, &session->blocked_link);
        metric_add(gateway_metrics()->blocked, -1);
    }
    g_queue_unlink(&session->group->sessions, &session->link);
    metric_add(gateway_metrics()->sessions[session->format], -1);
    metric_add(gateway_metrics()->closes[session->cause], 1);
    inbound_clear(&session->inbound);
    subscription_free(session->subscription);
    g_free(session);
}
