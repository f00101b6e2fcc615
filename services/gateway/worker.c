/* SPDX-License-Identifier: Apache-2.0 */
/* One libev loop a worker. libwebsockets runs on it as a guest ("foreign loop"); the listening socket, the
 * wake-up for new events, commands from other threads, and the one timer are watched by the loop directly.
 *
 *   new events    consumer thread -> wake() -> ev_async (coalesced) -> every session is sent what it lacks
 *   commands      main thread -> an atomic flag and an ev_async
 *   the timer     heartbeats in slices; once a second slow clients and late requests are looked for
 *
 * libwebsockets arms its own timers on libev only after an event, so it is given one each second; what it
 * times is late by up to a second. Its validity timers (pings of its own) are off: one sorted list walked
 * from its head by every session. */
#include "gateway/worker.h"

#define EV_COMPAT3 0
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/error.h"
#include "common/http/listener.h"
#include "common/log.h"
#include "gateway/api.h"
#include "gateway/connection.h"
#include "gateway/handshake.h"
#include "gateway/session_group.h"

#define ACCEPTS_AT_A_TIME 64
#define TICK_US           (250 * INT64_C(1000))
#define TICKS_A_SECOND    4
#define KEEPALIVE_S       65
#define HEADER_POOL       8192
/* The most that the kernel keeps of what a client has not taken. */
#define UNSENT_MAX (128 * 1024)
/* The kernel cuts connections whose other side is silent for longer than we have patience for. */
#define KERNEL_PATIENCE_MS 15000

#define DRAIN_TICK_US   (50 * INT64_C(1000))
#define DRAIN_BATCH_MIN 100
/* For the last answers and close frames, after the drain time. */
#define DRAIN_LINGER_US INT64_C(1000000)
/* Clients come back at moments spread over so long that there are about a thousand a second. */
#define SPREAD_MIN_MS 1000
#define SPREAD_MAX_MS 30000

struct Worker {
    const Gateway *gateway;
    Connections connections;
    Api api;
    ViewReader *reader;
    HttpListener *listener; /* NULL once it accepts no more */
    unsigned port;
    struct ev_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    ev_io acceptable;
    ev_async wake;
    ev_async command;
    ev_timer tick;
    ev_timer drain_tick;
    unsigned ticks;
    unsigned drain_batch, drain_spread_ms;
    int64_t drain_end;
    GThread *thread;
    /* atomic */
    gint draining, stopping, done;
};

/* ---- watchers, all on the worker's thread ---- */

static void on_acceptable(struct ev_loop *loop, ev_io *watcher, int events)
{
    Worker *worker = watcher->data;

    (void)loop;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS_AT_A_TIME; i++) {
        int fd = http_listener_accept(worker->listener);
        if (fd < 0)
            break;
        connections_take(&worker->connections, worker->vhost, fd);
    }
    session_group_flush(&worker->connections.sessions, worker->context);
}

static void on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
    Worker *worker = watcher->data;

    (void)loop;
    (void)events;
    session_group_send(&worker->connections.sessions);
    session_group_flush(&worker->connections.sessions, worker->context);
}

static void on_tick(struct ev_loop *loop, ev_timer *watcher, int events)
{
    Worker *worker = watcher->data;
    int64_t now = g_get_monotonic_time();

    (void)loop;
    (void)events;
    session_group_beat(&worker->connections.sessions, now, TICK_US);
    if (++worker->ticks % TICKS_A_SECOND == 0) {
        session_group_check(&worker->connections.sessions, now);
        connections_check(&worker->connections, now);
        lws_cancel_service(worker->context);
    }
    session_group_flush(&worker->connections.sessions, worker->context);
}

