/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/files.h"

#include <errno.h>

#include "common/error.h"
#include "ingest/store/database.h"

DatabaseFiles database_files_new(const char *path)
{
    return (DatabaseFiles){.path = g_strdup(path), .log_path = g_strconcat(path, "-wal", NULL)};
}

void database_files_clear(DatabaseFiles *files)
{
    g_free(files->path);
    g_free(files->log_path);
    *files = (DatabaseFiles){0};
}

static bool refuse(int code, const char *path, const char *what, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, code, "the database %s %s", path, what);
    return false;
}

/* *ret_found: whether there is such a file. UNAVAILABLE: nobody can tell. */
static bool look(const char *path, struct stat *ret_now, bool *ret_found, GError **error)
{
    *ret_found = stat(path, ret_now) == 0;
    return *ret_found || errno == ENOENT || refuse(DAYWIRE_ERROR_UNAVAILABLE, path, g_strerror(errno), error);
}

/* ---- the file ---- */

/* Read anew, without the pages that are in memory. */
static bool is_whole(const char *path, GError **error)
{
    SqlDatabase *database = database_open(path, false, error);
    bool whole = database != NULL && sql_check_pages(database, error);

    sql_close(database);
    return whole;
}

/* Ours never makes it shorter; an operator's VACUUM does. */
static bool check_shorter(const DatabaseFiles *files, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (is_whole(files->path, &reason))
        return true;
    if (!g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE))
        return refuse(DAYWIRE_ERROR_LOST, files->path, "was cut short while in use: put a backup back",
                      error);
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

static bool check_size(DatabaseFiles *files, GError **error)
{
    struct stat now;
    bool found = false;

    if (!look(files->path, &now, &found, error))
        return false;
    if (!found) /* on a VFS of its own, else it was missed before */
        return true;
    if (now.st_size < files->size && !check_shorter(files, error))
        return false;
    files->size = now.st_size;
    return true;
}

/* ---- the log ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static bool check_log(DatabaseFiles *files, SqlDatabase *database, GError **error)
{
    struct stat now;
    bool found = false;

    if (!look(files->log_path, &now, &found, error))
        return false;
    if (files->log.st_ino == 0 && found)
        files->log = now;
    if (files->log.st_ino == 0 || (found && is_same(&files->log, &now)))
        return true;
    if (!sql_checkpoint_all(database, NULL))
        return refuse(DAYWIRE_ERROR_UNAVAILABLE, files->log_path,
                      "was deleted or replaced while in use, and what it held is not in the file yet: leave "
                      "the service running, and end what else reads the database",
                      error);
    return refuse(DAYWIRE_ERROR_LOST, files->log_path,
                  "was deleted or replaced while in use: restart the service", error);
}

bool database_files_check(DatabaseFiles *files, SqlDatabase *database, GError **error)
{
    if (!sql_is_in_place(database))
        return refuse(DAYWIRE_ERROR_UNAVAILABLE, files->path,
                      "was deleted or replaced while in use: put it back, or restart the service", error);
    return check_size(files, error) && check_log(files, database, error);
}
