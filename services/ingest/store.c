/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store.h"

#include "common/error.h"
#include "common/lock_file.h"
#include "ingest/database.h"

/* Pages in the log from which on a checkpoint is worth its syncs: 4 MB. */
#define CHECKPOINT_PAGES 1000

#define SELECT_FIND                                                                                          \
    "SELECT r.statement, o.position, s.published_revision, s.bus_topic, s.bus_partition, s.bus_offset"       \
    " FROM statements s JOIN revisions r USING (sequence) LEFT JOIN outbox o USING (sequence) WHERE s.id = " \
    "?1"

typedef enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_PROBE,
    SQL_FIND,
    SQL_REVISION,
    SQL_ADD_REVISION,
    SQL_SET_LATEST,
    SQL_ADD_OUTBOX,
    SQL_OUTBOX_READ,
    SQL_SET_PUBLISHED,
    SQL_OUTBOX_CLEAR,
    SQL_OUTBOX_OLDEST,
    SQL_COUNT,
    SQL_REFILL,
    SQL_COUNT_OF,
} Sql;

static const char *const texts[SQL_COUNT_OF] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    /* Written even when it is the same. */
    [SQL_PROBE] = "PRAGMA user_version = " G_STRINGIFY(DATABASE_SCHEMA_VERSION),
    [SQL_FIND] = SELECT_FIND,
    [SQL_REVISION] = "SELECT statement FROM revisions WHERE id = ?1 AND revision = ?2",
    [SQL_ADD_REVISION] =
        "INSERT INTO revisions (id, revision, accepted_at, statement) VALUES (?1, ?2, ?3, ?4)",
    [SQL_SET_LATEST] = "INSERT INTO statements (id, sequence) VALUES (?1, ?2)"
                       " ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence",
    [SQL_ADD_OUTBOX] = "INSERT INTO outbox (sequence) VALUES (?1)",
    [SQL_OUTBOX_READ] = "SELECT o.position, r.statement FROM outbox o JOIN revisions r USING (sequence)"
                        " WHERE o.position > ?1 ORDER BY o.position LIMIT ?2",
    /* A row that is sent again (after a crash, or to fill an empty topic) is newer than what is noted. */
    [SQL_SET_PUBLISHED] =
        "UPDATE statements SET published_revision = r.revision, bus_topic = ?2, bus_partition = ?3,"
        " bus_offset = ?4 FROM outbox o JOIN revisions r ON r.sequence = o.sequence"
        " WHERE o.position = ?1 AND statements.id = r.id"
        " AND statements.published_revision <= r.revision",
    [SQL_OUTBOX_CLEAR] = "DELETE FROM outbox WHERE position = ?1",
    [SQL_OUTBOX_OLDEST] =
        "SELECT r.accepted_at FROM outbox o JOIN revisions r USING (sequence) ORDER BY o.position LIMIT 1",
    [SQL_COUNT] =
        "SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM statements WHERE sequence NOT IN"
        " (SELECT sequence FROM outbox)), (SELECT count(*) FROM outbox)",
    [SQL_REFILL] =
        "INSERT OR IGNORE INTO outbox (sequence) SELECT sequence FROM statements ORDER BY sequence",
};

struct Store {
    SqlDatabase *database;
    int lock; /* of lock_file.h */
    SqlStatement *statements[SQL_COUNT_OF];
    int log_pages; /* in the write-ahead log after the last commit */
};

struct StoreReader {
    SqlDatabase *database;
    SqlStatement *find;
};

void stored_statement_clear(StoredStatement *stored)
{
    statement_free(stored->latest);
    g_free(stored->published.topic);
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
    if (!take_lock(store, path, error))
        return false;
    store->database = database_open(path, true, error);
    if (store->database == NULL)
        return false;
    sqlite3_wal_hook(store->database, on_commit, store);
    return sql_prepare(store->database, texts, store->statements, SQL_COUNT_OF, error);
}

Store *store_open(const char *path, GError **error)
{
    Store *store = g_new0(Store, 1);

    store->lock = -1;
    if (open_parts(store, path, error))
        return store;
    store_close(store);
    return NULL;
}

void store_close(Store *store)
{
    if (store == NULL)
        return;
    sql_finalize(store->statements, SQL_COUNT_OF);
    sql_close(store->database);
    lock_file_release(store->lock);
    g_free(store);
}

/* ---- transactions ---- */

bool store_check_place(Store *store, GError **error)
{
    if (sql_is_in_place(store->database))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                "the database %s was deleted or replaced while in use: put it back, or restart the service",
                sqlite3_db_filename(store->database, "main"));
    return false;
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

static Statement *column_statement(SqlStatement *row, int column, GError **error)
{
    const void *data = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    g_autoptr(GError) reason = NULL;
    Statement *statement = statement_unpack(data, size, &reason);

    if (statement == NULL)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "a stored statement is damaged: %s",
                    reason->message);
    return statement;
}

static bool find(SqlStatement *query, const char *id, StoredStatement *ret_stored, GError **error)
{
    StoredStatement stored = {0};
    bool row = false;

    sql_bind_text(query, 1, id);
    if (sql_step(query, &row, error) && !row)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "there is no statement with the id %s",
                    id);
    if (row)
        stored.latest = column_statement(query, 0, error);
    if (stored.latest != NULL) {
        stored.position = sqlite3_column_int64(query, 1);
        stored.published = (StorePublished){.revision = (uint32_t)sqlite3_column_int64(query, 2),
                                            .topic = g_strdup(sql_text(query, 3)),
                                            .partition = sqlite3_column_int(query, 4),
                                            .offset = sqlite3_column_int64(query, 5)};
        *ret_stored = stored;
    }
    sql_done(query);
    return stored.latest != NULL;
}

