/* SPDX-License-Identifier: Apache-2.0 */
/* A write over bytes that are on the disk already may garble them when the power goes away within. Hence there is a
 * copy first, "-copy" beside the file, which counts when its trailer is there:
 *
 *     write the copy, sync; write its trailer, sync
 *     write the log from the copy, sync
 *     delete the copy, sync the folder: it must not come back when the log has gone on
 *
 * A start that finds a whole copy goes on with the second line. On a full disk the log is taken as it is: the service
 * has to run there, and failing syncs are another trouble. All by SQLite's own VFS, which gives the copy the
 * owner and the mode of the file, and is what the storage sweep of the tests watches. */
#include "common/sqlite/renew_log.h"

#include "common/error.h"
#include "common/log.h"

/* At a time. */
#define PIECE_BYTES 16384

typedef struct {
    char mark[8];
    uint64_t size; /* of what is before it */
} Trailer;

static const Trailer model = {.mark = "DWcopy1\n"};

typedef struct {
    sqlite3_vfs *vfs;
    const char *log_path, *copy_path;
    sqlite3_file *log, *copy;
} Renewal;

/* ---- files ---- */

static int exists(const Renewal *it, const char *path, bool *ret_exists)
{
    int yes = 0;
    int result = it->vfs->xAccess(it->vfs, path, SQLITE_ACCESS_EXISTS, &yes);
    *ret_exists = yes;
    return result;
}

/* As a journal it is synced with its name in the folder. */
static int open_copy(const Renewal *it)
{
    return it->vfs->xOpen(it->vfs, it->copy_path, it->copy,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL, NULL);
}

static int open_log(const Renewal *it)
{
    return it->vfs->xOpen(it->vfs, it->log_path, it->log,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL, NULL);
}

static void close_file(sqlite3_file *file)
{
    if (file->pMethods)
        file->pMethods->xClose(file);
    file->pMethods = NULL;
}

static int copy_bytes(sqlite3_file *from, sqlite3_file *to, sqlite3_int64 size)
{
    char piece[PIECE_BYTES];
    int result = SQLITE_OK;
    int length;

    for (sqlite3_int64 at = 0; result == SQLITE_OK && at < size; at += length) {
        length = (int)MIN(size - at, PIECE_BYTES);
        result = from->pMethods->xRead(from, piece, length, at);
        if (result == SQLITE_OK)
            result = to->pMethods->xWrite(to, piece, length, at);
    }
    if (result == SQLITE_OK)
        result = to->pMethods->xSync(to, SQLITE_SYNC_NORMAL);
    return result;
}

/* ---- the copy ---- */

/* *ret_size: of the log; 0: the copy is not whole. */
static int look_at_copy(const Renewal *it, sqlite3_int64 *ret_size)
{
    Trailer trailer;
    sqlite3_int64 size = 0;

    *ret_size = 0;
    int result = it->copy->pMethods->xFileSize(it->copy, &size);
    size -= (sqlite3_int64)sizeof trailer;
    if (result != SQLITE_OK || size <= 0)
        return result;
    result = it->copy->pMethods->xRead(it->copy, &trailer, (int)sizeof trailer, size);
    if (result == SQLITE_OK && memcmp(trailer.mark, model.mark, sizeof model.mark) == 0 &&
        trailer.size == (uint64_t)size)
        *ret_size = size;
    return result;
}

static int make_copy(const Renewal *it, sqlite3_int64 size)
{
    Trailer trailer = model;

    trailer.size = (uint64_t)size;
    int result = copy_bytes(it->log, it->copy, size);
    if (result == SQLITE_OK)
        result = it->copy->pMethods->xWrite(it->copy, &trailer, (int)sizeof trailer, size);
    if (result == SQLITE_OK)
        result = it->copy->pMethods->xSync(it->copy, SQLITE_SYNC_NORMAL);
    return result;
}

static int drop_copy(const Renewal *it)
{
    close_file(it->copy);
    return it->vfs->xDelete(it->vfs, it->copy_path, 1);
}

/* *ret_done: an earlier start had come so far that the log is to be written from its copy; so it is. */
static int finish_earlier(const Renewal *it, bool *ret_done)
{
    bool found = false;
    sqlite3_int64 size = 0;

    *ret_done = false;
    int result = exists(it, it->copy_path, &found);
    if (result != SQLITE_OK || !found)
        return result;
    result = open_copy(it);
    if (result == SQLITE_OK)
        result = look_at_copy(it, &size);
    if (result == SQLITE_OK && size > 0)
        result = open_log(it);
    if (result == SQLITE_OK && size > 0)
        result = copy_bytes(it->copy, it->log, size);
    if (result == SQLITE_OK)
        result = drop_copy(it);
    *ret_done = size > 0;
    return result;
}

static int renew(const Renewal *it)
{
    bool found = false;
    sqlite3_int64 size = 0;

    int result = exists(it, it->log_path, &found);
    if (result != SQLITE_OK || !found)
        return result;
    result = open_log(it);
    if (result == SQLITE_OK)
        result = it->log->pMethods->xFileSize(it->log, &size);
    if (result != SQLITE_OK || size == 0)
        return result;
    result = open_copy(it);
    if (result == SQLITE_OK)
        result = make_copy(it, size);
    if (result == SQLITE_FULL) {
        log_warning("there is no room to renew the write-ahead log", LOG_STR("path", it->log_path));
        return drop_copy(it);
    }
    if (result == SQLITE_OK)
        result = copy_bytes(it->copy, it->log, size);
    if (result == SQLITE_OK)
        result = drop_copy(it);
    return result;
}

static int run(const Renewal *it, const char *path)
{
    bool found = false;
    bool done = false;

    int result = exists(it, path, &found);
    if (result == SQLITE_OK && found)
        result = finish_earlier(it, &done);
    if (result == SQLITE_OK && found && !done)
        result = renew(it);
    close_file(it->log);
    close_file(it->copy);
    return result;
}

bool sql_renew_log(const char *path, GError **error)
{
    sql_set_up();
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    g_autofree char *log_path = g_strconcat(path, "-wal", NULL);
    g_autofree char *copy_path = g_strconcat(path, "-copy", NULL);
    sqlite3_file *log = g_malloc0((size_t)vfs->szOsFile);
    sqlite3_file *copy = g_malloc0((size_t)vfs->szOsFile);
    char *names = (char *)sqlite3_create_filename(path, copy_path, log_path, 0, NULL);
    const Renewal renewal = {.vfs = vfs,
                             .log_path = sqlite3_filename_wal(names),
                             .copy_path = sqlite3_filename_journal(names),
                             .log = log,
                             .copy = copy};

    int result = run(&renewal, path);
    sqlite3_free_filename(names);
    g_free(log);
    g_free(copy);
    if (result == SQLITE_OK)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                "the write-ahead log of the database %s failed: %s (SQLite %d)", path, sqlite3_errstr(result),
                result);
    return false;
}
