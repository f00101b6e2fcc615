/* SPDX-License-Identifier: Apache-2.0 */
/* A connection is made when libwebsockets has adopted its socket and freed when libwebsockets frees its own
 * half; in between it hangs on it as "opaque user data", whatever protocol is spoken.
 *
 * Requests that do not come, or not to their end, hold memory in libwebsockets (HTTP_HEADER_DATA_MAX each).
 * They are bounded in time and in number: the newest pushes out the oldest, since an honest client needs
 * milliseconds. */
#include "gateway/connection.h"

#include <sys/socket.h>

#include "gateway/handshake.h"

#define HANDSHAKES_MAX 4096

typedef struct {
    Connections *connections;
    struct lws *wsi;
    PeerAddress address;
    int64_t accepted_at;
    bool waiting; /* for its first request: it is in `handshakes` */
    GList link;
    ClientMessage *request; /* of the query string, between judgement and session */
    Session *session;
} Connection;

/* ---- beginning and end ---- */

static Connection *connection_new(Connections *connections, struct lws *wsi)
{
    Connection *connection = g_new0(Connection, 1);

    connection->connections = connections;
    connection->wsi = wsi;
    connection->address = *g_steal_pointer(&connections->arriving);
    connection->accepted_at = g_get_monotonic_time();
    connection->waiting = true;
    connection->link.data = connection;
    g_queue_push_tail_link(&connections->handshakes, &connection->link);
    metric_add(gateway_metrics()->connections, 1);
    metric_add(gateway_metrics()->connections_open, 1);
    return connection;
}

static void stop_waiting(Connection *connection)
{
    if (!connection->waiting)
        return;
    connection->waiting = false;
    g_queue_unlink(&connection->connections->handshakes, &connection->link);
}

static void connection_free(Connection *connection)
{
    stop_waiting(connection);
    session_free(connection->session);
    client_message_free(connection->request);
    limits_leave(connection->connections->gateway->limits, &connection->address);
    metric_add(gateway_metrics()->connections_open, -1);
    g_free(connection);
}

