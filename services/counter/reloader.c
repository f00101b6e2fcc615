/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/reloader.h"

#include "common/error.h"
#include "common/file_watch.h"
#include "common/log.h"
#include "counter/sources.h"

struct Reloader {
    FileWatch *watch;
    FileStamp good; /* the configuration file as it was last taken */
    bool has_counters;
};

static bool has_counters(const Config *config)
{
    return *config_instances(config, "counter") != NULL;
}

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

Reloader *reloader_new(const Config *config)
{
    Reloader *reloader = g_new0(Reloader, 1);
    reloader->watch = file_watch_new();
    reloader->has_counters = has_counters(config);
    watch_files(reloader, config);
    const char *file = daemon_config_file(&reloader->good);
    if (file)
        file_watch_note(reloader->watch, file, &reloader->good);
    return reloader;
}

void reloader_free(Reloader *reloader)
{
    if (!reloader)
        return;
    file_watch_free(reloader->watch);
    g_free(reloader);
}

/* Who is to blame: a configuration that was taken before is not. */
static void tell_failure(const Reloader *reloader, const GError *error)
{
    FileStamp stamp;
    (void)daemon_config_file(&stamp);
    if (file_stamp_equal(&stamp, &reloader->good))
        log_warning("a file of the counters is wrong, nothing was changed", LOG_ERROR(error));
    else
        log_error("the configuration is wrong, nothing was changed", LOG_ERROR(error));
}

/* An empty file is more likely one that could not be written (a full disk, an editor that has failed) than the wish to
 * take all counters away. */
static bool check_not_emptied(const Reloader *reloader, const Config *config, GError **error)
{
    FileStamp ignored;
    return has_counters(config) || !reloader->has_counters ||
           error_refuse(error, "%s has no counters any more: SIGHUP takes it all the same",
                        daemon_config_file(&ignored));
}

/* `asked`: by a signal. */
static ReloadOutcome reload(Reloader *reloader, bool asked, ReloaderFunction take, void *user)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = daemon_reload(&error);
    if (config)
        watch_files(reloader, config);
    if (!config || !(asked || check_not_emptied(reloader, config, &error)) || !take(config, user, &error)) {
        tell_failure(reloader, error);
        return RELOAD_REFUSED;
    }
    (void)daemon_config_file(&reloader->good);
    reloader->has_counters = has_counters(config);
    return RELOAD_TAKEN;
}

ReloadOutcome reloader_follow(Reloader *reloader, DaemonEvent event, ReloaderFunction take, void *user)
{
    if (event == DAEMON_RELOAD) {
        file_watch_note_all(reloader->watch);
        return reload(reloader, true, take, user);
    }
    if (event != DAEMON_TIMEOUT || !file_watch_changed(reloader->watch))
        return RELOAD_NONE;
    log_info("a file of the counters has changed");
    return reload(reloader, false, take, user);
}
