/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/view_sql.h"

#include "common/error.h"

/* Only while a file is being recovered or made: readers and the writer do not wait for each other. */
#define BUSY_MS 2000

static DaywireErrorCode error_code(int result)
{
    switch (result) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return DAYWIRE_ERROR_UNAVAILABLE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DAYWIRE_ERROR_LOST;
    default:
        return DAYWIRE_ERROR_FAILED;
    }
}

bool view_sql_fail(ViewDatabase *database, const char *doing, GError **error)
{
    int result = sqlite3_errcode(database);
    const char *path = sqlite3_db_filename(database, "main");
    g_set_error(error, DAYWIRE_ERROR, (int)error_code(result & 0xff), "the view %s: %s: %s", path ? path : "",
                doing, sqlite3_errmsg(database));
    return false;
}

ViewDatabase *view_sql_open(const char *path, int flags, GError **error)
{
    ViewDatabase *database = NULL;
    int result = sqlite3_open_v2(path, &database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    g_assert(database); /* NULL only when memory ends */
    if (result != SQLITE_OK || sqlite3_busy_timeout(database, BUSY_MS) != SQLITE_OK ||
        sqlite3_wal_autocheckpoint(database, 0) != SQLITE_OK ||
        sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK) {
        g_set_error(error, DAYWIRE_ERROR, (int)error_code(result & 0xff), "the view %s cannot be opened: %s",
                    path, sqlite3_errmsg(database));
        view_sql_close(database);
        return NULL;
    }
    return database;
}

/* Fails while statements are not finalized: a fault of ours. */
void view_sql_close(ViewDatabase *database)
{
    int result = sqlite3_close(database);
    g_assert(result == SQLITE_OK);
}

bool view_sql_run(ViewDatabase *database, const char *sql, GError **error)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return view_sql_fail(database, "cannot be used", error);
}

bool view_sql_number(ViewDatabase *database, const char *sql, int64_t *ret_number, GError **error)
{
    ViewSql *statement = NULL;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return view_sql_fail(database, "cannot be read", error);
    bool good = sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *ret_number = sqlite3_column_int64(statement, 0);
    else
        view_sql_fail(database, "cannot be read", error);
    view_sql_finalize(&statement, 1);
    return good;
}

bool view_sql_prepare(ViewDatabase *database, const char *const *sql, ViewSql **statements, size_t count,
                      GError **error)
{
    for (size_t i = 0; i < count; i++) {
        if (sqlite3_prepare_v3(database, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) !=
            SQLITE_OK)
            return view_sql_fail(database, "cannot be used", error);
    }
    return true;
}

void view_sql_finalize(ViewSql **statements, size_t count)
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

void view_sql_bind_number(ViewSql *statement, int index, int64_t number)
{
    check_bound(sqlite3_bind_int64(statement, index, number));
}

void view_sql_bind_text(ViewSql *statement, int index, const char *text)
{
    check_bound(sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC));
}

void view_sql_bind_bytes(ViewSql *statement, int index, GBytes *bytes)
{
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    check_bound(sqlite3_bind_blob64(statement, index, data ? data : "", size, SQLITE_STATIC));
}

bool view_sql_step(ViewSql *statement, bool *ret_row, GError **error)
{
    int result = sqlite3_step(statement);
    *ret_row = result == SQLITE_ROW;
    if (result == SQLITE_ROW || result == SQLITE_DONE)
        return true;
    return view_sql_fail(sqlite3_db_handle(statement), "cannot be used", error);
}

bool view_sql_execute(ViewSql *statement, GError **error)
{
    bool row = false;
    bool good = view_sql_step(statement, &row, error);
    view_sql_done(statement);
    return good;
}

void view_sql_done(ViewSql *statement)
{
    sqlite3_reset(statement); /* repeats the error of the last step, if any */
    sqlite3_clear_bindings(statement);
}

const char *view_sql_text(ViewSql *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}
