/* SPDX-License-Identifier: Apache-2.0 */
/* The view can always be made anew from the bus, and that decides much: a file of another version is not
 * converted, but set aside as a damaged one is; synchronous=NORMAL is enough, since after a power cut the
 * file is whole, only older, and its offsets with it. */
#include "gateway/view_schema.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "common/error.h"
#include "common/log.h"

#define APPLICATION_ID 1147631446 /* "DgwV" */
#define VERSION        2

/* What a record did last: (partition_index, record_offset) is where it lies, `sequence` the order in which
 * this replica applied it. */
static const char create[] =
    "BEGIN IMMEDIATE;"
    /* The one row that says what state this is. */
    "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT, log_next INTEGER NOT NULL,"
    "  sequence INTEGER NOT NULL) STRICT;"
    "INSERT INTO state VALUES (1, NULL, 1, 0);"
    "CREATE TABLE statement (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,"
    "  partition_index INTEGER NOT NULL, record_offset INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    "  withdrawn INTEGER NOT NULL, moment INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,"
    "  language TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
    "CREATE INDEX statement_newest ON statement (moment DESC, id);"
    "CREATE UNIQUE INDEX statement_sequence ON statement (sequence, partition_index, record_offset);"
    "CREATE INDEX statement_record ON statement (partition_index, record_offset, sequence);"
    "CREATE TABLE tag (statement INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (statement, tag))"
    "  STRICT, WITHOUT ROWID;"
    /* A removed counter stays as a row without data, for those who come back. */
    "CREATE TABLE counter (counter TEXT NOT NULL PRIMARY KEY, date TEXT NOT NULL, revision INTEGER NOT NULL,"
    "  partition_index INTEGER NOT NULL, record_offset INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    "  removed INTEGER NOT NULL, list_group TEXT NOT NULL, list_order INTEGER NOT NULL, data BLOB NOT NULL)"
    "  STRICT;"
    "CREATE UNIQUE INDEX counter_sequence ON counter (sequence, partition_index, record_offset);"
    "CREATE INDEX counter_record ON counter (partition_index, record_offset, sequence);"
    /* Of the newest records: when they were written, and whether they told something new. */
    "CREATE TABLE record (partition_index INTEGER NOT NULL, record_offset INTEGER NOT NULL, stamp INTEGER "
    "NOT "
    "NULL,"
    "  news INTEGER NOT NULL,"
    "  PRIMARY KEY (partition_index, record_offset)) STRICT, WITHOUT ROWID;"
    "CREATE VIRTUAL TABLE search USING fts5(title, summary, body, author, place,"
    "  tokenize = 'unicode61 remove_diacritics 2');"
    "PRAGMA application_id = " G_STRINGIFY(APPLICATION_ID) ";"
                                                           "PRAGMA user_version = " G_STRINGIFY(
                                                               VERSION) ";"
                                                                        "COMMIT";

const char view_schema_clear[] =
    "DELETE FROM statement; DELETE FROM tag; DELETE FROM counter; DELETE FROM record;"
    "DELETE FROM search; UPDATE state SET cursor = NULL";

static const char writer_settings[] = "PRAGMA synchronous = NORMAL;"
                                      "PRAGMA journal_size_limit = 16777216;"
                                      "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY";

typedef enum {
    FILE_GOOD,
    FILE_EMPTY,
    FILE_OLD, /* of another version of Daywire */
} FileState;

/* INVALID: not ours. LOST: damaged. */
static bool inspect(SqlDatabase *database, const char *path, FileState *ret_state, GError **error)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    if (!sql_number(database, "PRAGMA application_id", &application, error) ||
        !sql_number(database, "PRAGMA user_version", &version, error) ||
        !sql_number(database, "SELECT count(*) FROM sqlite_schema", &tables, error))
        return false;
    if (application != APPLICATION_ID && tables > 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s is a database, but no view of a gateway; name another file in [gateway] database",
                    path);
        return false;
    }
    *ret_state = tables == 0 ? FILE_EMPTY : version == VERSION ? FILE_GOOD : FILE_OLD;
    return true;
}

/* NULL with LOST when the file has to be made anew. */
static SqlDatabase *try_open(const char *path, GError **error)
{
    SqlDatabase *database = sql_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
    if (!database)
        return NULL;
    FileState state = FILE_GOOD;
    bool good = inspect(database, path, &state, error) && sql_use_wal(database, error) &&
                sql_run(database, writer_settings, error);
    if (good && state == FILE_EMPTY)
        good = sql_run(database, create, error);
    else if (good && state == FILE_OLD) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the view %s is of another version", path);
        good = false;
    } else if (good && !sql_check_pages(database, error)) {
        g_prefix_error(error, "view: "); /* else it reads as if ingest's were meant */
        good = false;
    }
    if (good)
        return database;
    sql_close(database);
    return NULL;
}

void view_schema_set_aside(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm"};
    g_autofree char *aside = g_strconcat(path, ".damaged", NULL);
    if (g_rename(path, aside) != 0 && errno != ENOENT)
        log_warning("file cannot be moved", LOG_STR("file", path), LOG_STR("error", g_strerror(errno)));
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat(path, endings[i], NULL);
        if (g_unlink(name) != 0 && errno != ENOENT)
            log_warning("file cannot be removed", LOG_STR("file", name), LOG_STR("error", g_strerror(errno)));
    }
}

SqlDatabase *view_schema_open(const char *path, GError **error)
{
    g_autoptr(GError) reason = NULL;
    SqlDatabase *database = try_open(path, &reason);
    if (database)
        return database;
    if (!g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST)) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return NULL;
    }
    log_warning("view is made anew from the bus", LOG_STR("file", path), LOG_ERROR(reason));
    view_schema_set_aside(path);
    return try_open(path, error);
}

SqlDatabase *view_schema_open_reader(const char *path, GError **error)
{
    SqlDatabase *database = sql_open(path, SQLITE_OPEN_READONLY, error);
    if (!database)
        return NULL;
    FileState state = FILE_EMPTY;
    if (inspect(database, path, &state, error)) {
        if (state == FILE_GOOD)
            return database;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the view %s has not been made yet",
                    path);
    }
    sql_close(database);
    return NULL;
}
