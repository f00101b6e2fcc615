/* SPDX-License-Identifier: Apache-2.0 */
/* A file is opened, found to be whole, imported, and put away beside its report. At each of these it may turn out that it
 * has to wait: then what was done so far is kept with its entry, for as long as it is the same file. */
#include "ingest/spool/parts.h"

#include <poll.h>

#include "common/error.h"
#include "common/log.h"
#include "ingest/spool/file.h"
#include "ingest/spool/import.h"
#include "ingest/spool/name.h"

#define QUIET_US      (60 * SECOND) /* without a change, where nothing else tells that a file is whole */
#define WRITTEN_LEAST (10 * MS)
#define WRITTEN_MOST  (5 * SECOND)

/* What is known of a file beyond its name. */
typedef struct {
    SpoolIdentity identity; /* of which file all else is */
    int64_t since;          /* monotonic: it has been this one */
    SpoolProgress progress; /* no report: it has been written, and is not kept for long */
    bool concluded;         /* all is decided, as the next two tell */
    bool good;
    unsigned number; /* of its place in done/ or failed/; 0: none yet */
} Handled;

void spool_handled_free(void *user)
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
    if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED))
        return true;
    engine_reads_failed(spool->engine, reason);
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

static bool pause_unless_stopped(void *user, int milliseconds)
{
    const Spool *spool = user;
    struct pollfd fd = {.fd = spool->stop_fd, .events = POLLIN};
    if (milliseconds > 0)
        (void)poll(&fd, 1, milliseconds); /* woken too early is tried again too early */
    return !spool_is_stopping(user);
}

/* ---- trouble ---- */

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
            spool_trouble(spool, error);
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
        spool_handled_free(handled);
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
    g_autoptr(GBytes) bytes = spool_file_read(file, spool_is_stopping, spool, &error);
    if (spool_is_stopping(spool))
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

void spool_handle(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry)
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
