/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one context, libwebsockets' own poll() loop: made for few connections. The socket that listens
 * is ours (so that errors are told precisely, port 0 works, and connections beyond the limit are closed at
 * once) and is watched by the context as a raw file. */
#include "common/http/server.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "common/error.h"
#include "common/http/exchange_lws.h"
#include "common/http/listener.h"
#include "common/http/transfer.h"
#include "common/http/visitors.h"
#include "common/log.h"

#define ACCEPTS_AT_A_TIME 64
#define KEEPALIVE_S       65
#define DRAIN_US          (INT64_C(2) * G_USEC_PER_SEC)
#define DRAIN_TICK_US     (20 * LWS_US_PER_MS)
#define READ_SIZE         ((size_t)32 * 1024)
/* libwebsockets' table of descriptors has 8 bytes for each, and is wrong altogether beyond 10 millions. */
#define OPEN_FILES_MAX (1 << 20)

struct HttpServer {
    HttpEndpoint *endpoint;
    HttpListener *listener;
    struct lws_context *context;
    struct lws_vhost *vhost;
    Visitors *visitors;
    GThread *thread;
    atomic_bool stopping;
    lws_sorted_usec_list_t tick;
};

/* Before there is a request; whoever listens, hears why. */
static void refuse_socket(int fd)
{
    g_autoptr(HttpAnswer) answer =
        http_answer_retry(503, "there are too many connections: try again later", 10, g_get_real_time());
    HttpTransfer transfer;
    char unread[4096];

    /* A socket closed with unread input is reset, and the answer might be lost with it. */
    (void)recv(fd, unread, sizeof unread, MSG_DONTWAIT);
    http_transfer_init(&transfer, answer, false, true);
    (void)http_transfer_send(&transfer, fd);
    http_transfer_clear(&transfer);
    close(fd);
}

static void accept_connections(HttpServer *server)
{
    for (unsigned i = 0; i < ACCEPTS_AT_A_TIME; i++) {
        int fd = http_listener_accept(server->listener);
        if (fd < 0)
            return;
        if (!visitors_make_room(server->visitors))
            refuse_socket(fd);
        else
            (void)lws_adopt_socket_vhost(server->vhost, fd); /* closes it when it fails */
    }
}

static int callback_http(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in, size_t len)
{
    HttpServer *server = lws_context_user(lws_get_context(wsi));

    if (reason == LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED)
        visitors_arrive(server->visitors, wsi);
    else if (reason == LWS_CALLBACK_WSI_DESTROY)
        visitors_leave(server->visitors, wsi);
    int result = http_exchange_callback(wsi, reason, pss, in, len, server->endpoint);
    if (reason == LWS_CALLBACK_HTTP)
        visitors_head_complete(server->visitors, wsi, ((HttpConnection *)pss)->known);
    return result;
}

static int callback_listener(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in,
                             size_t len)
{
    HttpServer *server = lws_context_user(lws_get_context(wsi));

    (void)pss;
    (void)in;
    (void)len;
    if (reason != LWS_CALLBACK_RAW_RX_FILE)
        return 0;
    if (atomic_load(&server->stopping))
        return -1;
    accept_connections(server);
    return 0;
}

static int callback_streams(struct lws *wsi, enum lws_callback_reasons reason, void *pss, void *in,
                            size_t len)
{
    HttpServer *server = lws_context_user(lws_get_context(wsi));

    (void)pss;
    (void)in;
    (void)len;
    if (reason == LWS_CALLBACK_RAW_RX_FILE)
        http_endpoint_dispatch(server->endpoint);
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "http",
     .callback = callback_http,
     .per_session_data_size = sizeof(HttpConnection),
     .rx_buffer_size = READ_SIZE,
     .tx_packet_size = HTTP_TX_PACKET_SIZE},
    {.name = "listener", .callback = callback_listener},
    {.name = "streams", .callback = callback_streams},
    {0},
};

static int64_t header_timeout(const HttpServerOptions *options)
{
    return options->header_timeout_us != 0 ? options->header_timeout_us
                                           : (int64_t)options->timeout_s * G_USEC_PER_SEC;
}

static unsigned longest_timeout_s(const HttpServerOptions *options)
{
    int64_t longest = MAX(header_timeout(options), options->body_timeout_us);
    return (unsigned)MAX(longest / G_USEC_PER_SEC, options->timeout_s);
}

