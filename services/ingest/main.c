/* SPDX-License-Identifier: Apache-2.0 */
/* daywire-ingest: takes statements in, stores them, and publishes them on the bus. */
#include <sys/stat.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/health.h"
#include "common/http/open_files.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "ingest/api/api.h"
#include "ingest/engine.h"
#include "ingest/feeds/poller.h"
#include "ingest/feeds/settings.h"
#include "ingest/spool/spool.h"
#include "ingest/storing.h"
#include "ingest/api/token_set.h"

#define REPORT_MS 60000
#define HEALTH    "api"

typedef struct {
    Admin *admin;
    Engine *engine;
    FeedPoller *poller;
    Api *api;
    Spool *spool;
} Service;

static bool check(const Config *config, GError **error)
{
    return kafka_config_check(config, error) && token_set_check(config, error) &&
           storing_check_note(config_string(config, "ingest", "expiry-note"), error) &&
           feed_settings_check(config, error);
}

static bool start(Service *service, const Config *config, GError **error)
{
    health_set(HEALTH, false, "ingest is starting");
    service->admin = admin_start(config_string(config, "ingest", "admin"), error);
    if (service->admin == NULL)
        return false;
    service->engine = engine_start(config, error);
    if (service->engine == NULL)
        return false;
    service->poller = feed_poller_start(config, service->engine, error);
    if (service->poller == NULL)
        return false;
    service->api = api_start(config, service->engine, service->poller, error);
    if (service->api == NULL || !spool_start(config, service->engine, &service->spool, error))
        return false;
    health_set(HEALTH, true, NULL);
    return true;
}

static void fit_open_files(const Config *config)
{
    unsigned wanted = (unsigned)config_integer(config, "ingest", "max-connections");
    unsigned fit = http_fit_open_files(wanted);

    if (fit < wanted)
        log_warning("the limit of open files allows fewer connections than max-connections",
                    LOG_INT("connections", fit));
}

/* Tokens are read again on SIGHUP, also new ones of the configuration file; all else is as at the start. */
static void reload(const Service *service)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = daemon_reload(&error);

    if (!config || !api_reload(service->api, config, &error))
        log_error("nothing is reloaded: what was valid so far stays", LOG_ERROR(error));
}

static void run(const Service *service)
{
    for (;;) {
        DaemonEvent event = daemon_wait(REPORT_MS);
        if (event == DAEMON_STOP)
            return;
        if (event == DAEMON_RELOAD)
            reload(service);
        else
            api_report(service->api);
    }
}

int main(int argc, char **argv)
{
    const DaemonProgram program = {
        .name = "daywire-ingest",
        .summary = "takes statements in, stores them, and publishes them",
        .groups = (const char *const[]){"kafka", "topics", "ingest", "token *", "feeds", "feed *", NULL},
        .check = check,
    };
    g_autoptr(Config) config = NULL;
    g_autoptr(GError) error = NULL;
    Service service = {0};
    int status = daemon_start(argc, argv, &program, &config);

    if (status >= 0)
        return status;
    fit_open_files(config);
    umask(0077); /* the database keeps what was withdrawn */
    if (start(&service, config, &error)) {
        log_info("service has started", LOG_STR("listen", config_string(config, "ingest", "listen")));
        run(&service);
        log_info("service is stopping");
    } else {
        daemon_fail(error->message);
    }
    spool_stop(service.spool);
    feed_poller_stop(service.poller);
    engine_finish(service.engine);
    api_stop(service.api);
    feed_poller_free(service.poller);
    engine_stop(service.engine);
    admin_stop(service.admin);
    return daemon_exit_status();
}
