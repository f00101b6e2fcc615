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
 * tried again as a whole, with nothing imported meanwhile that could not be put away. All is the thread's but `stopping`. */
#include "ingest/spool.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "common/error.h"
#include "common/health.h"
#include "common/log.h"
#include "common/metrics.h"
#include "ingest/ingest_metrics.h"
#include "ingest/spool_file.h"
#include "ingest/spool_folder.h"
#include "ingest/spool_import.h"
#include "ingest/spool_name.h"
#include "ingest/spool_pending.h"
#include "ingest/spool_watch.h"

#define MS            INT64_C(1000)
#define SECOND        (1000 * MS)
#define FILES_MAX     10000  /* waiting and known; others wait unknown */
#define LOOK_US       SECOND /* whether the folder is still in its place */
#define SCAN_US       (60 * SECOND)
#define QUIET_US      (60 * SECOND) /* without a change, where nothing else tells that a file is whole */
#define WRITTEN_LEAST (10 * MS)
#define WRITTEN_MOST  (5 * SECOND)
#define TROUBLE_LEAST (500 * MS)
#define TROUBLE_MOST  (60 * SECOND)
#define REPLACED_MOST SECOND

/* What is known of a file beyond its name. */
typedef struct {
    SpoolIdentity identity; /* of which file all else is */
    int64_t since;          /* monotonic: it has been this one */
    SpoolProgress progress; /* no report: it has been written, and is not kept for long */
    bool concluded;         /* all is decided, as the next two tell */
    bool good;
    unsigned number; /* of its place in done/ or failed/; 0: none yet */
} Handled;

struct Spool {
    const char *path;
    Engine *engine;
    StoreReader *reader;
    int64_t max_file;
    SpoolWatch *watch;
    SpoolPending *pending;
    bool watching;
    bool more;        /* there were more files than could be known */
    int64_t begin_at; /* monotonic, as the next four: not before */
    int64_t look_at;
    int64_t scan_at;
    int64_t trouble_until;
    unsigned troubles; /* in a row */
    bool troubled;     /* in this turn */
    GString *stuck;    /* a file that cannot be put away, of this turn; "" */
    Metric *files[2];  /* failed, done */
    Metric *items[RESULT_REFUSED + 1];
    Metric *retries;
    Metric *waiting;
    int stop_fd;
    GThread *thread;
    atomic_bool stopping;
};

static void handled_free(void *user)
{
    Handled *handled = user;
    spool_report_free(handled->progress.report);
    g_free(handled);
}

static void start_over(Handled *handled)
{
    spool_report_free(handled->progress.report);
    handled->progress = (SpoolProgress){.report = spool_report_new()};
    handled->concluded = false;
    handled->number = 0;
}

static bool is_stopping(void *user)
{
    const Spool *spool = user;
    return atomic_load(&spool->stopping);
}

/* ---- what the import needs ---- */

static bool submit_job(void *user, Job *job, GError **error)
{
    const Spool *spool = user;
    return engine_submit(spool->engine, job, error);
}

/* One that is damaged is refused by the engine. */
static bool find_statement(void *user, const char *id, Statement **ret_known, GError **error)
{
    const Spool *spool = user;
    g_auto(StoredStatement) stored = {0};
    g_autoptr(GError) reason = NULL;
    if (store_reader_find(spool->reader, id, &stored, &reason)) {
        *ret_known = g_steal_pointer(&stored.latest);
        return true;
    }
    *ret_known = NULL;
    if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND) ||
        g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED))
        return true;
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

static bool pause_unless_stopped(void *user, int milliseconds)
{
    const Spool *spool = user;
    struct pollfd fd = {.fd = spool->stop_fd, .events = POLLIN};
    if (milliseconds > 0)
        (void)poll(&fd, 1, milliseconds); /* woken too early is tried again too early */
    return !is_stopping(user);
}

/* ---- trouble ---- */

/* Nothing goes on until this is over. */
static void trouble(Spool *spool, const GError *error)
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

