/* SPDX-License-Identifier: Apache-2.0 */
/* One read transaction over the whole copy, so that it is one state of the database, and so that the copy does not begin
 * anew with each commit of the service. Meanwhile the service's log cannot be used from its start again, and grows.
 *
 * The copy is made under a name of its own beside the destination, and gets its name when it is whole, checked and on
 * the disk. */
#include "cli/database_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/file_move.h"
#include "ingest/store/database.h"

#define PAGES_A_STEP     256
#define STEPS_OF_A_CHECK 10000 /* of SQLite's machine */

typedef struct {
    const DatabaseCopyOptions *options;
    SqlDatabase *from;
    SqlDatabase *to;
    char *folder; /* of the destination */
    char *part;   /* NULL: not made yet */
} Copying;

static bool is_stopped(const Copying *copying)
{
    return copying->options->stopped && *copying->options->stopped;
}

/* ---- before anything is written ---- */

static bool check_source(const Copying *copying, struct stat *ret_source, GError **error)
{
    const char *path = copying->options->source;
    if (stat(path, ret_source) == 0) {
        if (S_ISREG(ret_source->st_mode))
            return true;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s is not a file", path);
        return false;
    }
    int reason = errno;
    bool absent = reason == ENOENT || reason == ENOTDIR;
    g_set_error(error, DAYWIRE_ERROR, absent ? DAYWIRE_ERROR_NOT_FOUND : DAYWIRE_ERROR_FAILED,
                absent ? "there is no database %s; --config or --database names it (%s)" : "%s: %s", path,
                g_strerror(reason));
    return false;
}

/* SQLite would take what stands beside a file of this name for its own, and damage the copy with it. */
static bool check_companions(const char *destination, GError **error)
{
    static const char *const endings[] = {"-wal", "-journal"};
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(destination, endings[i], NULL);
        struct stat found;
        if (lstat(path, &found) == 0) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                        "%s belongs to a database of this name: copy to another one", path);
            return false;
        }
    }
    return true;
}

static bool check_destination(const Copying *copying, const struct stat *source, GError **error)
{
    const char *path = copying->options->destination;
    struct stat found;
    if (lstat(path, &found) != 0)
        return check_companions(path, error);
    if (!S_ISREG(found.st_mode)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s is not a file: name the file to write",
                    path);
        return false;
    }
    if (found.st_dev == source->st_dev && found.st_ino == source->st_ino) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s is the database itself", path);
        return false;
    }
    if (!copying->options->replace) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT, "%s is there already; --force replaces it",
                    path);
        return false;
    }
    return check_companions(path, error);
}

/* ---- copying ---- */

static bool open_part(Copying *copying, GError **error)
{
    g_autofree char *part = g_build_filename(copying->folder, ".daywire-backup-XXXXXX", NULL);
    int fd = g_mkstemp_full(part, O_RDWR | O_CLOEXEC, 0600); /* it holds what was withdrawn */
    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s", copying->options->destination,
                    g_strerror(errno));
        return false;
    }
    (void)close(fd);
    copying->part = g_steal_pointer(&part);
    copying->to = sql_open(copying->part, SQLITE_OPEN_READWRITE, error);
    /* What is torn is thrown away, and the end is synced: no journal, no sync, no memory shared with others. */
    return copying->to && sql_run(copying->to,
                                  "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                                  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY",
                                  error);
}

static bool fail_to_copy(const Copying *copying, int result, const char *message, GError **error)
{
    bool passes = result == SQLITE_FULL || (result & 0xff) == SQLITE_IOERR;
    g_set_error(error, DAYWIRE_ERROR, passes ? DAYWIRE_ERROR_UNAVAILABLE : DAYWIRE_ERROR_FAILED,
                "copying %s to %s failed: %s", copying->options->source, copying->options->destination,
                message);
    return false;
}

