/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus_record.h"
#include "fake_bus.h"
#include "oracle_parts.h"

static void row_free(void *data)
{
    Row *row = data;
    g_free(row->event);
    g_free(row->submitter);
    g_bytes_unref(row->packed);
    statement_free(row->statement);
    g_free(row);
}

void oracle_query(Check *check, const char *sql, void (*each)(Check *check, sqlite3_stmt *row))
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(check->database, sql, -1, &statement, NULL);

    while (result == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        each(check, statement);
    if (sqlite3_finalize(statement) != SQLITE_OK || result != SQLITE_OK)
        oracle_complain(check->oracle, "%s: %s", sql, sqlite3_errmsg(check->database));
}

static void on_integrity(Check *check, sqlite3_stmt *row)
{
    const char *text = (const char *)sqlite3_column_text(row, 0);
    if (strcmp(text, "ok") != 0)
        oracle_complain(check->oracle, "integrity_check: %s", text);
}

static void on_foreign_key(Check *check, sqlite3_stmt *row)
{
    oracle_complain(check->oracle, "foreign_key_check: a row of %s",
                    (const char *)sqlite3_column_text(row, 0));
}

static void on_version(Check *check, sqlite3_stmt *row)
{
    check->version = sqlite3_column_int(row, 0);
}

static void on_revision(Check *check, sqlite3_stmt *columns)
{
    const void *data = sqlite3_column_blob(columns, 2);
    size_t size = (size_t)sqlite3_column_bytes(columns, 2);
    Statement *statement = statement_unpack(data, size, NULL);

    if (!statement) {
        oracle_complain(check->oracle, "a revision of %s cannot be decoded",
                        (const char *)sqlite3_column_text(columns, 0));
        return;
    }
    Row *row = g_new0(Row, 1);
    row->statement = statement;
    row->packed = g_bytes_new(data, size);
    row->event = g_strdup_printf("%s/%d", (const char *)sqlite3_column_text(columns, 0),
                                 sqlite3_column_int(columns, 1));
    row->position = sqlite3_column_int64(columns, 3);
    row->submitter = g_strdup((const char *)sqlite3_column_text(columns, 4));
    g_ptr_array_add(check->rows, row);
    g_hash_table_insert(check->found, row->event, row);
    g_hash_table_insert(check->marks, oracle_mark_of(statement), row);
}

static void on_statement(Check *check, sqlite3_stmt *columns)
{
    const char *id = (const char *)sqlite3_column_text(columns, 0);
    int published = sqlite3_column_int(columns, 1);
    g_autofree char *event = g_strdup_printf("%s/%d", id, published);
    const GPtrArray *records = fake_bus_records();

    if (sqlite3_column_int(columns, 4) != sqlite3_column_int(columns, 5))
        oracle_complain(check->oracle, "%s: the latest revision is not the latest one", id);
    /* The broker may confirm a record without saying where it is. */
    if (published == 0 || sqlite3_column_int64(columns, 3) < 0)
        return;
    for (guint i = 0; i < records->len; i++) {
        const FakeBusRecord *record = g_ptr_array_index(records, i);
        if (record->partition == sqlite3_column_int(columns, 2) &&
            record->offset == sqlite3_column_int64(columns, 3)) {
            if (strcmp(record->id, event) != 0)
                oracle_complain(check->oracle, "%s is said to be where the bus has %s", event, record->id);
            return;
        }
    }
    oracle_complain(check->oracle, "%s is said to be on the bus, where nothing is", event);
}

static void on_scheduled(Check *check, sqlite3_stmt *columns)
{
    Oracle *oracle = check->oracle;
    const char *id = (const char *)sqlite3_column_text(columns, 0);
    g_autoptr(Statement) statement =
        statement_unpack(sqlite3_column_blob(columns, 1), (size_t)sqlite3_column_bytes(columns, 1), NULL);
    g_autofree char *mark = statement ? oracle_mark_of(statement) : NULL;

    if (!mark || strcmp(statement->id, id) != 0) {
        oracle_complain(oracle, "what is scheduled for %s is damaged", id);
        return;
    }
    const Instant *embargo = g_hash_table_lookup(oracle->embargoes, mark);
    if (!embargo || *embargo != sqlite3_column_int64(columns, 2))
        oracle_complain(oracle, "%s (%s) is scheduled for another instant", id, mark);
    if (!oracle_has_scheduled(oracle, id, mark) && !oracle_may_come_from(oracle, mark))
        oracle_complain(oracle, "%s (%s) is scheduled, and nobody can have done that", id, mark);
    oracle->due_first = MIN(oracle->due_first, sqlite3_column_int64(columns, 2));
    g_hash_table_insert(check->due, g_strdup(id), g_steal_pointer(&mark));
}

#define SELECT_REVISIONS(submitter)                                                                          \
    "SELECT r.id, r.revision, r.statement, o.sequence, " submitter                                           \
    " FROM revisions r LEFT JOIN outbox o USING (sequence) ORDER BY r.sequence"

static void read_rows(Check *check)
{
    oracle_query(check, "PRAGMA integrity_check", on_integrity);
    oracle_query(check, "PRAGMA foreign_key_check", on_foreign_key);
    /* An update of the schema may not have been reached. */
    oracle_query(check, "PRAGMA user_version", on_version);
    if (check->version >= 2)
        oracle_query(check, SELECT_REVISIONS("r.submitter"), on_revision);
    else
        oracle_query(check, SELECT_REVISIONS("''"), on_revision);
    oracle_query(check,
                 "SELECT s.id, s.published_revision, s.bus_partition, s.bus_offset, r.revision,"
                 " (SELECT max(revision) FROM revisions m WHERE m.id = s.id)"
                 " FROM statements s LEFT JOIN revisions r ON r.sequence = s.sequence",
                 on_statement);
    if (check->version >= 2)
        oracle_query(check, "SELECT id, statement, publish_at FROM schedule", on_scheduled);
    if (check->version >= 3)
        oracle_feeds_read(check);
}

/* A process that was ended before it had made the tables left none. */
static bool has_tables(Check *check, const char *path)
{
    sqlite3_stmt *statement = NULL;
    bool yes = false;

    if (sqlite3_open_v2(path, &check->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_db_config(check->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (sqlite3_prepare_v2(check->database, "SELECT 1 FROM sqlite_schema WHERE name = 'revisions'", -1,
                           &statement, NULL) != SQLITE_OK)
        oracle_complain(check->oracle, "the database cannot be read: %s", sqlite3_errmsg(check->database));
    else
        yes = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return yes;
}

bool oracle_check_read(Check *check, const char *path)
{
    check->rows = g_ptr_array_new_with_free_func(row_free);
    check->found = g_hash_table_new(g_str_hash, g_str_equal);
    check->marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    check->due = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    check->feeds = feed_tables_new();
    if (!has_tables(check, path))
        return false;
    read_rows(check);
    return true;
}

void oracle_check_clear(Check *check)
{
    g_hash_table_unref(check->found);
    g_hash_table_unref(check->marks);
    g_hash_table_unref(check->due);
    feed_tables_free(check->feeds);
    g_ptr_array_unref(check->rows);
    if (sqlite3_close(check->database) != SQLITE_OK)
        oracle_complain(check->oracle, "the database cannot be closed");
}