/* The file waits; tells the first time. */
static void retry(Spool *spool, SpoolEntry *entry, const GError *error)
{
    if (entry->attempts == 0)
        log_warning("a file of the spool folder is tried again", LOG_STR("file", entry->name),
                    LOG_ERROR(error));
    metric_add(spool->retries, 1);
    spool_pending_later(spool->pending, entry,
                        g_get_monotonic_time() +
                            spool_back_off(entry->attempts, TROUBLE_LEAST, TROUBLE_MOST));
}

/* ---- putting away ---- */

static void tell_put(const Spool *spool, const SpoolEntry *entry, const Handled *handled)
{
    g_autofree char *kept_as = spool_name_numbered(entry->name, handled->number, "");
    metric_add(spool->files[handled->good], 1);
    log_info("a file of the spool folder was imported", LOG_STR("file", entry->name),
             LOG_STR("outcome", handled->good ? SPOOL_DONE : SPOOL_FAILED), LOG_STR("kept_as", kept_as),
             LOG_INT("items", (int64_t)handled->progress.items));
}

/* Files that stay for long keep little in memory. */
static void stick(Spool *spool, SpoolEntry *entry, Handled *handled, const GError *error)
{
    g_clear_pointer(&handled->progress.report, spool_report_free);
    g_autofree char *name = spool_name_printable(entry->name);
    if (spool->stuck->len == 0)
        g_string_printf(spool->stuck, "%s: %s", name, error->message);
    retry(spool, entry, error);
}

/* `file` has no descriptor when it is no file. */
static void put(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry, Handled *handled,
                const SpoolFile *file)
{
    g_autoptr(GError) error = NULL;
    switch (spool_folder_put(folder, entry->name, handled->good, handled->number, handled->identity.inode,
                             &error)) {
    case SPOOL_PUT_DONE:
        /* Whoever opened it before it was moved may write to it only now. */
        if (file->fd >= 0 && !spool_file_is_whole(file))
            spool_folder_take_back(folder, entry->name, handled->good, handled->number);
        tell_put(spool, entry, handled);
        spool_pending_done(spool->pending, entry);
        return;
    case SPOOL_PUT_GONE:
        spool_pending_done(spool->pending, entry);
        return;
    case SPOOL_PUT_OTHER: /* it has an event, or is looked at as what it is */
        spool_pending_later(spool->pending, entry, g_get_monotonic_time() + WRITTEN_LEAST);
        return;
    case SPOOL_PUT_TAKEN:
        if (handled->progress.report)
            handled->number = 0;
        else
            start_over(handled);
        spool_pending_later(spool->pending, entry, g_get_monotonic_time() + WRITTEN_LEAST);
        return;
    case SPOOL_PUT_FAILED:
        stick(spool, entry, handled, error);
    }
}

static void conclude(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry, Handled *handled,
                     const SpoolFile *file)
{
    g_autoptr(GError) error = NULL;
    const SpoolReport *report = handled->progress.report;
    if (!handled->concluded) {
        handled->concluded = true;
        handled->good = spool_report_is_good(report);
        for (size_t i = 0; i < G_N_ELEMENTS(spool->items); i++)
            metric_add(spool->items[i], (int64_t)spool_report_items(report, (AcceptResult)i));
    }
    if (handled->number == 0) {
        g_autofree char *text = spool_report_text(report, entry->name, g_get_real_time());
        if (!spool_folder_write_report(folder, entry->name, handled->good, text, &handled->number, &error)) {
            trouble(spool, error);
            spool_pending_later(spool->pending, entry, spool->trouble_until);
            return;
        }
    }
    put(spool, folder, entry, handled, file);
}

static void refuse(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry, Handled *handled,
                   const SpoolFile *file, const char *reason)
{
    if (!handled->concluded)
        spool_report_fail(handled->progress.report, reason);
    conclude(spool, folder, entry, handled, file);
}

/* ---- one file ---- */