bool store_find(Store *store, const char *id, StoredStatement *ret_stored, GError **error)
{
    return find(store->statements[SQL_FIND], id, ret_stored, error);
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
        statement = column_statement(query, 0, error);
    sql_done(query);
    return statement;
}

bool store_count(Store *store, StoreCounts *ret_counts, GError **error)
{
    SqlStatement *query = store->statements[SQL_COUNT];
    bool row = false;
    bool good = sql_step(query, &row, error);

    if (row)
        *ret_counts = (StoreCounts){.statements = sqlite3_column_int64(query, 0),
                                    .settled = sqlite3_column_int64(query, 1),
                                    .outbox = sqlite3_column_int64(query, 2)};
    sql_done(query);
    return good;
}

bool store_outbox_oldest(Store *store, Instant *ret_oldest, GError **error)
{
    SqlStatement *query = store->statements[SQL_OUTBOX_OLDEST];
    bool row = false;
    bool good = sql_step(query, &row, error);

    if (good)
        *ret_oldest = row ? sqlite3_column_int64(query, 0) : 0;
    sql_done(query);
    return good;
}

void outbox_row_clear(OutboxRow *row)
{
    statement_free(row->statement);
    row->statement = NULL;
}

bool store_outbox_read(Store *store, int64_t after, unsigned max, GArray *rows, GError **error)
{
    SqlStatement *query = store->statements[SQL_OUTBOX_READ];
    bool row = false;
    bool good = true;

    sql_bind_number(query, 1, after);
    sql_bind_number(query, 2, max);
    while (good && (good = sql_step(query, &row, error)) && row) {
        OutboxRow next = {.position = sqlite3_column_int64(query, 0),
                          .statement = column_statement(query, 1, error)};
        good = next.statement != NULL;
        if (good)
            g_array_append_val(rows, next);
    }
    sql_done(query);
    return good;
}

/* ---- writing ---- */

static bool add_revision(Store *store, const Statement *revision, int64_t *ret_sequence, GError **error)
{
    g_autoptr(GBytes) packed = statement_pack(revision);
    SqlStatement *add = store->statements[SQL_ADD_REVISION];

    sql_bind_text(add, 1, revision->id);
    sql_bind_number(add, 2, revision->revision);
    sql_bind_number(add, 3, instant_from_timestamp(revision->updated_at));
    sql_bind_bytes(add, 4, packed);
    if (!sql_execute(add, error))
        return false;
    *ret_sequence = sqlite3_last_insert_rowid(store->database);
    return true;
}

bool store_add(Store *store, const Statement *revision, int64_t *ret_position, GError **error)
{
    SqlStatement *set_latest = store->statements[SQL_SET_LATEST];
    SqlStatement *add_outbox = store->statements[SQL_ADD_OUTBOX];
    int64_t sequence = 0;

    if (!add_revision(store, revision, &sequence, error))
        return false;
    sql_bind_text(set_latest, 1, revision->id);
    sql_bind_number(set_latest, 2, sequence);
    sql_bind_number(add_outbox, 1, sequence);
    if (!sql_execute(set_latest, error) || !sql_execute(add_outbox, error))
        return false;
    *ret_position = sqlite3_last_insert_rowid(store->database);
    return true;
}

bool store_outbox_clear(Store *store, int64_t position, const char *topic, int32_t partition, int64_t offset,
                        GError **error)
{
    SqlStatement *set_published = store->statements[SQL_SET_PUBLISHED];
    SqlStatement *clear = store->statements[SQL_OUTBOX_CLEAR];

    sql_bind_number(set_published, 1, position);
    sql_bind_text(set_published, 2, topic);
    sql_bind_number(set_published, 3, partition);
    sql_bind_number(set_published, 4, offset);
    sql_bind_number(clear, 1, position);
    return sql_execute(set_published, error) && sql_execute(clear, error);
}

bool store_refill(Store *store, GError **error)
{
    return sql_execute(store->statements[SQL_REFILL], error);
}

bool store_checkpoint(Store *store, GError **error)
{
    if (store->log_pages < CHECKPOINT_PAGES)
        return true;
    store->log_pages = 0; /* the next commit tells */
    return sql_checkpoint(store->database, error);
}

/* ---- the reader ---- */

StoreReader *store_reader_open(const char *path, GError **error)
{
    static const char *const text = SELECT_FIND;
    StoreReader *reader = g_new0(StoreReader, 1);

    reader->database = database_open(path, false, error);
    if (reader->database != NULL && sql_prepare(reader->database, &text, &reader->find, 1, error))
        return reader;
    store_reader_close(reader);
    return NULL;
}

void store_reader_close(StoreReader *reader)
{
    if (reader == NULL)
        return;
    sql_finalize(&reader->find, 1);
    sql_close(reader->database);
    g_free(reader);
}

bool store_reader_find(StoreReader *reader, const char *id, StoredStatement *ret_stored, GError **error)
{
    return find(reader->find, id, ret_stored, error);
}
