/* SPDX-License-Identifier: Apache-2.0 */
/* daywire-ingest: takes statements in, stores them, and publishes them on the bus. */
#include <sys/stat.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/http/listener.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "ingest/api.h"
#include "ingest/engine.h"
#include "ingest/token.h"

/* Connections of API and operators, the database, the Kafka client's. */
#define OPEN_FILES_MAX 4096

typedef struct {
    Admin *admin;
    Engine *engine;
    Api *api;
} Service;

static bool check(const Config *config, GError **error)
{
    return kafka_config_check(config, error) && token_check(config, error);
}

static bool start(Service *service, const Config *config, GError **error)
{
    service->admin = admin_start(config_string(config, "ingest", "admin"), error);
    if (service->admin == NULL)
        return false;
    service->engine = engine_start(config, error);
    if (service->engine == NULL)
        return false;
    service->api = api_start(config, service->engine, error);
    return service->api != NULL;
}

int main(int argc, char **argv)
{
    const DaemonProgram program = {
        .name = "daywire-ingest",
        .summary = "takes statements in, stores them, and publishes them",
        .groups = (const char *const[]){"kafka", "topics", "ingest", NULL},
        .check = check,
    };
    g_autoptr(Config) config = NULL;
    g_autoptr(GError) error = NULL;
    Service service = {0};
    int status = daemon_start(argc, argv, &program, &config);

    if (status >= 0)
        return status;
    http_limit_open_files(OPEN_FILES_MAX);
    umask(0077); /* the database keeps what was withdrawn */
    if (start(&service, config, &error)) {
        log_info("service has started", LOG_STR("listen", config_string(config, "ingest", "listen")));
        while (daemon_wait(-1) == DAEMON_RELOAD)
            log_info("nothing to reload: configuration and token are read at start");
        log_info("service is stopping");
    } else {
        daemon_fail(error->message);
    }
    engine_stop(service.engine);
    api_stop(service.api);
    admin_stop(service.admin);
    return daemon_exit_status();
}
