/* SPDX-License-Identifier: Apache-2.0 */
/* daywire-gateway: follows the bus and serves clients. */
#include <sys/stat.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/health.h"
#include "common/http/exchange_lws.h"
#include "common/http/listener.h"
#include "common/http/open_files.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "counter/reloader.h"
#include "counter/rule.h"
#include "gateway/gateway.h"
#include "gateway/gateway_metrics.h"
#include "gateway/page.h"
#include "gateway/worker.h"

#define HEALTH        "gateway"
#define WORKERS_MAX   64
#define DRAIN_POLL_MS 20

typedef struct {
    Gateway gateway;
    Site *site;
    Assets *assets;
    char *page_template;
    Origins *origins;
    Admin *admin;
    Worker *workers[WORKERS_MAX];
    size_t worker_count;
} Service;

/* ---- configuration ---- */

static bool check_config(const Config *config, GError **error)
{
    g_autoptr(Origins) origins = origins_read(config, error);
    Site *site = origins != NULL ? site_new(config, error) : NULL;
    bool good = site != NULL && kafka_config_check(config, error) && counter_rules_check(config, error);

    site_free(site);
    return good;
}

static bool open_files(Service *service, const Config *config, GError **error)
{
    g_autofree char *folder = daemon_data_path("web");

    service->site = site_new(config, error);
    service->origins = origins_read(config, error);
    if (service->site == NULL || service->origins == NULL)
        return false;
    service->assets = assets_load(folder, error);
    if (service->assets == NULL)
        return false;
    const Asset *page = assets_find(service->assets, "page.html");
    if (page == NULL) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "%s: page.html is missing", folder);
        return false;
    }
    gsize size = 0;
    const char *text = g_bytes_get_data(page->plain, &size);
    service->page_template = g_strndup(text, size);
    return page_check_template(service->page_template, error);
}

/* ---- threads ---- */

/* A shared port (SO_REUSEPORT) would let a second gateway of the same user take half of the connections
 * unnoticed. */
static bool check_port_is_free(const char *listen, GError **error)
{
    HttpListener *listener = http_listener_new(listen, false, error);
    bool is_free = listener != NULL;

    http_listener_free(listener);
    return is_free;
}

