/* SPDX-License-Identifier: Apache-2.0 */
/* The reading side: a read-only connection and its statements, all of them here so that they are prepared
 * once. */
#include "common/error.h"
#include "gateway/view_reader.h"
#include "gateway/view_schema.h"

/* A producer may write a little later than it stamped, and its clock may be set. */
#define STAMP_SLACK 60

/* ?7 to ?10 are JSON arrays of the values that a filter takes, NULL for all. */
#define MATCHES_FILTER                                                                                       \
    " (?7 IS NULL OR source IN (SELECT value FROM json_each(?7)))"                                           \
    " AND (?8 IS NULL OR kind IN (SELECT value FROM json_each(?8)))"                                         \
    " AND (?9 IS NULL OR language IN (SELECT value FROM json_each(?9)))"                                     \
    " AND (?10 IS NULL OR EXISTS (SELECT 1 FROM tag WHERE statement = number"                                \
    "      AND tag IN (SELECT value FROM json_each(?10))))"

#define LIST(search_)                                                                                        \
    "SELECT data, moment, id FROM statement WHERE (withdrawn = 0 OR ?1)" search_                             \
    " AND moment <= ?4 AND (moment < ?4 OR id > ?5) AND" MATCHES_FILTER " ORDER BY moment DESC, id LIMIT ?6"

/* Groups by the smallest order in them, then by name; in a group by order, then by id. */
#define TICKS_IN_ORDER                                                                                       \
    " ORDER BY min(list_order) OVER (PARTITION BY list_group), list_group, list_order, counter"

static const char *const sql[READ_COUNT] = {
    [READ_BEGIN] = "BEGIN",
    [READ_END] = "COMMIT",
    [READ_STATE] = "SELECT log_next, cursor FROM state",
    [READ_SEQUENCE] = "SELECT sequence FROM state",
    [READ_STATEMENT] = "SELECT data FROM statement WHERE id = ?1",
    [READ_TICK] = "SELECT data FROM counter WHERE counter = ?1 AND NOT removed",
    [READ_TICKS] = "SELECT data FROM counter WHERE NOT removed" TICKS_IN_ORDER,
    [READ_STAMP] = "SELECT stamp FROM record WHERE partition_index = ?1 AND record_offset = ?2",
    [READ_STAMP_BEFORE] = "SELECT stamp FROM record WHERE partition_index = ?1 AND record_offset < ?2"
                          " ORDER BY record_offset DESC LIMIT 1",
    [READ_STAMP_AFTER] = "SELECT stamp FROM record WHERE partition_index = ?1 AND record_offset > ?2"
                         " ORDER BY record_offset LIMIT 1",
    [READ_LIST] = LIST(""),
    [READ_LIST_SEARCH] = LIST(" AND number IN (SELECT rowid FROM search WHERE search MATCH ?2)"),
    /* The oldest of the ?1 newest. */
    [READ_SCAN_FIRST] = "SELECT moment, id FROM (SELECT moment, id FROM statement WHERE" MATCHES_FILTER
                        " ORDER BY moment DESC, id LIMIT ?1) ORDER BY moment, id DESC LIMIT 1",
    /* The next one in the opposite of the list's order, which is how a log would have told it. */
    [READ_SCAN_STATEMENT] = "SELECT data, moment, id, partition_index, record_offset FROM statement"
                            " WHERE moment >= ?1 AND (moment > ?1 OR id < ?2 OR (?3 AND id = ?2)) AND "
                            "sequence <= ?4 AND" MATCHES_FILTER " ORDER BY moment, id DESC LIMIT 1",
    [READ_SCAN_TICKS] = "SELECT sequence FROM counter WHERE sequence <= ?1 AND NOT removed" TICKS_IN_ORDER,
    [READ_CHANGED_STATEMENT] = "SELECT data FROM statement WHERE sequence = ?1",
    [READ_CHANGED_COUNTER] = "SELECT data, counter, removed, partition_index, record_offset FROM counter"
                             " WHERE sequence = ?1",
    [READ_CHANGES] = "SELECT sequence, partition_index, record_offset, 0 FROM statement"
                     "  WHERE sequence > ?1 AND sequence <= ?2"
                     " UNION ALL SELECT sequence, partition_index, record_offset, 1 FROM counter"
                     "  WHERE sequence > ?1 AND sequence <= ?2 ORDER BY 1",
    [READ_FIRST_CHANGE] =
        "SELECT min(sequence) FROM (SELECT * FROM (SELECT sequence FROM statement"
        "  WHERE partition_index = ?1 AND record_offset >= ?2 ORDER BY record_offset LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT sequence FROM counter"
        "  WHERE partition_index = ?1 AND record_offset >= ?2 ORDER BY record_offset LIMIT 1))",
};

ViewReader *view_reader_open(const char *path, GError **error)
{
    ViewReader *reader = g_new0(ViewReader, 1);
    reader->database = view_schema_open_reader(path, error);
    if (reader->database && sql_prepare(reader->database, sql, reader->sql, READ_COUNT, error))
        return reader;
    view_reader_free(reader);
    return NULL;
}

void view_reader_free(ViewReader *reader)
{
    if (!reader)
        return;
    sql_finalize(reader->sql, READ_COUNT);
    if (reader->database)
        sql_close(reader->database);
    g_free(reader);
}