static bool copy_pages(const Copying *copying, GError **error)
{
    sqlite3_backup *backup = sqlite3_backup_init(copying->to, "main", copying->from, "main");
    if (!backup)
        return fail_to_copy(copying, SQLITE_ERROR, sqlite3_errmsg(copying->to), error);
    int result = SQLITE_OK;
    while (result == SQLITE_OK && !is_stopped(copying))
        result = sqlite3_backup_step(backup, PAGES_A_STEP);
    int finished = sqlite3_backup_finish(backup); /* repeats the error of the last step, if any */
    if (result == SQLITE_DONE && finished == SQLITE_OK)
        return true;
    if (result == SQLITE_OK)
        return fail_to_copy(copying, SQLITE_INTERRUPT, "it was stopped", error);
    return fail_to_copy(copying, result, sqlite3_errstr(result), error);
}

static int stop_check(void *user)
{
    return is_stopped(user);
}

/* As a file of its own: the header still asks for a log beside it. */
static bool check_copy(Copying *copying, GError **error)
{
    static const char *const sql[] = {"PRAGMA journal_mode = DELETE", "PRAGMA integrity_check(1)"};
    SqlStatement *statements[G_N_ELEMENTS(sql)] = {NULL};
    bool row = false;
    sqlite3_progress_handler(copying->to, STEPS_OF_A_CHECK, stop_check, copying);
    bool good = sql_prepare(copying->to, sql, statements, G_N_ELEMENTS(sql), error) &&
                sql_step(statements[0], &row, error);
    sql_done(statements[0]);
    good = good && sql_step(statements[1], &row, error);
    const char *answer = good && row ? sql_text(statements[1], 0) : "no answer";
    if (good && strcmp(answer, "ok") != 0) {
        g_autofree char *what = g_strdelimit(g_strdup(answer), "\n", ' ');
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the database %s is damaged: %s",
                    copying->options->source, what);
        good = false;
    }
    sql_finalize(statements, G_N_ELEMENTS(sql));
    if (good || !is_stopped(copying))
        return good;
    g_clear_error(error);
    return fail_to_copy(copying, SQLITE_INTERRUPT, "it was stopped", error);
}

/* ---- giving it its name ---- */

static bool sync_part(const Copying *copying, int64_t *ret_bytes)
{
    struct stat written;
    int fd = open(copying->part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool good = fd >= 0 && fsync(fd) == 0 && fstat(fd, &written) == 0;
    int reason = errno;
    if (good)
        *ret_bytes = written.st_size;
    if (fd >= 0)
        (void)close(fd);
    errno = reason;
    return good;
}

static bool name_part(Copying *copying)
{
    const char *destination = copying->options->destination;
    bool good = copying->options->replace ? rename(copying->part, destination) == 0
                                          : file_move(AT_FDCWD, copying->part, AT_FDCWD, destination);
    if (!good)
        return false;
    g_clear_pointer(&copying->part, g_free);
    int folder = open(copying->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = folder >= 0 && folder_sync(folder);
    int reason = errno;
    if (folder >= 0)
        (void)close(folder);
    errno = reason;
    return good;
}

static bool finish(Copying *copying, DatabaseCopy *copy, GError **error)
{
    if (sync_part(copying, &copy->bytes) && name_part(copying))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s", copying->options->destination,
                g_strerror(errno));
    return false;
}

static void remove_part(const Copying *copying)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; copying->part && i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(copying->part, endings[i], NULL);
        (void)unlink(path); /* most are not there */
    }
}

static bool copy(Copying *copying, DatabaseCopy *ret_copy, GError **error)
{
    struct stat source;
    if (!check_source(copying, &source, error) || !check_destination(copying, &source, error))
        return false;
    copying->from = database_open(copying->options->source, false, error);
    if (!copying->from || !sql_run(copying->from, "BEGIN", error) ||
        !sql_number(copying->from, "SELECT count(*) FROM statements", &ret_copy->statements, error))
        return false;
    if (!open_part(copying, error) || !copy_pages(copying, error) || !check_copy(copying, error))
        return false;
    sql_close(g_steal_pointer(&copying->to));
    return finish(copying, ret_copy, error);
}

bool database_copy(const DatabaseCopyOptions *options, DatabaseCopy *ret_copy, GError **error)
{
    Copying copying = {.options = options, .folder = g_path_get_dirname(options->destination)};
    DatabaseCopy made = {0};
    bool good = copy(&copying, &made, error);
    sql_close(copying.to);
    sql_close(copying.from);
    remove_part(&copying);
    g_free(copying.part);
    g_free(copying.folder);
    if (good)
        *ret_copy = made;
    return good;
}
