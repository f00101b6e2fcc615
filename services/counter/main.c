/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

#include "common/admin.h"
#include "common/daemon.h"
#include "common/health.h"
#include "common/kafka/check.h"
#include "common/log.h"
#include "counter/clock.h"
#include "counter/reloader.h"
#include "counter/rule.h"
#include "counter/service.h"

#define LOOK_MS 1000

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

static void run(CounterService *service, Reloader *reloader, Instant earliest)
{
    DaemonEvent event = DAEMON_TIMEOUT;
    do {
        tell_clock(earliest);
        event = daemon_wait(LOOK_MS);
        if (event == DAEMON_RELOAD)
            reloader_reload(reloader, service);
        else if (event == DAEMON_TIMEOUT)
            reloader_look(reloader, service);
    } while (event != DAEMON_STOP);
}

/* Returns the exit status. */
static int serve(const Config *config)
{
    g_autoptr(GError) error = NULL;
    Instant earliest = clock_earliest(config);
    Reloader *reloader = reloader_new(config);
    Admin *admin = clock_check(g_get_real_time(), earliest, &error)
                       ? admin_start(config_string(config, "counters", "admin"), &error)
                       : NULL;
    CounterService *service = admin ? counter_service_start(config, &error) : NULL;
    if (service) {
        log_info("service has started");
        run(service, reloader, earliest);
        log_info("service is stopping");
    } else {
        daemon_fail(error->message);
    }
    counter_service_stop(service);
    admin_stop(admin);
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