static void on_drain_tick(struct ev_loop *loop, ev_timer *watcher, int events)
{
    Worker *worker = watcher->data;
    SessionGroup *sessions = &worker->connections.sessions;

    (void)events;
    (void)session_group_leave(sessions, worker->drain_batch, worker->drain_spread_ms);
    session_group_flush(sessions, worker->context);
    if ((sessions->sessions.length == 0 && http_endpoint_idle(worker->connections.endpoint)) ||
        g_get_monotonic_time() >= worker->drain_end)
        ev_break(loop, EVBREAK_ALL);
}

static void begin_drain(Worker *worker)
{
    int64_t drain_us = worker->gateway->drain_us;
    unsigned sessions = worker->connections.sessions.sessions.length;
    /* The last quarter is for those that have been told to close. */
    unsigned batches = (unsigned)MAX(drain_us * 3 / 4 / DRAIN_TICK_US, 1);

    ev_io_stop(worker->loop, &worker->acceptable);
    g_clear_pointer(&worker->listener, http_listener_free);
    http_endpoint_drain(worker->connections.endpoint);
    worker->drain_batch = drain_us == 0 ? G_MAXUINT : MAX(sessions / batches + 1, DRAIN_BATCH_MIN);
    worker->drain_spread_ms =
        CLAMP(limits_connections(worker->gateway->limits), SPREAD_MIN_MS, SPREAD_MAX_MS);
    worker->drain_end = g_get_monotonic_time() + drain_us + DRAIN_LINGER_US;
    ev_timer_start(worker->loop, &worker->drain_tick);
}

static void on_command(struct ev_loop *loop, ev_async *watcher, int events)
{
    Worker *worker = watcher->data;

    (void)events;
    if (g_atomic_int_get(&worker->stopping))
        ev_break(loop, EVBREAK_ALL);
    else if (g_atomic_int_get(&worker->draining) && worker->drain_end == 0)
        begin_drain(worker);
}

/* ---- making ---- */

/* Options that accepted sockets inherit. */
static void tune_listener(const Worker *worker)
{
    const int unsent = UNSENT_MAX;
    const unsigned patience_ms = (unsigned)(worker->gateway->send_timeout_us / 1000) + KERNEL_PATIENCE_MS;
    int fd = http_listener_fd(worker->listener);

    /* Both are improvements that a kernel may lack. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
}

static bool create_context(Worker *worker)
{
    static const lws_retry_bo_t no_validity_checks; /* all zero */
    void *loops[] = {worker->loop};
    unsigned handshake_s = (unsigned)(worker->gateway->handshake_timeout_us / G_USEC_PER_SEC);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = connection_protocols,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV,
        .foreign_loops = loops,
        .gid = -1,
        .uid = -1,
        .user = &worker->connections,
        .retry_and_idle_policy = &no_validity_checks,
        .max_http_header_data = HTTP_HEADER_DATA_MAX,
        .max_http_header_pool = HEADER_POOL,
        .timeout_secs = handshake_s,
        /* Ours (connections_check()) comes first. */
        .timeout_secs_ah_idle = handshake_s + 2,
        .keepalive_timeout = KEEPALIVE_S,
        .vhost_name = "daywire",
    };

    worker->context = lws_create_context(&info);
    if (worker->context != NULL)
        worker->vhost = lws_create_vhost(worker->context, &info);
    return worker->vhost != NULL;
}

static bool create_loop(Worker *worker, GError **error)
{
    worker->loop = ev_loop_new(EVFLAG_NOENV);
    if (worker->loop == NULL || !create_context(worker)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "no event loop for libwebsockets: is the package libwebsockets-evlib-ev installed?");
        return false;
    }
    ev_io_init(&worker->acceptable, on_acceptable, http_listener_fd(worker->listener), EV_READ);
    ev_async_init(&worker->wake, on_wake);
    ev_async_init(&worker->command, on_command);
    ev_timer_init(&worker->tick, on_tick, TICK_US / 1e6, TICK_US / 1e6);
    ev_timer_init(&worker->drain_tick, on_drain_tick, 0, DRAIN_TICK_US / 1e6);
    worker->acceptable.data = worker->wake.data = worker->command.data = worker;
    worker->tick.data = worker->drain_tick.data = worker;
    ev_async_start(worker->loop, &worker->wake);
    ev_async_start(worker->loop, &worker->command);
    return true;
}