/* What is known of this very file, and nothing of another one. */
static Handled *handled_of(SpoolEntry *entry, const SpoolIdentity *identity)
{
    Handled *handled = entry->user;
    if (handled && spool_identity_equal(&handled->identity, identity))
        return handled;
    if (handled)
        handled_free(handled);
    handled = g_new0(Handled, 1);
    handled->identity = *identity;
    handled->since = g_get_monotonic_time();
    start_over(handled);
    entry->user = handled;
    return handled;
}

/* How long a file has to stay as it is until it is taken for whole; 0: it is whole. An empty one is most likely to be
 * filled: some programs make a file, close it, and open it again. */
static int64_t wanting(const SpoolEntry *entry, const Handled *handled, const SpoolFile *file)
{
    if (file->identity.size > 0 && (file->proved || entry->announced))
        return 0;
    int64_t by_its_date = g_get_real_time() - file->identity.modified; /* a date to come is no date */
    int64_t age = MAX(by_its_date, g_get_monotonic_time() - handled->since);
    return MAX(QUIET_US - age, 0);
}

static void import(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry, Handled *handled,
                   const SpoolFile *file)
{
    const SpoolSink sink = {
        .submit = submit_job, .find = find_statement, .pause = pause_unless_stopped, .user = spool};
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = spool_file_read(file, is_stopping, spool, &error);
    if (is_stopping(spool))
        return;
    if (!bytes) {
        retry(spool, entry, error);
        return;
    }
    /* What was read may be half of what somebody writes. */
    if (spool_file_is_whole(file)) {
        SpoolImportOutcome outcome =
            spool_import(bytes, g_get_real_time(), &sink, &handled->progress, &error);
        if (outcome == SPOOL_IMPORT_UNAVAILABLE)
            retry(spool, entry, error);
        if (outcome != SPOOL_IMPORT_DONE)
            return;
        if (spool_file_is_whole(file)) {
            conclude(spool, folder, entry, handled, file);
            return;
        }
    }
    spool_pending_later(spool->pending, entry, g_get_monotonic_time() + WRITTEN_LEAST);
}

static void handle_open(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry, const SpoolFile *file)
{
    Handled *handled = handled_of(entry, &file->identity);
    int64_t wait = wanting(entry, handled, file);
    if (handled->concluded) {
        conclude(spool, folder, entry, handled, file);
    } else if (wait > 0) {
        spool_pending_later(spool->pending, entry, g_get_monotonic_time() + wait);
    } else if (file->identity.size > spool->max_file) {
        g_autofree char *reason = g_strdup_printf("it has %" G_GINT64_FORMAT " bytes, and %" G_GINT64_FORMAT
                                                  " are taken at most ([ingest] spool-max-file)",
                                                  file->identity.size, spool->max_file);
        refuse(spool, folder, entry, handled, file, reason);
    } else {
        import(spool, folder, entry, handled, file);
    }
}

static void handle(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry)
{
    g_autoptr(GError) error = NULL;
    SpoolFile file;
    switch (spool_file_open(spool_folder_root(folder), entry->name, &file, &error)) {
    case SPOOL_FILE_OPEN:
        handle_open(spool, folder, entry, &file);
        spool_file_close(&file);
        return;
    case SPOOL_FILE_GONE:
    case SPOOL_FILE_FOLDER:
        spool_pending_done(spool->pending, entry);
        return;
    case SPOOL_FILE_REFUSED:
        refuse(spool, folder, entry, handled_of(entry, &file.identity), &file, error->message);
        return;
    case SPOOL_FILE_WRITTEN: /* an event tells of its end, but one that is late */
        spool_pending_later(spool->pending, entry,
                            g_get_monotonic_time() +
                                spool_back_off(entry->attempts, WRITTEN_LEAST, WRITTEN_MOST));
        return;
    case SPOOL_FILE_FAILED:
        retry(spool, entry, error);
    }
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
        trouble(spool, error);
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
    while (!is_stopping(spool) && !spool->troubled &&
           (entry = spool_pending_next(spool->pending, g_get_monotonic_time()))) {
        handle(spool, folder, entry);
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
        trouble(spool, error);
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
    while (!is_stopping(spool)) {
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
    spool->pending = spool_pending_new(FILES_MAX, handled_free);
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
