/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/parts.h"

#include "common/error.h"
#include "common/lock_file.h"
#include "common/sqlite/renew_log.h"
#include "ingest/store/database.h"

/* Pages in the log from which on a checkpoint is worth its syncs: 16 MB. Each writes a page once, however often it has
 * changed. */
#define CHECKPOINT_PAGES 4000

/* One row for an id with a latest revision, or something scheduled, or both; else none. */
#define SELECT_FIND                                                                                          \
    "SELECT r.statement, o.sequence, s.published_revision, s.bus_topic, s.bus_partition, s.bus_offset,"      \
    " c.version, c.kind, c.id_derived, c.submitter, c.statement"                                             \
    " FROM (SELECT ?1 AS id) wanted LEFT JOIN statements s ON s.id = wanted.id"                              \
    " LEFT JOIN revisions r ON r.sequence = s.sequence LEFT JOIN outbox o ON o.sequence = s.sequence"        \
    " LEFT JOIN schedule c ON c.id = wanted.id WHERE s.id IS NOT NULL OR c.id IS NOT NULL"

const char *const store_find_sql = SELECT_FIND;

static const char *const texts[SQL_STATEMENTS_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    /* Written even when it is the same. */
    [SQL_PROBE] = "PRAGMA user_version = " G_STRINGIFY(DATABASE_SCHEMA_VERSION),
    [SQL_FIND] = SELECT_FIND,
    [SQL_REVISION] = "SELECT statement FROM revisions WHERE id = ?1 AND revision = ?2",
    [SQL_ADD_REVISION] = "INSERT INTO revisions (id, revision, accepted_at, statement, submitter)"
                         " VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_SET_LATEST] =
        "INSERT INTO statements (id, sequence, expires_at) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, expires_at = excluded.expires_at",
    [SQL_ADD_OUTBOX] = "INSERT INTO outbox (sequence) VALUES (?1)",
};

void stored_schedule_clear(StoredSchedule *schedule)
{
    submission_clear(&schedule->submission);
    *schedule = (StoredSchedule){0};
}

bool stored_statement_exists(const StoredStatement *stored)
{
    return stored->latest != NULL || stored->schedule.version != 0;
}

void stored_statement_clear(StoredStatement *stored)
{
    statement_free(stored->latest);
    g_free(stored->published.topic);
    stored_schedule_clear(&stored->schedule);
    *stored = (StoredStatement){0};
}

/* ---- opening ---- */

/* SQLite's own locks would let a second service write in turns with the first, and checkpoint. */
static bool take_lock(Store *store, const char *path, GError **error)
{
    g_autofree char *lock_path = g_strconcat(path, "-lock", NULL);
    LockFileState state = lock_file_take(lock_path, &store->lock, error);

    if (state == LOCK_FILE_HELD)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT, "%s is used by another daywire-ingest",
                    path);
    return state == LOCK_FILE_TAKEN;
}

static int on_commit(void *user, SqlDatabase *database, const char *name, int pages)
{
    Store *store = user;

    (void)database;
    (void)name;
    store->log_pages = pages;
    return SQLITE_OK;
}

static bool open_parts(Store *store, const char *path, GError **error)
{
    if (!take_lock(store, path, error) || !sql_renew_log(path, error))
        return false;
    store->database = database_open(path, true, error);
    if (store->database == NULL)
        return false;
    store->files = database_files_new(path);
    sqlite3_wal_hook(store->database, on_commit, store);
    return sql_prepare(store->database, texts, store->statements, SQL_STATEMENTS_COUNT, error) &&
           sql_prepare(store->database, store_outbox_sql, store->outbox, SQL_OUTBOX_COUNT, error) &&
           sql_prepare(store->database, store_schedule_sql, store->schedule, SQL_SCHEDULE_COUNT, error) &&
           sql_prepare(store->database, store_feeds_sql, store->feeds, SQL_FEEDS_COUNT, error);
}

Store *store_open(const char *path, GError **error)
{
    Store *store = g_new0(Store, 1);

    store->lock = -1;
    store->contents = contents_new(CONTENTS_MAX);
    if (open_parts(store, path, error))
        return store;
    store_close(store);
    return NULL;
}

void store_close(Store *store)
{
    if (store == NULL)
        return;
    sql_finalize(store->statements, SQL_STATEMENTS_COUNT);
    sql_finalize(store->outbox, SQL_OUTBOX_COUNT);
    sql_finalize(store->schedule, SQL_SCHEDULE_COUNT);
    sql_finalize(store->feeds, SQL_FEEDS_COUNT);
    /* Nobody finds any more what is only in a log that was deleted. */
    if (store->files.path != NULL)
        (void)!store_check_place(store, NULL);
    sql_close(store->database);
    lock_file_release(store->lock);
    database_files_clear(&store->files);
    contents_free(store->contents);
    g_free(store);
}

/* ---- transactions ---- */

bool store_check_place(Store *store, GError **error)
{
    return database_files_check(&store->files, store->database, error);
}

bool store_begin(Store *store, GError **error)
{
    return store_check_place(store, error) && sql_execute(store->statements[SQL_BEGIN], error);
}

bool store_commit(Store *store, GError **error)
{
    if (sql_execute(store->statements[SQL_COMMIT], error))
        return true;
    store_rollback(store);
    return false;
}

