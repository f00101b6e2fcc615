/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/parts.h"

const char *const store_outbox_sql[SQL_OUTBOX_COUNT] = {
    [SQL_OUTBOX_READ] = "SELECT o.sequence, r.statement FROM outbox o JOIN revisions r USING (sequence)"
                        " WHERE o.sequence > ?1 ORDER BY o.sequence LIMIT ?2",
    [SQL_OUTBOX_NEXT] =
        "SELECT o.sequence, r.statement FROM revisions r CROSS JOIN outbox o USING (sequence)"
        " WHERE r.id = ?1 AND r.revision > ?2 AND o.sequence <= ?3 ORDER BY r.revision LIMIT 1",
    /* A row that is sent again (after a crash, or to fill an empty topic) is newer than what is noted. */
    [SQL_SET_PUBLISHED] =
        "UPDATE statements SET published_revision = ?2, bus_topic = ?3, bus_partition = ?4, bus_offset = ?5"
        " WHERE id = ?1 AND published_revision <= ?2",
    [SQL_OUTBOX_CLEAR] = "DELETE FROM outbox WHERE sequence = ?1",
    [SQL_OUTBOX_OLDEST] =
        "SELECT r.accepted_at FROM outbox o JOIN revisions r USING (sequence) ORDER BY o.sequence LIMIT 1",
    [SQL_COUNT] =
        "SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM statements WHERE sequence NOT IN"
        " (SELECT sequence FROM outbox)), (SELECT count(*) FROM outbox)",
    [SQL_REFILL] =
        "INSERT OR IGNORE INTO outbox (sequence) SELECT sequence FROM statements ORDER BY sequence",
};

bool store_count(Store *store, StoreCounts *ret_counts, GError **error)
{
    SqlStatement *query = store->outbox[SQL_COUNT];
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
    SqlStatement *query = store->outbox[SQL_OUTBOX_OLDEST];
    bool row = false;
    bool good = sql_step(query, &row, error);

    if (good)
        *ret_oldest = row ? sqlite3_column_int64(query, 0) : 0;
    sql_done(query);
    return good;
}

static bool take_rows(SqlStatement *query, StoreOutboxFunction take, void *user, GError **error)
{
    bool row = false;
    bool more = true;
    bool good = true;

    while (good && more && (good = sql_step(query, &row, error)) && row) {
        g_autoptr(Statement) statement = store_column_statement(query, 1, error);
        g_autoptr(GBytes) packed = sql_bytes(query, 1);
        good = statement != NULL;
        more = good && take(sqlite3_column_int64(query, 0), statement, packed, user);
    }
    sql_done(query);
    return good;
}

bool store_outbox_read(Store *store, int64_t after, unsigned max, StoreOutboxFunction take, void *user,
                       GError **error)
{
    SqlStatement *query = store->outbox[SQL_OUTBOX_READ];

    sql_bind_number(query, 1, after);
    sql_bind_number(query, 2, max);
    return take_rows(query, take, user, error);
}

bool store_outbox_next(Store *store, const char *id, uint32_t after, int64_t last, StoreOutboxFunction take,
                       void *user, GError **error)
{
    SqlStatement *query = store->outbox[SQL_OUTBOX_NEXT];

    sql_bind_text(query, 1, id);
    sql_bind_number(query, 2, after);
    sql_bind_number(query, 3, last);
    return take_rows(query, take, user, error);
}

bool store_outbox_clear(Store *store, const StoreConfirmed *row, GError **error)
{
    SqlStatement *set_published = store->outbox[SQL_SET_PUBLISHED];
    SqlStatement *clear = store->outbox[SQL_OUTBOX_CLEAR];

    sql_bind_text(set_published, 1, row->id);
    sql_bind_number(set_published, 2, row->revision);
    sql_bind_text(set_published, 3, row->topic);
    sql_bind_number(set_published, 4, row->partition);
    sql_bind_number(set_published, 5, row->offset);
    sql_bind_number(clear, 1, row->position);
    return sql_execute(set_published, error) && sql_execute(clear, error);
}

bool store_refill(Store *store, int64_t *ret_count, GError **error)
{
    if (!sql_execute(store->outbox[SQL_REFILL], error))
        return false;
    *ret_count = sqlite3_changes64(store->database);
    return true;
}
