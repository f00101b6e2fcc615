/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sqlite/sql.h"

#include "common/error.h"

/* Only while a file is being recovered or made: readers and the writer do not wait for each other. */
#define BUSY_MS 2000

static DaywireErrorCode error_code(int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
        return DAYWIRE_ERROR_UNAVAILABLE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DAYWIRE_ERROR_LOST;
    default:
        return DAYWIRE_ERROR_FAILED;
    }
}

static void set_error(GError **error, const char *path, int result, const char *message)
{
    g_set_error(error, DAYWIRE_ERROR, (int)error_code(result), "the database %s failed: %s (SQLite %d)", path,
                message, result);
}

bool sql_fail(SqlDatabase *database, GError **error)
{
    const char *path = sqlite3_db_filename(database, "main");
    set_error(error, path ? path : "", sqlite3_extended_errcode(database), sqlite3_errmsg(database));
    return false;
}

static int set_up(SqlDatabase *database)
{
    int result = sqlite3_busy_timeout(database, BUSY_MS);
    if (result == SQLITE_OK)
        result = sqlite3_wal_autocheckpoint(database, 0);
    if (result == SQLITE_OK)
        result = sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return result;
}

/* Nobody asks how much memory SQLite has, and to count it takes a lock that all connections share. */
void sql_set_up(void)
{
    static gsize done;
    if (g_once_init_enter(&done)) {
        int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        g_assert(result == SQLITE_OK); /* MISUSE: somebody has used SQLite before */
        g_once_init_leave(&done, 1);
    }
}

SqlDatabase *sql_open(const char *path, int flags, GError **error)
{
    sql_set_up();
    SqlDatabase *database = NULL;
    int result = sqlite3_open_v2(path, &database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    g_assert(database); /* NULL only when memory ends */
    if (result == SQLITE_OK)
        result = set_up(database);
    if (result == SQLITE_OK)
        return database;
    set_error(error, path, result, sqlite3_errmsg(database));
    sql_close(database);
    return NULL;
}

/* Fails while statements are not finalized: a fault of ours. */
void sql_close(SqlDatabase *database)
{
    int result = sqlite3_close(database);
    g_assert(result == SQLITE_OK);
}

/* A file system that cannot have it answers with another mode. The answer comes before the change is committed, which
 * may fail: the connection would go on with the mode that the file has. */
bool sql_use_wal(SqlDatabase *database, GError **error)
{
    static const char *const sql = "PRAGMA journal_mode = WAL";
    SqlStatement *statement = NULL;
    bool row = false;
    bool more = false;
    bool good = sql_prepare(database, &sql, &statement, 1, error) && sql_step(statement, &row, error);
    bool has_wal = row && strcmp(sql_text(statement, 0), "wal") == 0;
    if (good && !has_wal)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the database %s cannot have a write-ahead log on its file system",
                    sqlite3_db_filename(database, "main"));
    good = good && has_wal && sql_step(statement, &more, error);
    sql_finalize(&statement, 1);
    return good;
}

/* A VFS that cannot tell says nothing. */
bool sql_is_in_place(SqlDatabase *database)
{
    int moved = 0;
    int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return result != SQLITE_OK || moved == 0;
}

bool sql_check_pages(SqlDatabase *database, GError **error)
{
    static const char *const sql = "PRAGMA quick_check(1)";
    SqlStatement *check = NULL;
    bool row = false;
    bool good = sql_prepare(database, &sql, &check, 1, error) && sql_step(check, &row, error);
    if (good && row && strcmp(sql_text(check, 0), "ok") != 0) {
        g_autofree char *what = g_strdelimit(g_strdup(sql_text(check, 0)), "\n", ' ');
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the database %s is damaged: %s",
                    sqlite3_db_filename(database, "main"), what);
        good = false;
    }
    sql_finalize(&check, 1);
    return good;
}

bool sql_checkpoint(SqlDatabase *database, GError **error)
{
    int result = sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY || sql_fail(database, error);
}

bool sql_checkpoint_all(SqlDatabase *database, GError **error)
{
    int result = sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL);
    return result == SQLITE_OK || sql_fail(database, error);
}

bool sql_run(SqlDatabase *database, const char *sql, GError **error)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return sql_fail(database, error);
}

bool sql_number(SqlDatabase *database, const char *sql, int64_t *ret_number, GError **error)
{
    SqlStatement *statement = NULL;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return sql_fail(database, error);
    bool good = sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *ret_number = sqlite3_column_int64(statement, 0);
    else
        sql_fail(database, error);
    sql_finalize(&statement, 1);
    return good;
}

bool sql_prepare(SqlDatabase *database, const char *const *sql, SqlStatement **statements, size_t count,
                 GError **error)
{
    for (size_t i = 0; i < count; i++) {
        if (sqlite3_prepare_v3(database, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) !=
            SQLITE_OK)
            return sql_fail(database, error);
    }
    return true;
}

void sql_finalize(SqlStatement **statements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sqlite3_finalize(statements[i]); /* repeats the error of the last step, if any */
        statements[i] = NULL;
    }
}

/* Binding fails for a wrong index or when memory ends, neither of which is an event to report. */
static void check_bound(int result)
{
    if (result != SQLITE_OK)
        g_error("SQLite: %s", sqlite3_errstr(result));
}

void sql_bind_number(SqlStatement *statement, int index, int64_t number)
{
    check_bound(sqlite3_bind_int64(statement, index, number));
}

void sql_bind_text(SqlStatement *statement, int index, const char *text)
{
    check_bound(sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC));
}

void sql_bind_bytes(SqlStatement *statement, int index, GBytes *bytes)
{
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    check_bound(sqlite3_bind_blob64(statement, index, data ? data : "", size, SQLITE_STATIC));
}

bool sql_step(SqlStatement *statement, bool *ret_row, GError **error)
{
    int result = sqlite3_step(statement);
    *ret_row = result == SQLITE_ROW;
    if (result == SQLITE_ROW || result == SQLITE_DONE)
        return true;
    return sql_fail(sqlite3_db_handle(statement), error);
}

bool sql_execute(SqlStatement *statement, GError **error)
{
    bool row = false;
    bool good = sql_step(statement, &row, error);
    sql_done(statement);
    return good;
}

void sql_done(SqlStatement *statement)
{
    sqlite3_reset(statement); /* repeats the error of the last step, if any */
    sqlite3_clear_bindings(statement);
}

const char *sql_text(SqlStatement *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

GBytes *sql_bytes(SqlStatement *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    return g_bytes_new(data, (size_t)sqlite3_column_bytes(statement, column));
}
