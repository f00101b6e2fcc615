/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/services.h"

#include <signal.h>

#include "cli/readiness.h"
#include "common/error.h"
#include "common/http/listener.h"

#define READY_MS   120000
#define REMIND_MS  10000 /* how often what is waited for is told */
#define POLL_MS    50
#define STOP_MS    15000
#define STOP_SPARE 5000 /* beside the time that the gateway takes to send its clients away */

/* In the order of their start: who writes comes before who reads. */
static const struct {
    const char *name;
    const char *group; /* of its admin address */
} services[] = {
    {"daywire-ingest", "ingest"},
    {"daywire-counter", "counters"},
    {"daywire-gateway", "gateway"},
};

static bool start_one(Children *children, const ServicesOptions *options, const char *folder, size_t i,
                      GError **error)
{
    g_autofree char *path = g_build_filename(folder, services[i].name, NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "%s is not beside this program in %s",
                    services[i].name, folder);
        return false;
    }
    const char *arguments[6] = {path, "--log-level", options->verbose ? "info" : "warning"};
    if (options->config_path) {
        arguments[3] = "--config";
        arguments[4] = options->config_path;
    }
    bool drains = strcmp(services[i].group, "gateway") == 0;
    const ChildSpec spec = {
        .name = services[i].name,
        .arguments = arguments,
        .environment = options->environment,
        .stop_ms =
            drains ? (int)config_milliseconds(options->config, "gateway", "drain") + STOP_SPARE : STOP_MS,
        .orphan_signal = SIGKILL, /* what they acknowledged is durable */
    };
    return children_start(children, &spec, error);
}

bool services_addresses_are_free(const Config *config, GError **error)
{
    static const struct {
        const char *group, *key;
    } options[] = {{"ingest", "listen"},
                   {"ingest", "admin"},
                   {"counters", "admin"},
                   {"gateway", "listen"},
                   {"gateway", "admin"}};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *address = config_string(config, options[i].group, options[i].key);
        g_autoptr(GError) taken = NULL;
        HttpListener *listener = http_listener_new(address, false, &taken);
        if (!listener) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "%s; stop what uses it, or set another [%s] %s", taken->message, options[i].group,
                        options[i].key);
            return false;
        }
        http_listener_free(listener);
    }
    return true;
}

bool services_start(Children *children, const ServicesOptions *options, GError **error)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(program ? program : "/usr/bin/daywire");
    for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
        if (!start_one(children, options, folder, i, error))
            return false;
    return true;
}

ChildrenEvent services_wait_ready(Children *children, const Config *config)
{
    int64_t start = g_get_monotonic_time();
    int64_t remind = start + REMIND_MS * G_TIME_SPAN_MILLISECOND;
    int64_t end = start + READY_MS * G_TIME_SPAN_MILLISECOND;
    size_t ready = 0;
    while (ready < G_N_ELEMENTS(services)) {
        g_autofree char *reason = NULL;
        if (readiness_ask(config_string(config, services[ready].group, "admin"), &reason) ==
            READINESS_READY) {
            ready++;
            continue;
        }
        int64_t now = g_get_monotonic_time();
        if (now >= remind || now >= end) {
            children_tell(children, "%s %s is not ready: %s",
                          now >= end ? "giving up:" : "waiting:", services[ready].name, reason);
            remind = now + REMIND_MS * G_TIME_SPAN_MILLISECOND;
        }
        ChildrenEvent event = now >= end ? CHILDREN_FAILED : children_wait(children, POLL_MS);
        if (event != CHILDREN_RUNNING)
            return event;
    }
    return CHILDREN_RUNNING;
}
