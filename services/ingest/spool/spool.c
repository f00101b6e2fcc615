/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the loop:
 *
 *     take what has come, from the watch, or by looking at all files
 *     handle the files whose time has come, one after the other
 *     wait for the next event, or the next file's time
 *
 * All files are looked at when the folder is found, when events were lost, and once a minute, for file systems that tell
 * nothing of what others do. Nothing in the folder is open while there is nothing to do.
 *
 * What keeps all files (the folder is away, done/ cannot be written) is kept apart from what keeps one: the first is
 * tried again as a whole, with nothing imported meanwhile that could not be put away. */
#include "ingest/spool/parts.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "common/error.h"
#include "common/health.h"
#include "common/log.h"
#include "ingest/ingest_metrics.h"
#include "ingest/spool/name.h"

#define FILES_MAX 10000  /* waiting and known; others wait unknown */
#define LOOK_US   SECOND /* whether the folder is still in its place */
#define SCAN_US   (60 * SECOND)

bool spool_is_stopping(void *user)
{
    const Spool *spool = user;
    return atomic_load(&spool->stopping);
}

/* ---- trouble ---- */

void spool_trouble(Spool *spool, const GError *error)
{
    g_autofree char *reason = g_strdup_printf("the folder %s: %s", spool->path, error->message);
    spool->troubled = true;
    spool->trouble_until =
        g_get_monotonic_time() + spool_back_off(spool->troubles, TROUBLE_LEAST, TROUBLE_MOST);
    spool->troubles++;
    health_set("spool", false, reason);
}

static void lose(Spool *spool, const GError *error)
{
    spool->watching = false;
    spool->begin_at = g_get_monotonic_time() + LOOK_US;
    health_set("spool", false, error->message);
}

static void begin(Spool *spool)
{
    g_autoptr(GError) error = NULL;
    if (!spool_watch_begin(spool->watch, &error)) {
        lose(spool, error);
        return;
    }
    spool->watching = true;
    spool->scan_at = 0;
    spool->trouble_until = 0;
    log_info("the spool folder is watched", LOG_STR("path", spool->path));
}

/* ---- the loop ---- */

static void add(Spool *spool, const char *name, bool announced)
{
    if (spool_name_is_wanted(name) &&
        !spool_pending_add(spool->pending, name, announced, g_get_monotonic_time()))
        spool->more = true;
}

static void on_event(const char *name, void *user)
{
    add(user, name, true);
}

static void scan(Spool *spool, const SpoolFolder *folder)
{
    g_autoptr(GError) error = NULL;
    bool more = false;
    g_autoptr(GPtrArray) names = spool_folder_list(folder, FILES_MAX, &more, &error);
    if (!names) {
        spool_trouble(spool, error);
        return;
    }
    spool->scan_at = g_get_monotonic_time() + SCAN_US;
    spool->more = more;
    for (guint i = 0; i < names->len; i++)
        add(spool, names->pdata[i], false);
}

static void take_events(Spool *spool)
{
    SpoolEvents events = spool_watch_read(spool->watch, on_event, spool);
    if (events.lost)
        spool->scan_at = 0;
    if (events.gone)
        spool->look_at = 0;
}

static void handle_due(Spool *spool, const SpoolFolder *folder)
{
    SpoolEntry *entry;
    while (!spool_is_stopping(spool) && !spool->troubled &&
           (entry = spool_pending_next(spool->pending, g_get_monotonic_time()))) {
        spool_handle(spool, folder, entry);
        take_events(spool);
        if (spool->look_at == 0) /* the folder has gone */
            return;
    }
    if (spool->more && spool_pending_count(spool->pending) == 0)
        spool->scan_at = 0;
}

/* False: the folder has gone. */
static void work(Spool *spool, int root)
{
    g_autoptr(GError) error = NULL;
    spool->troubled = false;
    g_string_truncate(spool->stuck, 0);
    g_autoptr(SpoolFolder) folder = spool_folder_new(root, &error);
    if (!folder)
        spool_trouble(spool, error);
    else if (spool->scan_at <= g_get_monotonic_time())
        scan(spool, folder);
    if (folder && !spool->troubled)
        handle_due(spool, folder);
    if (spool->troubled)
        return;
    spool->troubles = 0;
    if (spool->look_at != 0)
        health_set("spool", spool->stuck->len == 0, spool->stuck->len > 0 ? spool->stuck->str : NULL);
}

