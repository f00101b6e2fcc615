/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/parts.h"

#include "ingest/store/database.h"

typedef enum { READER_FIND, READER_HISTORY, READER_COUNT } ReaderSql;

struct StoreReader {
    SqlDatabase *database;
    SqlStatement *statements[READER_COUNT];
};

void stored_revision_clear(StoredRevision *revision)
{
    statement_free(revision->statement);
    g_free(revision->submitter);
    *revision = (StoredRevision){0};
}

StoreReader *store_reader_open(const char *path, GError **error)
{
    const char *const texts[READER_COUNT] = {
        [READER_FIND] = store_find_sql,
        [READER_HISTORY] =
            "SELECT statement, submitter FROM revisions WHERE id = ?1 AND (?2 = 0 OR revision < ?2)"
            " ORDER BY revision DESC LIMIT ?3",
    };
    StoreReader *reader = g_new0(StoreReader, 1);

    reader->database = database_open(path, false, error);
    if (reader->database != NULL &&
        sql_prepare(reader->database, texts, reader->statements, READER_COUNT, error))
        return reader;
    store_reader_close(reader);
    return NULL;
}

void store_reader_close(StoreReader *reader)
{
    if (reader == NULL)
        return;
    sql_finalize(reader->statements, READER_COUNT);
    sql_close(reader->database);
    g_free(reader);
}

bool store_reader_find(StoreReader *reader, const char *id, StoredStatement *ret_stored, GError **error)
{
    return store_run_find(reader->statements[READER_FIND], id, ret_stored, error);
}

bool store_reader_history(StoreReader *reader, const char *id, uint32_t before, unsigned max,
                          GArray *revisions, GError **error)
{
    SqlStatement *query = reader->statements[READER_HISTORY];
    bool row = false;
    bool good = true;

    sql_bind_text(query, 1, id);
    sql_bind_number(query, 2, before);
    sql_bind_number(query, 3, max);
    while (good && (good = sql_step(query, &row, error)) && row) {
        StoredRevision revision = {.statement = store_column_statement(query, 0, error),
                                   .submitter = g_strdup(sql_text(query, 1))};
        good = revision.statement != NULL;
        if (good)
            g_array_append_val(revisions, revision);
        else
            stored_revision_clear(&revision);
    }
    sql_done(query);
    return good;
}
