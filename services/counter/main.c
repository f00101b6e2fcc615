/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "counter/rule.h"
#include "counter/service.h"

static bool check_config(const Config *config, GError **error)
{
    return kafka_config_check(config, error) && counter_rules_check(config, error);
}

static void reload(CounterService *service)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = daemon_reload(&error);
    if (!config || !counter_service_reload(service, config, &error))
        log_error("the configuration is wrong, nothing was changed", LOG_ERROR(error));
}

/* Returns the exit status. */
static int serve(const Config *config)
{
    g_autoptr(GError) error = NULL;
    Admin *admin = admin_start(config_string(config, "counters", "admin"), &error);
    CounterService *service = admin ? counter_service_start(config, &error) : NULL;
    if (service) {
        log_info("service has started");
        while (daemon_wait(-1) == DAEMON_RELOAD)
            reload(service);
        log_info("service is stopping");
    } else {
        daemon_fail(error->message);
    }
    counter_service_stop(service);
    admin_stop(admin);
    return daemon_exit_status();
}

int main(int argc, char **argv)
{
    static const char *const groups[] = {"kafka", "topics", "counters", "counter *", NULL};
    static const DaemonProgram program = {
        .name = "daywire-counter",
        .summary = "writes the daily ticks of the counters",
        .groups = groups,
        .check = check_config,
    };
    g_autoptr(Config) config = NULL;
    /* One heap for all threads: what the one that loads rules has freed is used by the one that writes ticks. */
    (void)mallopt(M_ARENA_MAX, 1);
    int status = daemon_start(argc, argv, &program, &config);
    return status >= 0 ? status : serve(config);
}