static void give_up_handshake(Connection *connection)
{
    stop_waiting(connection);
    metric_add(gateway_metrics()->refusals[REFUSED_HANDSHAKE], 1);
    connection->connections->sessions.killed = true;
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

void connections_check(Connections *connections, int64_t now)
{
    for (;;) {
        Connection *oldest = g_queue_peek_head(&connections->handshakes);
        if (oldest == NULL || now - oldest->accepted_at < connections->gateway->handshake_timeout_us)
            return;
        give_up_handshake(oldest);
    }
}

/* Before there is a request; whoever listens, hears why. */
static void refuse_socket(int fd, Refusal refusal)
{
    static const char full[] = "HTTP/1.1 503 Service Unavailable\r\n"
                               "Retry-After: 10\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    static const char address_full[] = "HTTP/1.1 429 Too Many Requests\r\n"
                                       "Retry-After: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char unread[4096];

    metric_add(gateway_metrics()->refusals[refusal], 1);
    /* A socket closed with unread input is reset, and the answer might be lost with it. */
    (void)recv(fd, unread, sizeof unread, MSG_DONTWAIT);
    if (refusal == REFUSED_FULL)
        (void)send(fd, full, sizeof full - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    else
        (void)send(fd, address_full, sizeof address_full - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

void connections_take(Connections *connections, struct lws_vhost *vhost, int fd)
{
    Limits *limits = connections->gateway->limits;
    struct sockaddr_storage name;
    socklen_t size = sizeof name;

    if (getpeername(fd, (struct sockaddr *)&name, &size) < 0) {
        close(fd); /* gone already */
        return;
    }
    PeerAddress address = peer_address((struct sockaddr *)&name);
    LimitsVerdict verdict = limits_enter(limits, &address);
    if (verdict != LIMITS_FREE) {
        refuse_socket(fd, verdict == LIMITS_FULL ? REFUSED_FULL : REFUSED_ADDRESS);
        return;
    }
    connections->arriving = &address;
    (void)lws_adopt_socket_vhost(vhost, fd); /* closes it when it fails */
    if (connections->arriving != NULL) {
        connections->arriving = NULL;
        limits_leave(limits, &address);
    }
    if (connections->handshakes.length > HANDSHAKES_MAX)
        give_up_handshake(g_queue_peek_head(&connections->handshakes));
}

/* ---- libwebsockets' callbacks ---- */

static int on_upgrade(Connection *connection, struct lws *wsi)
{
    g_clear_pointer(&connection->request, client_message_free);
    return handshake_judge(wsi, connection->connections->gateway, &connection->request);
}

static int on_established(Connection *connection, struct lws *wsi)
{
    g_autoptr(ClientMessage) request = g_steal_pointer(&connection->request);
    Format format = lws_get_protocol(wsi)->id;

    stop_waiting(connection);
    connection->session = session_new(&connection->connections->sessions, wsi, format, request);
    return 0;
}

static int on_receive(Connection *connection, struct lws *wsi, const void *data, size_t size)
{
    const InboundPiece piece = {.data = data,
                                .size = size,
                                .first = lws_is_first_fragment(wsi) != 0,
                                .final = lws_is_final_fragment(wsi) != 0,
                                .binary = lws_frame_is_binary(wsi) != 0};

    session_on_receive(connection->session, &piece, g_get_monotonic_time());
    return 0;
}

/* What concerns a WebSocket session. */
static int on_session(Connection *connection, struct lws *wsi, enum lws_callback_reasons reason, void *in,
                      size_t length)
{
    if (reason == LWS_CALLBACK_ESTABLISHED)
        return on_established(connection, wsi);
    if (connection == NULL || connection->session == NULL)
        return 0;
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE)
        return session_on_writable(connection->session);
    if (reason == LWS_CALLBACK_RECEIVE)
        return on_receive(connection, wsi, in, length);
    if (reason == LWS_CALLBACK_RECEIVE_PONG)
        session_on_pong(connection->session);
    else if (reason == LWS_CALLBACK_WS_PEER_INITIATED_CLOSE)
        session_on_peer_close(connection->session);
    else
        session_on_drop(connection->session);
    return 0;
}

/* All protocols have this one: a client that names no subprotocol stays with the first. */
static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in, size_t length)
{
    Connections *connections = lws_context_user(lws_get_context(wsi));
    Connection *connection = NULL;
    int result = 0;

    switch (reason) {
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        lws_set_opaque_user_data(wsi, connection_new(connections, wsi));
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        connection = lws_get_opaque_user_data(wsi);
        if (connection != NULL)
            connection_free(connection);
        lws_set_opaque_user_data(wsi, NULL);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        result = http_exchange_callback(wsi, reason, pss, in, length, connections->endpoint);
        return result != 0 ? result : on_upgrade(lws_get_opaque_user_data(wsi), wsi);
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED:
        return on_session(lws_get_opaque_user_data(wsi), wsi, reason, in, length);
    case LWS_CALLBACK_HTTP:
        stop_waiting(lws_get_opaque_user_data(wsi));
        break;
    default:
        break;
    }
    return http_exchange_callback(wsi, reason, pss, in, length, connections->endpoint);
}

/* A client that offers a name gets that protocol; the first one's name is none that can be offered.
 *
 * The size of what is kept per session must not be zero: libwebsockets would not tell that it drops a
 * session. */
const struct lws_protocols connection_protocols[] = {
    {.name = "(http)",
     .callback = callback,
     .per_session_data_size = sizeof(HttpConnection),
     .rx_buffer_size = 128,
     .id = FORMAT_JSON,
     .tx_packet_size = HTTP_TX_PACKET_SIZE},
    {.name = SUBPROTOCOL_JSON,
     .callback = callback,
     .per_session_data_size = sizeof(HttpConnection),
     .rx_buffer_size = 128,
     .id = FORMAT_JSON,
     .tx_packet_size = HTTP_TX_PACKET_SIZE},
    {.name = SUBPROTOCOL_PROTO,
     .callback = callback,
     .per_session_data_size = sizeof(HttpConnection),
     .rx_buffer_size = 128,
     .id = FORMAT_PROTO,
     .tx_packet_size = HTTP_TX_PACKET_SIZE},
    {0},
};
