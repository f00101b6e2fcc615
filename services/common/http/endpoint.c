/* SPDX-License-Identifier: Apache-2.0 */
/* Where libwebsockets' callbacks and the answers from other threads arrive. */
#include "common/http/stages.h"

#include <fcntl.h>

#include "common/error.h"

/* Takes over the handler's reference, or that of http_stream_wake(). */
static void deliver(HttpRequest *request)
{
    HttpExchange *exchange = request->exchange;

    if (request->answer == NULL && exchange != NULL && exchange->stage == STREAMING)
        stream_wake(exchange);
    else if (request->answer != NULL && exchange != NULL && exchange->answer == NULL)
        exchange_answer(exchange, g_steal_pointer(&request->answer));
    http_request_unref(request);
}

static void hand_over(HttpRequest *request, HttpAnswer *answer)
{
    g_assert(request->answer == NULL);
    request->answer = answer;
    if (http_mailbox_is_owner(request->mailbox))
        deliver(request);
    else if (!http_mailbox_post(request->mailbox, request))
        http_request_unref(request);
}

void http_respond(HttpRequest *request, int status, const char *content_type, const char *const *headers,
                  GBytes *body)
{
    hand_over(request, http_answer_new(status, content_type, headers, body, g_get_real_time()));
}

void http_respond_problem(HttpRequest *request, int status, const char *detail, const char *field)
{
    hand_over(request, http_answer_problem(status, detail, field, g_get_real_time()));
}

void http_respond_retry(HttpRequest *request, int status, const char *detail, unsigned seconds)
{
    hand_over(request, http_answer_retry(status, detail, seconds, g_get_real_time()));
}

static void deliver_all(GPtrArray *requests)
{
    for (guint i = 0; requests != NULL && i < requests->len; i++)
        deliver(g_ptr_array_index(requests, i));
    if (requests != NULL)
        g_ptr_array_unref(requests);
}

int http_refuse(struct lws *wsi, int status, const char *detail)
{
    g_autoptr(HttpAnswer) answer = http_answer_problem(status, detail, NULL, g_get_real_time());
    HttpTransfer transfer;

    http_transfer_init(&transfer, answer, false, true);
    (void)http_transfer_send(&transfer, lws_get_socket_fd(wsi));
    http_transfer_clear(&transfer);
    return -1;
}

bool http_upgrade_is_websocket(struct lws *wsi)
{
    char protocol[16];

    return lws_hdr_copy(wsi, protocol, sizeof protocol, WSI_TOKEN_UPGRADE) > 0 &&
           g_ascii_strcasecmp(protocol, "websocket") == 0;
}

static int on_upgrade(struct lws *wsi, const HttpEndpoint *endpoint)
{
    char *path = NULL;
    int length = 0;

    /* After an upgrade that it does not know itself, libwebsockets has answered already and dropped the
     * headers. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) <= 0)
        return -1;
    if (!http_upgrade_is_websocket(wsi))
        return http_refuse(wsi, 400,
                           "the only upgrade here is to WebSocket: send the request without Upgrade");
    if (lws_http_get_uri_and_method(wsi, &path, &length) != LWSHUMETH_GET ||
        endpoint->options.websocket_path == NULL || g_strcmp0(path, endpoint->options.websocket_path) != 0)
        return http_refuse(wsi, 404, "there is no WebSocket at this path");
    if (endpoint->draining)
        return http_refuse(wsi, 503, "the service is stopping");
    return 0;
}

int http_exchange_callback(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in, size_t len,
                           HttpEndpoint *endpoint)
{
    HttpConnection *connection = pss;

    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return exchange_begin(endpoint, wsi, connection);
    case LWS_CALLBACK_HTTP_BODY:
        return exchange_body(connection->exchange, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return exchange_body_end(connection->exchange);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return exchange_writable(connection->exchange);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (connection != NULL)
            g_clear_pointer(&connection->exchange, exchange_free);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_upgrade(wsi, endpoint);
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        deliver_all(http_mailbox_take(endpoint->mailbox));
        return 0;
    case LWS_CALLBACK_RAW_ADOPT: /* where libwebsockets takes CONNECT */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    default:
        return 0;
    }
}

bool http_connection_paused(const HttpConnection *connection)
{
    return connection->exchange != NULL && connection->exchange->paused;
}

HttpEndpoint *http_endpoint_new(const HttpEndpointOptions *options)
{
    HttpEndpoint *endpoint = g_new0(HttpEndpoint, 1);

    endpoint->options = *options;
    endpoint->mailbox = http_mailbox_new();
    g_queue_init(&endpoint->exchanges);
    return endpoint;
}

bool http_endpoint_watch_streams(HttpEndpoint *endpoint, struct lws_vhost *vhost, const char *protocol,
                                 GError **error)
{
    endpoint->poller = http_poller_new(error);
    if (endpoint->poller == NULL)
        return false;
    lws_sock_file_fd_type fd = {.filefd = fcntl(http_poller_fd(endpoint->poller), F_DUPFD_CLOEXEC, 0)};
    if (fd.filefd >= 0 &&
        lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, fd, protocol, NULL) != NULL)
        return true;
    g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libwebsockets has no room for streams");
    return false;
}

void http_endpoint_dispatch(HttpEndpoint *endpoint)
{
    http_poller_dispatch(endpoint->poller);
}

static void wake(void *context)
{
    lws_cancel_service(context);
}

void http_endpoint_open(HttpEndpoint *endpoint, struct lws_context *context)
{
    http_mailbox_open(endpoint->mailbox, wake, context);
}

void http_endpoint_drain(HttpEndpoint *endpoint)
{
    endpoint->draining = true;
    deliver_all(http_mailbox_take(endpoint->mailbox));
    for (GList *link = endpoint->exchanges.head; link != NULL; link = link->next) {
        HttpExchange *exchange = link->data;
        if (exchange->stage == READING || exchange->stage == WAITING)
            exchange_answer_problem(exchange, 503, "the service is stopping");
        else if (exchange->stage == STREAMING)
            stream_stop(exchange);
    }
}

bool http_endpoint_idle(const HttpEndpoint *endpoint)
{
    return endpoint->exchanges.length == 0;
}

void http_endpoint_close(HttpEndpoint *endpoint)
{
    GPtrArray *late = http_mailbox_close(endpoint->mailbox);

    for (guint i = 0; late != NULL && i < late->len; i++)
        http_request_unref(g_ptr_array_index(late, i));
    if (late != NULL)
        g_ptr_array_unref(late);
}

void http_endpoint_free(HttpEndpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    g_assert(endpoint->exchanges.length == 0);
    http_mailbox_unref(endpoint->mailbox);
    http_poller_free(endpoint->poller);
    g_free(endpoint);
}
