/* SPDX-License-Identifier: Apache-2.0 */
/* Write-ahead log with synchronous=FULL: a commit is on the disk when it returns, a kill or a power cut takes
 * nothing back. SQLite up to 3.51.2 can damage a file when several connections write or checkpoint it (the
 * "WAL-reset" bug), so exactly one does: no automatic checkpoints, none at closing, and readers are opened
 * read-only. */
#include "ingest/database.h"

#include "common/error.h"

/* "DWin" */
#define APPLICATION_ID 0x4457696e
#define BUSY_MS        5000

/* Version n is reached from n - 1 by running schema[n]. What has been released is never changed.
 *
 * revisions.sequence is the order in which everything was accepted; the outbox refers to it. Statements have
 * only what is asked for by id. */
static const char *const schema[DATABASE_SCHEMA_VERSION + 1] = {
    [1] = "CREATE TABLE revisions ("
          "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
          "  id TEXT NOT NULL,"
          "  revision INTEGER NOT NULL CHECK (revision > 0),"
          "  accepted_at INTEGER NOT NULL," /* an Instant */
          "  statement BLOB NOT NULL,"      /* daywire.v1.Statement */
          "  UNIQUE (id, revision)"
          ") STRICT;"
          "CREATE TABLE statements ("
          "  id TEXT PRIMARY KEY,"
          "  sequence INTEGER NOT NULL REFERENCES revisions," /* of the latest revision */
          "  published_revision INTEGER NOT NULL DEFAULT 0,"
          "  bus_topic TEXT NOT NULL DEFAULT '',"
          "  bus_partition INTEGER NOT NULL DEFAULT -1,"
          "  bus_offset INTEGER NOT NULL DEFAULT -1"
          ") STRICT, WITHOUT ROWID;"
          "CREATE TABLE outbox ("
          "  position INTEGER PRIMARY KEY AUTOINCREMENT,"
          "  sequence INTEGER NOT NULL UNIQUE REFERENCES revisions"
          ") STRICT;",
};

bool database_error(sqlite3 *database, int code, GError **error)
{
    int primary = code & 0xff;
    bool passes = primary == SQLITE_FULL || primary == SQLITE_IOERR || primary == SQLITE_BUSY ||
                  primary == SQLITE_LOCKED || primary == SQLITE_NOMEM || primary == SQLITE_CANTOPEN ||
                  primary == SQLITE_READONLY;

    g_set_error(error, DAYWIRE_ERROR, (int)(passes ? DAYWIRE_ERROR_UNAVAILABLE : DAYWIRE_ERROR_FAILED),
                "the database failed: %s (SQLite %d)",
                database != NULL ? sqlite3_errmsg(database) : sqlite3_errstr(code), code);
    return false;
}

bool database_run(sqlite3 *database, const char *sql, GError **error)
{
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);

    return code == SQLITE_OK || database_error(database, code, error);
}

sqlite3_stmt *database_prepare(sqlite3 *database, const char *sql, GError **error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

    if (code != SQLITE_OK)
        database_error(database, code, error);
    return statement;
}

int database_step(sqlite3_stmt *statement, GError **error)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        database_error(sqlite3_db_handle(statement), code, error);
    return code;
}

static int bind_bytes(sqlite3_stmt *statement, int index, GBytes *bytes)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);

    return sqlite3_bind_blob64(statement, index, data, size, SQLITE_STATIC);
}

bool database_bind(sqlite3_stmt *statement, GError **error, const char *types, ...)
{
    int code = SQLITE_OK;
    va_list values;

    va_start(values, types);
    for (int index = 1; types[index - 1] != '\0' && code == SQLITE_OK; index++) {
        switch (types[index - 1]) {
        case 'i':
            code = sqlite3_bind_int64(statement, index, va_arg(values, int64_t));
            break;
        case 't':
            code = sqlite3_bind_text(statement, index, va_arg(values, const char *), -1, SQLITE_STATIC);
            break;
        case 'b':
            code = bind_bytes(statement, index, va_arg(values, GBytes *));
            break;
        default:
            g_assert_not_reached();
        }
    }
    va_end(values);
    return code == SQLITE_OK || database_error(sqlite3_db_handle(statement), code, error);
}

void database_reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement); /* repeats the error of the step, which is known already */
    sqlite3_clear_bindings(statement);
}

bool database_step_done(sqlite3_stmt *statement, GError **error)
{
    int code = database_step(statement, error);

    database_reset(statement);
    return code == SQLITE_DONE;
}

static bool read_number(sqlite3 *database, const char *sql, int64_t *ret_number, GError **error)
{
    sqlite3_stmt *statement = database_prepare(database, sql, error);

    if (statement == NULL)
        return false;
    bool read = database_step(statement, error) == SQLITE_ROW;
    if (read)
        *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return read;
}

static bool write_schema(sqlite3 *database, int64_t from, GError **error)
{
    for (int64_t version = from + 1; version <= DATABASE_SCHEMA_VERSION; version++) {
        g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;",
                                                APPLICATION_ID, (int)version);
        if (!database_run(database, "BEGIN IMMEDIATE", error) ||
            !database_run(database, schema[version], error) || !database_run(database, mark, error) ||
            !database_run(database, "COMMIT", error))
            return false;
    }
    return true;
}

static bool check_schema(sqlite3 *database, const char *path, bool writing, GError **error)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;

    if (!read_number(database, "PRAGMA application_id", &application, error) ||
        !read_number(database, "PRAGMA user_version", &version, error) ||
        !read_number(database, "SELECT count(*) FROM sqlite_schema", &tables, error))
        return false;
    if (application != APPLICATION_ID && !(application == 0 && tables == 0 && writing)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s is not a database of daywire-ingest",
                    path);
        return false;
    }
    if (version > DATABASE_SCHEMA_VERSION) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "%s was written by a newer Daywire (schema %d, this one knows %d)", path, (int)version,
                    DATABASE_SCHEMA_VERSION);
        return false;
    }
    return !writing || write_schema(database, version, error);
}

/* The mode is kept in the file; a file system that cannot have it answers with another one. */
static bool set_wal_mode(sqlite3 *database, GError **error)
{
    sqlite3_stmt *statement = database_prepare(database, "PRAGMA journal_mode = WAL", error);

    if (statement == NULL)
        return false;
    int code = database_step(statement, error);
    bool set = code == SQLITE_ROW && g_strcmp0((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    if (code == SQLITE_ROW && !set)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the database cannot have a write-ahead log on this file system");
    sqlite3_finalize(statement);
    return set;
}

static bool set_up(sqlite3 *database, bool writing, GError **error)
{
    int code = sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(database, BUSY_MS);
    if (code != SQLITE_OK)
        return database_error(database, code, error);
    if (!database_run(database, "PRAGMA wal_autocheckpoint = 0", error))
        return false;
    if (!writing)
        return database_run(database, "PRAGMA query_only = ON", error);
    return set_wal_mode(database, error) &&
           database_run(database,
                        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
                        error);
}

sqlite3 *database_open(const char *path, bool writing, GError **error)
{
    sqlite3 *database = NULL;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int code = sqlite3_open_v2(path, &database, flags, NULL);

    if (code != SQLITE_OK)
        database_error(database, code, error);
    if (code == SQLITE_OK && set_up(database, writing, error) && check_schema(database, path, writing, error))
        return database;
    g_prefix_error(error, "%s: ", path);
    database_close(database);
    return NULL;
}

void database_close(sqlite3 *database)
{
    if (database != NULL)
        sqlite3_close(database);
}
