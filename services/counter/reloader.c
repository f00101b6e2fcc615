/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/reloader.h"

#include "common/daemon.h"
#include "common/file_watch.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/tzdata.h"
#include "counter/sources.h"

struct Reloader {
    FileWatch *watch;
    FileStamp good;  /* the configuration file as it was last taken */
    char *tzdata;    /* version */
    Metric *version; /* of that version */
    Metric *generation, *failures;
};

/* What is noted of files that were watched before stays: they looked so when they were read. */
static void watch_files(Reloader *reloader, const Config *config)
{
    FileStamp stamp;
    const char *file = daemon_config_file(&stamp);
    g_autoptr(GPtrArray) paths = counter_sources(config);
    if (file)
        g_ptr_array_add(paths, g_strdup(file));
    file_watch_set(reloader->watch, paths);
}

static void tell_tzdata(Reloader *reloader)
{
    g_autofree char *version = tzdata_version();
    if (g_strcmp0(version, reloader->tzdata) == 0)
        return;
    if (reloader->version)
        metric_set(reloader->version, 0);
    g_autofree char *label = metric_label("version", version);
    reloader->version =
        metric_gauge("daywire_counter_tzdata_info", label, "1: the version of the time zones in use.");
    metric_set(reloader->version, 1);
    log_info("time zones", LOG_STR("tzdata", version));
    g_free(reloader->tzdata);
    reloader->tzdata = g_steal_pointer(&version);
}

Reloader *reloader_new(const Config *config)
{
    Reloader *reloader = g_new0(Reloader, 1);
    reloader->watch = file_watch_new();
    reloader->generation =
        metric_gauge("daywire_counter_config_generation", NULL,
                     "1 at the start, 1 more for each time that the configuration was taken anew.");
    reloader->failures =
        metric_counter("daywire_counter_failed_reloads_total", NULL, "Reloads that changed nothing.");
    metric_set(reloader->generation, 1);
    watch_files(reloader, config);
    const char *file = daemon_config_file(&reloader->good);
    if (file)
        file_watch_note(reloader->watch, file, &reloader->good);
    tell_tzdata(reloader);
    return reloader;
}

void reloader_free(Reloader *reloader)
{
    if (!reloader)
        return;
    file_watch_free(reloader->watch);
    g_free(reloader->tzdata);
    g_free(reloader);
}

static bool take(Reloader *reloader, CounterService *service, GError **error)
{
    g_autoptr(Config) config = daemon_reload(error);
    if (!config)
        return false;
    watch_files(reloader, config);
    return counter_service_reload(service, config, error);
}

/* Who is to blame: a configuration that was taken before is not. */
static void tell_failure(const Reloader *reloader, const GError *error)
{
    FileStamp stamp;
    (void)daemon_config_file(&stamp);
    metric_add(reloader->failures, 1);
    if (file_stamp_equal(&stamp, &reloader->good))
        log_warning("a file of the counters is wrong, nothing was changed", LOG_ERROR(error));
    else
        log_error("the configuration is wrong, nothing was changed", LOG_ERROR(error));
}

static void reload(Reloader *reloader, CounterService *service)
{
    g_autoptr(GError) error = NULL;
    if (!take(reloader, service, &error)) {
        tell_failure(reloader, error);
        return;
    }
    (void)daemon_config_file(&reloader->good);
    metric_add(reloader->generation, 1);
    tell_tzdata(reloader);
}

void reloader_reload(Reloader *reloader, CounterService *service)
{
    file_watch_note_all(reloader->watch);
    reload(reloader, service);
}

void reloader_look(Reloader *reloader, CounterService *service)
{
    if (!file_watch_changed(reloader->watch))
        return;
    log_info("a file of the counters has changed");
    reload(reloader, service);
}