static bool read_state(ViewReader *reader, uint64_t *ret_log_next, char **ret_cursor, GError **error)
{
    SqlStatement *state = reader->sql[READ_STATE];
    bool row = false;
    bool good = sql_step(state, &row, error);
    if (good && row) {
        *ret_log_next = (uint64_t)sqlite3_column_int64(state, 0);
        *ret_cursor = g_strdup((const char *)sqlite3_column_text(state, 1));
    } else if (good) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the view has no state");
        good = false;
    }
    sql_done(state);
    return good;
}

bool view_reader_begin(ViewReader *reader, uint64_t *ret_log_next, char **ret_cursor, GError **error)
{
    if (!sql_execute(reader->sql[READ_BEGIN], error))
        return false;
    if (read_state(reader, ret_log_next, ret_cursor, error))
        return true;
    view_reader_end(reader);
    return false;
}

/* A transaction that has only read cannot fail to end, but for memory. */
void view_reader_end(ViewReader *reader)
{
    if (!sqlite3_get_autocommit(reader->database) && !sql_execute(reader->sql[READ_END], NULL))
        g_warn_if_reached();
}

Statement *view_row_statement(SqlStatement *row, int column, GError **error)
{
    const void *data = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    Statement *statement = statement_unpack(data ? data : "", size, error);
    if (!statement && error && *error)
        (*error)->code = DAYWIRE_ERROR_LOST;
    return statement;
}

Tick *view_row_tick(SqlStatement *row, int column, GError **error)
{
    const void *data = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    Tick *tick = tick_unpack(data ? data : "", size, error);
    if (!tick && error && *error)
        (*error)->code = DAYWIRE_ERROR_LOST;
    return tick;
}

Statement *view_reader_statement(ViewReader *reader, const char *id, GError **error)
{
    SqlStatement *query = reader->sql[READ_STATEMENT];
    Statement *statement = NULL;
    bool row = false;
    sql_bind_text(query, 1, id);
    if (sql_step(query, &row, error) && row)
        statement = view_row_statement(query, 0, error);
    sql_done(query);
    return statement;
}

Tick *view_reader_tick(ViewReader *reader, const char *counter, GError **error)
{
    SqlStatement *query = reader->sql[READ_TICK];
    Tick *tick = NULL;
    bool row = false;
    sql_bind_text(query, 1, counter);
    if (sql_step(query, &row, error) && row)
        tick = view_row_tick(query, 0, error);
    sql_done(query);
    return tick;
}

GPtrArray *view_reader_ticks(ViewReader *reader, GError **error)
{
    SqlStatement *query = reader->sql[READ_TICKS];
    g_autoptr(GPtrArray) ticks = g_ptr_array_new_with_free_func((GDestroyNotify)tick_free);
    bool row = false;
    bool good = true;
    while ((good = sql_step(query, &row, error)) && row) {
        Tick *tick = view_row_tick(query, 0, error);
        if (!tick) {
            good = false;
            break;
        }
        g_ptr_array_add(ticks, tick);
    }
    sql_done(query);
    return good ? g_steal_pointer(&ticks) : NULL;
}

/* *ret_stamp is 0 when there is no such record. */
static bool read_stamp(ViewReader *reader, ReaderSql index, size_t partition, int64_t offset,
                       uint32_t *ret_stamp, GError **error)
{
    SqlStatement *query = reader->sql[index];
    bool row = false;
    sql_bind_number(query, 1, (int64_t)partition);
    sql_bind_number(query, 2, offset);
    bool good = sql_step(query, &row, error);
    if (good)
        *ret_stamp = row ? (uint32_t)sqlite3_column_int64(query, 0) : 0;
    sql_done(query);
    return good;
}

/* The record itself; where it is unknown (compacted away before this replica was there, or too old), its
 * neighbours: records of one partition are written in the order of their times, more or less. */
static bool knows_position(ViewReader *reader, size_t partition, CursorPosition position, bool *ret_known,
                           GError **error)
{
    int64_t offset = position.offset - 1;
    uint32_t stamp = 0;
    uint32_t before = 0;
    uint32_t after = 0;
    if (!read_stamp(reader, READ_STAMP, partition, offset, &stamp, error))
        return false;
    if (stamp != 0) {
        *ret_known = stamp == position.stamp;
        return true;
    }
    if (!read_stamp(reader, READ_STAMP_BEFORE, partition, offset, &before, error) ||
        !read_stamp(reader, READ_STAMP_AFTER, partition, offset, &after, error))
        return false;
    *ret_known = (before == 0 || (int64_t)position.stamp + STAMP_SLACK >= before) &&
                 (after == 0 || position.stamp <= (int64_t)after + STAMP_SLACK);
    return true;
}

/* Beyond what this replica has read: another one is ahead, and then its record is not older than our last one. That is
 * no proof, but the cursor of a topic that was deleted and made again fails it. */
static bool may_follow(CursorPosition own, CursorPosition position)
{
    return own.stamp != 0 && position.stamp >= own.stamp;
}

bool view_reader_knows(ViewReader *reader, const Cursor *cursor, bool *ret_known, GError **error)
{
    uint64_t log_next = 0;
    g_autofree char *text = NULL;
    if (!read_state(reader, &log_next, &text, error))
        return false;
    g_autofree Cursor *own = text ? cursor_parse(text) : NULL;
    bool known = own && cursor_same_log(own, cursor);
    for (size_t i = 0; known && i < cursor->count; i++) {
        CursorPosition position = cursor->positions[i];
        if (position.stamp == 0) /* it stands on no record */
            continue;
        if (position.offset > own->positions[i].offset)
            known = may_follow(own->positions[i], position);
        else if (!knows_position(reader, i, position, &known, error))
            return false;
    }
    *ret_known = known;
    return true;
}
