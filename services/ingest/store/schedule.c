/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/parts.h"

const char *const store_schedule_sql[SQL_SCHEDULE_COUNT] = {
    /* A new row each time: its version is a new one. */
    [SQL_SCHEDULE] =
        "INSERT OR REPLACE INTO schedule (id, publish_at, kind, id_derived, submitter, statement)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_UNSCHEDULE] = "DELETE FROM schedule WHERE id = ?1",
    [SQL_DUE] = "SELECT id FROM schedule WHERE publish_at <= ?1 ORDER BY publish_at, version LIMIT ?2",
    [SQL_EXPIRED] = "SELECT id FROM statements WHERE expires_at > 0 AND expires_at <= ?1 ORDER BY "
                    "expires_at, id LIMIT ?2",
    [SQL_NEVER_EXPIRES] = "UPDATE statements SET expires_at = 0 WHERE id = ?1",
    [SQL_NEXT_INSTANT] = "SELECT min(at) FROM (SELECT min(publish_at) AS at FROM schedule UNION ALL"
                         " SELECT min(expires_at) FROM statements WHERE expires_at > 0)",
    [SQL_COUNT_SCHEDULED] = "SELECT count(*) FROM schedule",
};

bool store_schedule(Store *store, const Submission *submission, int64_t *ret_version, GError **error)
{
    const Statement *statement = submission->statement;
    g_autoptr(GBytes) packed = statement_pack(statement);
    SqlStatement *add = store->schedule[SQL_SCHEDULE];

    sql_bind_text(add, 1, statement->id);
    sql_bind_number(add, 2, instant_from_timestamp(statement->publish_at));
    sql_bind_number(add, 3, submission->kind);
    sql_bind_number(add, 4, submission->id_derived);
    sql_bind_text(add, 5, submission->submitter != NULL ? submission->submitter : "");
    sql_bind_bytes(add, 6, packed);
    if (!sql_execute(add, error))
        return false;
    *ret_version = sqlite3_last_insert_rowid(store->database);
    return true;
}

bool store_unschedule(Store *store, const char *id, GError **error)
{
    SqlStatement *drop = store->schedule[SQL_UNSCHEDULE];

    sql_bind_text(drop, 1, id);
    return sql_execute(drop, error);
}

bool store_never_expires(Store *store, const char *id, GError **error)
{
    SqlStatement *update = store->schedule[SQL_NEVER_EXPIRES];

    sql_bind_text(update, 1, id);
    return sql_execute(update, error);
}

static bool read_ids(SqlStatement *query, Instant now, unsigned max, GPtrArray *ids, GError **error)
{
    bool row = false;
    bool good = true;

    sql_bind_number(query, 1, now);
    sql_bind_number(query, 2, max);
    while ((good = sql_step(query, &row, error)) && row)
        g_ptr_array_add(ids, g_strdup(sql_text(query, 0)));
    sql_done(query);
    return good;
}

bool store_due(Store *store, Instant now, unsigned max, GPtrArray *ids, GError **error)
{
    return read_ids(store->schedule[SQL_DUE], now, max, ids, error);
}

bool store_expired(Store *store, Instant now, unsigned max, GPtrArray *ids, GError **error)
{
    return read_ids(store->schedule[SQL_EXPIRED], now, max, ids, error);
}

bool store_next_instant(Store *store, Instant *ret_next, GError **error)
{
    SqlStatement *query = store->schedule[SQL_NEXT_INSTANT];
    bool row = false;
    bool good = sql_step(query, &row, error);

    if (good)
        *ret_next =
            row && sqlite3_column_type(query, 0) != SQLITE_NULL ? sqlite3_column_int64(query, 0) : G_MAXINT64;
    sql_done(query);
    return good;
}

bool store_count_scheduled(Store *store, int64_t *ret_count, GError **error)
{
    SqlStatement *query = store->schedule[SQL_COUNT_SCHEDULED];
    bool row = false;
    bool good = sql_step(query, &row, error);

    if (row)
        *ret_count = sqlite3_column_int64(query, 0);
    sql_done(query);
    return good;
}