/* On the consumer's thread. */
static void wake(void *user)
{
    Worker *worker = user;
    ev_async_send(worker->loop, &worker->wake);
}

static void observe_answer(int status, void *user)
{
    (void)user;
    gateway_metrics_answer(status);
}

Worker *worker_new(const Gateway *gateway, const char *listen, GError **error)
{
    Worker *worker = g_new0(Worker, 1);

    worker->gateway = gateway;
    worker->listener = http_listener_new(listen, true, error);
    if (worker->listener == NULL) {
        worker_free(worker);
        return NULL;
    }
    worker->port = http_listener_port(worker->listener);
    tune_listener(worker);
    worker->connections.gateway = gateway;
    g_queue_init(&worker->connections.handshakes);
    worker->connections.endpoint = http_endpoint_new(
        &(HttpEndpointOptions){.routes = api_routes,
                               .observe = observe_answer,
                               .user = &worker->api,
                               .timeout_s = (int)(gateway->send_timeout_us / G_USEC_PER_SEC),
                               .websocket_path = HANDSHAKE_PATH});
    if (!create_loop(worker, error)) {
        worker_free(worker);
        return NULL;
    }
    event_log_listen(gateway->log, wake, worker);
    return worker;
}

unsigned worker_port(const Worker *worker)
{
    return worker->port;
}

/* ---- running ---- */

static void *run(void *user)
{
    Worker *worker = user;
    struct lws_context *context = worker->context;

    http_endpoint_open(worker->connections.endpoint, context);
    ev_io_start(worker->loop, &worker->acceptable);
    ev_timer_start(worker->loop, &worker->tick);
    ev_run(worker->loop, 0);

    ev_io_stop(worker->loop, &worker->acceptable);
    ev_timer_stop(worker->loop, &worker->tick);
    ev_timer_stop(worker->loop, &worker->drain_tick);
    http_endpoint_close(worker->connections.endpoint);
    worker->context = NULL;
    lws_context_destroy(context); /* cuts what is still connected */
    g_atomic_int_set(&worker->done, 1);
    return NULL;
}

bool worker_start(Worker *worker, GError **error)
{
    worker->reader = view_reader_open(config_string(worker->gateway->config, "gateway", "database"), error);
    if (worker->reader == NULL)
        return false;
    session_group_init(&worker->connections.sessions, worker->gateway, worker->reader);
    api_init(&worker->api, worker->gateway, worker->reader);
    worker->thread = g_thread_new("worker", run, worker);
    return true;
}

void worker_drain(Worker *worker)
{
    g_atomic_int_set(&worker->draining, 1);
    ev_async_send(worker->loop, &worker->command);
}

void worker_stop(Worker *worker)
{
    g_atomic_int_set(&worker->stopping, 1);
    ev_async_send(worker->loop, &worker->command);
}

bool worker_done(const Worker *worker)
{
    return g_atomic_int_get(&worker->done) != 0;
}

void worker_join(Worker *worker)
{
    if (worker->thread != NULL)
        g_thread_join(g_steal_pointer(&worker->thread));
}

void worker_free(Worker *worker)
{
    if (worker == NULL)
        return;
    if (worker->reader != NULL) {
        session_group_release(&worker->connections.sessions);
        api_release(&worker->api);
    }
    if (worker->context != NULL)
        lws_context_destroy(worker->context);
    http_endpoint_free(worker->connections.endpoint);
    http_listener_free(worker->listener);
    view_reader_free(worker->reader);
    if (worker->loop != NULL)
        ev_loop_destroy(worker->loop);
    g_free(worker);
}