void store_rollback(Store *store)
{
    contents_clear(store->contents);
    /* After some errors SQLite has done it already; and there is nothing to do about one in here. */
    if (!sqlite3_get_autocommit(store->database))
        (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
}

bool store_probe(Store *store, GError **error)
{
    if (!store_begin(store, error))
        return false;
    if (sql_execute(store->statements[SQL_PROBE], error))
        return store_commit(store, error);
    store_rollback(store);
    return false;
}

/* ---- reading ---- */

Statement *store_column_statement(SqlStatement *row, int column, GError **error)
{
    const void *data = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    g_autoptr(GError) reason = NULL;
    Statement *statement = statement_unpack(data, size, &reason);

    if (statement == NULL)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED, "a stored statement is damaged: %s",
                    reason->message);
    return statement;
}

/* The columns of store_find_sql. */
static bool read_found(SqlStatement *row, StoredStatement *stored, GError **error)
{
    enum {
        STATEMENT,
        POSITION,
        REVISION,
        TOPIC,
        PARTITION,
        OFFSET,
        VERSION,
        KIND,
        DERIVED,
        SUBMITTER,
        SCHEDULED
    };

    if (sqlite3_column_type(row, STATEMENT) != SQLITE_NULL) {
        stored->latest = store_column_statement(row, STATEMENT, error);
        if (stored->latest == NULL)
            return false;
        stored->position = sqlite3_column_int64(row, POSITION);
        stored->published = (StorePublished){.revision = (uint32_t)sqlite3_column_int64(row, REVISION),
                                             .topic = g_strdup(sql_text(row, TOPIC)),
                                             .partition = sqlite3_column_int(row, PARTITION),
                                             .offset = sqlite3_column_int64(row, OFFSET)};
    }
    if (sqlite3_column_type(row, SCHEDULED) == SQLITE_NULL)
        return true;
    Statement *scheduled = store_column_statement(row, SCHEDULED, error);
    stored->schedule = (StoredSchedule){
        .version = sqlite3_column_int64(row, VERSION),
        .submission = {.kind = (SubmissionKind)sqlite3_column_int(row, KIND),
                       .statement = scheduled,
                       .id_derived = sqlite3_column_int(row, DERIVED) != 0,
                       .submitter = g_strdup(sql_text(row, SUBMITTER))},
    };
    return scheduled != NULL;
}

bool store_run_find(SqlStatement *query, const char *id, StoredStatement *ret_stored, GError **error)
{
    g_auto(StoredStatement) stored = {0};
    bool row = false;

    sql_bind_text(query, 1, id);
    bool good = sql_step(query, &row, error) && (!row || read_found(query, &stored, error));
    sql_done(query);
    if (!good)
        return false;
    *ret_stored = stored;
    stored = (StoredStatement){0};
    return true;
}

bool store_find(Store *store, const char *id, StoredStatement *ret_stored, GError **error)
{
    return store_run_find(store->statements[SQL_FIND], id, ret_stored, error);
}

Statement *store_revision(Store *store, const char *id, uint32_t revision, GError **error)
{
    SqlStatement *query = store->statements[SQL_REVISION];
    Statement *statement = NULL;
    bool row = false;

    sql_bind_text(query, 1, id);
    sql_bind_number(query, 2, revision);
    if (sql_step(query, &row, error) && !row)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "%s has no revision %u", id, revision);
    if (row)
        statement = store_column_statement(query, 0, error);
    sql_done(query);
    return statement;
}

/* ---- writing ---- */

static bool add_revision(Store *store, const Statement *revision, GBytes *packed, const char *submitter,
                         int64_t *ret_sequence, GError **error)
{
    SqlStatement *add = store->statements[SQL_ADD_REVISION];

    sql_bind_text(add, 1, revision->id);
    sql_bind_number(add, 2, revision->revision);
    sql_bind_number(add, 3, instant_from_timestamp(revision->updated_at));
    sql_bind_bytes(add, 4, packed);
    sql_bind_text(add, 5, submitter != NULL ? submitter : "");
    if (!sql_execute(add, error))
        return false;
    *ret_sequence = sqlite3_last_insert_rowid(store->database);
    return true;
}

bool store_add(Store *store, const Statement *revision, const char *submitter, int64_t *ret_position,
               GBytes **ret_packed, GError **error)
{
    g_autoptr(GBytes) packed = statement_pack(revision);
    SqlStatement *set_latest = store->statements[SQL_SET_LATEST];
    SqlStatement *add_outbox = store->statements[SQL_ADD_OUTBOX];
    int64_t sequence = 0;

    if (!add_revision(store, revision, packed, submitter, &sequence, error))
        return false;
    sql_bind_text(set_latest, 1, revision->id);
    sql_bind_number(set_latest, 2, sequence);
    sql_bind_number(set_latest, 3, instant_from_timestamp(revision->expires_at));
    sql_bind_number(add_outbox, 1, sequence);
    if (!sql_execute(set_latest, error) || !sql_execute(add_outbox, error))
        return false;
    contents_add(store->contents, revision);
    *ret_position = sequence;
    if (ret_packed != NULL)
        *ret_packed = g_steal_pointer(&packed);
    return true;
}

bool store_checkpoint(Store *store, GError **error)
{
    if (store->log_pages < CHECKPOINT_PAGES)
        return true;
    store->log_pages = 0; /* the next commit tells */
    return sql_checkpoint(store->database, error);
}