static void turn(Spool *spool)
{
    g_autoptr(GError) error = NULL;
    take_events(spool);
    if (!spool->watching && spool->begin_at <= g_get_monotonic_time())
        begin(spool);
    if (!spool->watching)
        return;
    int64_t now = g_get_monotonic_time();
    bool due =
        MIN(spool->scan_at, spool_pending_deadline(spool->pending)) <= now && spool->trouble_until <= now;
    if (!due && spool->look_at > now)
        return;
    spool->look_at = now + LOOK_US;
    int root = spool_watch_open(spool->watch, &error);
    if (root < 0)
        lose(spool, error);
    else if (due)
        work(spool, root);
    else
        (void)close(root);
    metric_set(spool->waiting, spool_pending_count(spool->pending));
}

static int64_t next_time(const Spool *spool)
{
    if (!spool->watching)
        return spool->begin_at;
    int64_t due = MIN(spool->scan_at, spool_pending_deadline(spool->pending));
    return MIN(spool->look_at, MAX(due, spool->trouble_until));
}

static void *run(void *user)
{
    Spool *spool = user;
    while (!spool_is_stopping(spool)) {
        turn(spool);
        int64_t wait_us = next_time(spool) - g_get_monotonic_time();
        struct pollfd fds[] = {{.fd = spool->stop_fd, .events = POLLIN},
                               {.fd = spool_watch_fd(spool->watch), .events = POLLIN}};
        if (wait_us > 0 && poll(fds, G_N_ELEMENTS(fds), (int)(wait_us / 1000) + 1) < 0 && errno != EINTR)
            log_error("poll", LOG_STR("error", g_strerror(errno)));
    }
    return NULL;
}

/* ---- start and stop ---- */

static void make_metrics(Spool *spool)
{
    static const char *const outcomes[] = {SPOOL_FAILED, SPOOL_DONE};
    for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        g_autofree char *label = metric_label("outcome", outcomes[i]);
        spool->files[i] = metric_counter("daywire_ingest_spool_files_total", label,
                                         "Files of the spool folder by where they were moved");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(spool->items); i++) {
        g_autofree char *label = metric_label("result", accept_result_name((AcceptResult)i));
        spool->items[i] = metric_counter("daywire_ingest_spool_items_total", label,
                                         "Statements of these files by what became of them");
    }
    spool->retries =
        metric_counter("daywire_ingest_spool_retries_total", NULL,
                       "Times that a file had to wait since it could not be read, stored or moved");
    spool->waiting = metric_gauge("daywire_ingest_spool_waiting", NULL, "Files that are known and wait");
}

static void spool_free(Spool *spool)
{
    spool_watch_free(spool->watch);
    store_reader_close(spool->reader);
    spool_pending_free(spool->pending);
    g_string_free(spool->stuck, TRUE);
    if (spool->stop_fd >= 0)
        (void)close(spool->stop_fd);
    g_free(spool);
}

static bool open_parts(Spool *spool, const Config *config, GError **error)
{
    spool->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (spool->stop_fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "eventfd: %s", g_strerror(errno));
        return false;
    }
    spool->watch = spool_watch_new(spool->path, error);
    if (spool->watch)
        spool->reader = store_reader_open(config_string(config, "ingest", "database"), error);
    return spool->reader != NULL;
}

bool spool_start(const Config *config, Engine *engine, Spool **ret_spool, GError **error)
{
    const char *path = config_string(config, "ingest", "spool");
    *ret_spool = NULL;
    if (!path)
        return true;
    Spool *spool = g_new0(Spool, 1);
    spool->path = path;
    spool->engine = engine;
    spool->max_file = config_bytes(config, "ingest", "spool-max-file");
    spool->pending = spool_pending_new(FILES_MAX, spool_handled_free);
    spool->stuck = g_string_new(NULL);
    if (!open_parts(spool, config, error)) {
        spool_free(spool);
        return false;
    }
    make_metrics(spool);
    health_set("spool", false, "the folder is being opened");
    spool->thread = g_thread_new("spool", run, spool);
    *ret_spool = spool;
    return true;
}

void spool_stop(Spool *spool)
{
    if (!spool)
        return;
    atomic_store(&spool->stopping, true);
    (void)eventfd_write(spool->stop_fd, 1); /* its counter cannot be full */
    g_thread_join(spool->thread);
    spool_free(spool);
}