static bool open_workers(Service *service, const Config *config, GError **error)
{
    const char *listen = config_string(config, "gateway", "listen");
    g_autofree char *address = g_strdup(listen);
    int64_t wanted = config_integer(config, "gateway", "workers");
    size_t count = MIN(wanted != 0 ? (size_t)wanted : g_get_num_processors(), WORKERS_MAX);

    if (!check_port_is_free(listen, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        Worker *worker = worker_new(&service->gateway, address, error);
        if (worker == NULL)
            return false;
        service->workers[service->worker_count++] = worker;
        /* Port 0 was a free one; the others share it. */
        g_free(address);
        address =
            g_strdup_printf("%.*s:%u", (int)(strrchr(listen, ':') - listen), listen, worker_port(worker));
    }
    return true;
}

static bool start_workers(Service *service, GError **error)
{
    for (size_t i = 0; i < service->worker_count; i++)
        if (!worker_start(service->workers[i], error))
            return false;
    return true;
}

static bool start(Service *service, const Config *config, GError **error)
{
    Gateway *gateway = &service->gateway;
    unsigned most = (unsigned)config_integer(config, "gateway", "max-connections");
    unsigned fit = http_fit_open_files(most);

    if (most > fit)
        log_warning("the limit of open files allows fewer connections than max-connections",
                    LOG_INT("connections", fit));
    gateway_configure(gateway, config);
    service->admin = admin_start(config_string(config, "gateway", "admin"), error);
    if (service->admin == NULL || !open_files(service, config, error))
        return false;
    gateway->site = service->site;
    gateway->assets = service->assets;
    gateway->page_template = service->page_template;
    gateway->origins = service->origins;
    gateway->limits = limits_new(most != 0 ? MIN(most, fit) : fit,
                                 (unsigned)config_integer(config, "gateway", "max-connections-per-address"));
    gateway->log = event_log_new((size_t)config_bytes(config, "gateway", "window-bytes"),
                                 config_milliseconds(config, "gateway", "window") * 1000);
    gateway->calendars = calendars_start(config, service->site->title, service->origins, error);
    if (gateway->calendars == NULL)
        return false;
    if (!open_workers(service, config, error))
        return false;
    gateway->consumer = consumer_start(config, gateway->log, error);
    return gateway->consumer != NULL && start_workers(service, error);
}

/* The counters' rules; all else is as at the start. */
static bool take(const Config *config, void *user, GError **error)
{
    const Service *service = user;

    if (!calendars_reload(service->gateway.calendars, config, error))
        return false;
    log_info("counters loaded",
             LOG_INT("counters", g_strv_length((char **)config_instances(config, "counter"))));
    return true;
}

static void run(Service *service, Reloader *reloader)
{
    for (DaemonEvent event = DAEMON_TIMEOUT; event != DAEMON_STOP; event = daemon_wait(RELOADER_LOOK_MS))
        (void)reloader_follow(reloader, event, take, service);
}

static bool workers_done(const Service *service)
{
    for (size_t i = 0; i < service->worker_count; i++)
        if (!worker_done(service->workers[i]))
            return false;
    return true;
}

/* Returns when all clients have been told to go, or when the time is over, or when a second signal comes. */
static void drain(Service *service)
{
    health_stopping();
    log_info("stopping", LOG_INT("connections", limits_connections(service->gateway.limits)));
    for (size_t i = 0; i < service->worker_count; i++)
        worker_drain(service->workers[i]);
    while (!workers_done(service) && daemon_wait(DRAIN_POLL_MS) != DAEMON_STOP)
        continue;
}

/* In the reverse order; also when not all was started. */
static void stop(Service *service)
{
    for (size_t i = 0; i < service->worker_count; i++)
        worker_stop(service->workers[i]);
    /* The consumer wakes the workers, and they ask it: both are there until both have ended. */
    for (size_t i = 0; i < service->worker_count; i++)
        worker_join(service->workers[i]);
    if (service->gateway.consumer != NULL)
        consumer_stop(service->gateway.consumer);
    calendars_stop(service->gateway.calendars);
    for (size_t i = 0; i < service->worker_count; i++)
        worker_free(service->workers[i]);
    if (service->gateway.log != NULL)
        event_log_free(service->gateway.log);
    limits_free(service->gateway.limits);
    origins_free(service->origins);
    g_free(service->page_template);
    assets_free(service->assets);
    site_free(service->site);
    admin_stop(service->admin);
}

static const DaemonProgram program = {
    .name = "daywire-gateway",
    .summary = "serves statements and ticks to browsers and other clients",
    .groups = (const char *const[]){"kafka", "topics", "gateway", "site", "counters", "counter *", NULL},
    .check = check_config,
};

int main(int argc, char **argv)
{
    g_autoptr(Config) config = NULL;
    g_autoptr(GError) error = NULL;
    Service service = {.worker_count = 0};
    int status = daemon_start(argc, argv, &program, &config);

    if (status >= 0)
        return status;
    umask(0077); /* the view may hold what was withdrawn */
    http_log_init();
    Reloader *reloader = reloader_new(config);
    if (start(&service, config, &error)) {
        health_set(HEALTH, true, NULL);
        log_info("serving", LOG_STR("listen", config_string(config, "gateway", "listen")),
                 LOG_INT("port", worker_port(service.workers[0])),
                 LOG_INT("workers", (int64_t)service.worker_count));
        run(&service, reloader);
        drain(&service);
    } else {
        daemon_fail(error->message);
    }
    stop(&service);
    reloader_free(reloader);
    log_info("stopped");
    return daemon_exit_status();
}
