/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/health.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "counter/clock.h"
#include "counter/reload_metrics.h"
#include "counter/reloader.h"
#include "counter/rule.h"
#include "counter/service.h"

static bool check_config(const Config *config, GError **error)
{
    return kafka_config_check(config, error) && counter_rules_check(config, error);
}

/* It may have been set while the service runs, which then writes nothing. */
static void tell_clock(Instant earliest)
{
    g_autoptr(GError) error = NULL;
    bool well = clock_check(g_get_real_time(), earliest, &error);
    health_set("clock", well, well ? NULL : error->message);
}

static bool take(const Config *config, void *user, GError **error)
{
    return counter_service_reload(user, config, error);
}

static void run(CounterService *service, Reloader *reloader, ReloadMetrics *metrics, Instant earliest)
{
    DaemonEvent event = DAEMON_TIMEOUT;
    do {
        tell_clock(earliest);
        event = daemon_wait(RELOADER_LOOK_MS);
        reload_metrics_count(metrics, reloader_follow(reloader, event, take, service));
    } while (event != DAEMON_STOP);
}

/* Returns the exit status. */
static int serve(const Config *config)
{
    g_autoptr(GError) error = NULL;
    Instant earliest = clock_earliest(config);
    Reloader *reloader = reloader_new(config);
    ReloadMetrics *metrics = reload_metrics_new();
    Admin *admin = clock_check(g_get_real_time(), earliest, &error)
                       ? admin_start(config_string(config, "counters", "admin"), &error)
                       : NULL;
    CounterService *service = admin ? counter_service_start(config, &error) : NULL;
    if (service) {
        log_info("service has started");
        run(service, reloader, metrics, earliest);
        log_info("service is stopping");
    } else {
        daemon_fail(error->message);
    }
    counter_service_stop(service);
    admin_stop(admin);
    reload_metrics_free(metrics);
    reloader_free(reloader);
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
