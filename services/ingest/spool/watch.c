/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/spool/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "common/error.h"

#define FILE_EVENTS (IN_MOVED_TO | IN_CLOSE_WRITE)
#define GONE_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
#define BUFFER      65536
#define READS_MAX   64 /* at a time: others write as fast as we read */

struct SpoolWatch {
    const char *path;
    int fd;
    int watch; /* -1: none */
    dev_t device;
    ino_t inode;
};

SpoolWatch *spool_watch_new(const char *path, GError **error)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the spool folder %s cannot be watched: %s",
                    path, g_strerror(errno));
        return NULL;
    }
    SpoolWatch *watch = g_new0(SpoolWatch, 1);
    *watch = (SpoolWatch){.path = path, .fd = fd, .watch = -1};
    return watch;
}

void spool_watch_free(SpoolWatch *watch)
{
    if (!watch)
        return;
    (void)close(watch->fd);
    g_free(watch);
}

int spool_watch_fd(const SpoolWatch *watch)
{
    return watch->fd;
}

static void fail(const SpoolWatch *watch, const char *reason, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the folder %s: %s", watch->path, reason);
}

static int open_folder(const SpoolWatch *watch, struct stat *ret_found, GError **error)
{
    int folder = open(watch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0 && fstat(folder, ret_found) == 0)
        return folder;
    fail(watch, g_strerror(errno), error);
    if (folder >= 0)
        (void)close(folder);
    return -1;
}

static void end_watch(SpoolWatch *watch)
{
    if (watch->watch >= 0)
        (void)inotify_rm_watch(watch->fd, watch->watch); /* it may have ended by itself */
    watch->watch = -1;
}

bool spool_watch_begin(SpoolWatch *watch, GError **error)
{
    struct stat found;
    int folder = open_folder(watch, &found, error);
    if (folder < 0)
        return false;
    /* By the open folder: at the path there may be another one already. */
    g_autofree char *opened = g_strdup_printf("/proc/self/fd/%d", folder);
    end_watch(watch);
    int id = inotify_add_watch(watch->fd, opened, FILE_EVENTS | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    int reason = errno;
    (void)close(folder);
    if (id < 0) {
        fail(watch,
             reason == ENOSPC ? "the limit fs.inotify.max_user_watches is reached" : g_strerror(reason),
             error);
        return false;
    }
    watch->watch = id;
    watch->device = found.st_dev;
    watch->inode = found.st_ino;
    return true;
}

int spool_watch_open(SpoolWatch *watch, GError **error)
{
    struct stat found;
    int folder = open_folder(watch, &found, error);
    if (folder < 0)
        return -1;
    if (watch->watch >= 0 && found.st_dev == watch->device && found.st_ino == watch->inode)
        return folder;
    fail(watch, "it was replaced", error);
    (void)close(folder);
    return -1;
}

static void take(SpoolWatch *watch, const struct inotify_event *event, SpoolEvents *events,
                 void (*each)(const char *name, void *user), void *user)
{
    if (event->mask & IN_Q_OVERFLOW) {
        events->lost = true;
        return;
    }
    if (event->wd != watch->watch) /* of a folder before this one */
        return;
    if (event->mask & GONE_EVENTS) {
        events->gone = true;
        if (event->mask & IN_IGNORED)
            watch->watch = -1;
    } else if (event->len > 0 && !(event->mask & IN_ISDIR)) {
        each(event->name, user);
    }
}

SpoolEvents spool_watch_read(SpoolWatch *watch, void (*each)(const char *name, void *user), void *user)
{
    _Alignas(struct inotify_event) char buffer[BUFFER];
    SpoolEvents events = {0};
    for (unsigned i = 0; i < READS_MAX; i++) {
        ssize_t size = read(watch->fd, buffer, sizeof buffer);
        if (size <= 0) /* nothing more, or interrupted: poll() tells of what is left */
            break;
        for (ssize_t at = 0; at < size;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)(buffer + at);
            take(watch, event, &events, each, user);
            at += (ssize_t)(sizeof *event + event->len);
        }
    }
    return events;
}