static bool watch_listener(HttpServer *server)
{
    lws_sock_file_fd_type fd = {.filefd = fcntl(http_listener_fd(server->listener), F_DUPFD_CLOEXEC, 0)};

    return fd.filefd >= 0 &&
           lws_adopt_descriptor_vhost(server->vhost, LWS_ADOPT_RAW_FILE_DESC, fd, "listener", NULL) != NULL;
}

static bool create_context(HttpServer *server, const HttpServerOptions *options)
{
    /* All zero: no pings to see whether a peer is still there. */
    static const lws_retry_bo_t no_validity_checks;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .gid = -1,
        .uid = -1,
        .user = server,
        .retry_and_idle_policy = &no_validity_checks,
        .max_http_header_data = HTTP_HEADER_DATA_MAX,
        .max_http_header_pool = (unsigned short)MIN(options->max_connections + 1, G_MAXUINT16),
        /* Our own come first. */
        .timeout_secs = longest_timeout_s(options) + 5,
        .timeout_secs_ah_idle = longest_timeout_s(options) + 5,
        .keepalive_timeout = KEEPALIVE_S,
        .pt_serv_buf_size = READ_SIZE,
        .vhost_name = "daywire",
    };

    server->context = lws_create_context(&info);
    if (server->context == NULL)
        return false;
    server->vhost = lws_create_vhost(server->context, &info);
    if (server->vhost == NULL)
        return false;
    return watch_listener(server) &&
           (options->streams == NULL ||
            http_endpoint_watch_streams(server->endpoint, server->vhost, "streams", NULL));
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    HttpServer *server = lws_container_of(tick, HttpServer, tick);
    lws_sul_schedule(server->context, 0, &server->tick, on_tick, DRAIN_TICK_US);
}

static void *run(void *user)
{
    HttpServer *server = user;

    http_endpoint_open(server->endpoint, server->context);
    while (!atomic_load(&server->stopping) && lws_service(server->context, 0) >= 0)
        continue;

    int64_t deadline = g_get_monotonic_time() + DRAIN_US;
    http_endpoint_drain(server->endpoint);
    on_tick(&server->tick);
    while (!http_endpoint_idle(server->endpoint) && g_get_monotonic_time() < deadline &&
           lws_service(server->context, 0) >= 0)
        continue;
    lws_sul_cancel(&server->tick);
    visitors_close(server->visitors);
    http_endpoint_close(server->endpoint);
    return NULL;
}

HttpServer *http_server_start(const HttpServerOptions *options, GError **error)
{
    HttpServer *server = g_new0(HttpServer, 1);

    http_log_init();
    http_limit_open_files(OPEN_FILES_MAX);
    server->listener = http_listener_new(options->listen, false, error);
    if (server->listener == NULL) {
        g_free(server);
        return NULL;
    }
    server->endpoint = http_endpoint_new(&(HttpEndpointOptions){.routes = options->routes,
                                                                .streams = options->streams,
                                                                .admit = options->admit,
                                                                .observe = options->observe,
                                                                .user = options->user,
                                                                .max_body = options->max_body,
                                                                .max_bodies = options->max_bodies,
                                                                .timeout_s = options->timeout_s,
                                                                .body_timeout_us = options->body_timeout_us,
                                                                .body_rate = options->body_rate});
    server->visitors = visitors_new(&(VisitorRules){.max = options->max_connections,
                                                    .max_strangers = options->max_strangers,
                                                    .header_timeout_us = header_timeout(options)});
    if (!create_context(server, options)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "libwebsockets cannot serve %s",
                    options->listen);
        if (server->context != NULL)
            lws_context_destroy(server->context);
        http_endpoint_free(server->endpoint);
        visitors_free(server->visitors);
        http_listener_free(server->listener);
        g_free(server);
        return NULL;
    }
    server->thread = g_thread_new("http", run, server);
    return server;
}

unsigned http_server_port(const HttpServer *server)
{
    return http_listener_port(server->listener);
}

void http_server_stop(HttpServer *server)
{
    if (server == NULL)
        return;
    atomic_store(&server->stopping, true);
    lws_cancel_service(server->context);
    g_thread_join(server->thread);
    lws_context_destroy(server->context);
    http_endpoint_free(server->endpoint);
    visitors_free(server->visitors);
    http_listener_free(server->listener);
    g_free(server);
}
