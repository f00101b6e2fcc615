/* SPDX-License-Identifier: Apache-2.0 */
/* A scan is a place, not a result: each step looks for the row behind the last one, among the rows that were
 * applied up to `end`, the state's sequence number when the scan was made. A row that changes later gets a
 * higher number and is passed over from then on; the log holds that change, since it had not come to it when
 * the scan was made. So the scan together with the log from the state's log_next on tells everything, and
 * nothing twice. Ticks come in the order of lists, which may change meanwhile: of them the scan keeps the sequence
 * numbers. */
#include "common/error.h"
#include "common/json.h"
#include "common/statement_rules.h"
#include "gateway/view_reader.h"

typedef enum { SCAN_STATEMENTS, SCAN_TICKS, SCAN_CHANGES, SCAN_DONE } Phase;

typedef enum { FILTER_SOURCE, FILTER_KIND, FILTER_LANGUAGE, FILTER_TAG, FILTER_SQL_COUNT } FilterIndex;

static const char *const filter_fields[FILTER_SQL_COUNT] = {"source", "kind", "language", "tag"};

struct ViewScan {
    Phase phase;
    unsigned channels;
    const Filter *filter;
    int64_t end;
    /* snapshot */
    char *filter_json[FILTER_SQL_COUNT]; /* NULL: all */
    int64_t moment;                      /* statements: the last one, or at first the one to begin with */
    char id[STATEMENT_ID_MAX + 1];       /* the same */
    bool inclusive;
    GArray *ticks; /* of int64_t: the sequence numbers of their rows, in order; NULL: not come to yet */
    guint next_tick;
    /* changes */
    Cursor *since;
    int64_t sequence; /* of the last one */
};

/* A filter's values, which are UTF-8, as a JSON array; NULL for NULL. */
static char *to_json(const char *const *values)
{
    return values ? json_write_texts(values, g_strv_length((char **)values)) : NULL;
}

static bool read_sequence(ViewReader *reader, int64_t *ret_sequence, GError **error)
{
    SqlStatement *query = reader->sql[READ_SEQUENCE];
    bool row = false;
    bool good = sql_step(query, &row, error);
    if (good)
        *ret_sequence = row ? sqlite3_column_int64(query, 0) : 0;
    sql_done(query);
    return good;
}

static ViewScan *scan_new(ViewReader *reader, Phase phase, unsigned channels, const Filter *filter,
                          GError **error)
{
    int64_t end = 0;
    if (!read_sequence(reader, &end, error))
        return NULL;
    ViewScan *scan = g_new0(ViewScan, 1);
    scan->phase = phase;
    scan->channels = channels;
    scan->filter = filter;
    scan->end = end;
    return scan;
}

void view_scan_free(ViewScan *scan)
{
    if (!scan)
        return;
    for (size_t i = 0; i < FILTER_SQL_COUNT; i++)
        g_free(scan->filter_json[i]);
    if (scan->ticks)
        g_array_unref(scan->ticks);
    g_free(scan->since);
    g_free(scan);
}

static void bind_filter(const ViewScan *scan, SqlStatement *query)
{
    for (int i = 0; i < FILTER_SQL_COUNT; i++)
        sql_bind_text(query, 7 + i, scan->filter_json[i]);
}

/* Takes the place from two columns of a row. */
static void take_place(ViewScan *scan, SqlStatement *row, int moment_column)
{
    scan->moment = sqlite3_column_int64(row, moment_column);
    g_strlcpy(scan->id, sql_text(row, moment_column + 1), sizeof(scan->id));
}

static void begin_ticks(ViewScan *scan)
{
    scan->phase = scan->channels & CHANNEL_TICKS ? SCAN_TICKS : SCAN_DONE;
}

/* Finds the oldest of the `last` newest statements. */
static bool begin_statements(ViewScan *scan, ViewReader *reader, unsigned last, GError **error)
{
    SqlStatement *first = reader->sql[READ_SCAN_FIRST];
    bool row = false;
    sql_bind_number(first, 1, last);
    bind_filter(scan, first);
    bool good = sql_step(first, &row, error);
    if (good && row)
        take_place(scan, first, 0);
    else
        begin_ticks(scan);
    sql_done(first);
    scan->inclusive = true;
    return good;
}

ViewScan *view_scan_snapshot(ViewReader *reader, unsigned channels, const Filter *filter, unsigned last,
                             GError **error)
{
    ViewScan *scan = scan_new(reader, SCAN_STATEMENTS, channels, filter, error);
    if (!scan)
        return NULL;
    for (size_t i = 0; filter && i < FILTER_SQL_COUNT; i++)
        scan->filter_json[i] = to_json(filter_values(filter, filter_fields[i]));
    if (last == 0 || !(channels & CHANNEL_STATEMENTS))
        begin_ticks(scan);
    else if (!begin_statements(scan, reader, last, error))
        g_clear_pointer(&scan, view_scan_free);
    return scan;
}

static bool next_statement(ViewScan *scan, ViewReader *reader, Event **ret_event, GError **error)
{
    SqlStatement *query = reader->sql[READ_SCAN_STATEMENT];
    bool row = false;
    sql_bind_number(query, 1, scan->moment);
    g_autofree char *id = g_strdup(scan->id);
    sql_bind_text(query, 2, id);
    sql_bind_number(query, 3, scan->inclusive);
    sql_bind_number(query, 4, scan->end);
    bind_filter(scan, query);
    bool good = sql_step(query, &row, error);
    if (good && row) {
        Statement *statement = view_row_statement(query, 0, error);
        good = statement != NULL;
        if (good)
            *ret_event = event_new_statement(statement, "", (size_t)sqlite3_column_int64(query, 3),
                                             sqlite3_column_int64(query, 4), 0);
        take_place(scan, query, 1);
        scan->inclusive = false;
    } else if (good)
        begin_ticks(scan);
    sql_done(query);
    return good;
}

/* Eight bytes a counter. */
static bool list_ticks(ViewScan *scan, ViewReader *reader, GError **error)
{
    SqlStatement *query = reader->sql[READ_SCAN_TICKS];
    bool row = false;
    bool good = true;
    scan->ticks = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sql_bind_number(query, 1, scan->end);
    while ((good = sql_step(query, &row, error)) && row) {
        int64_t sequence = sqlite3_column_int64(query, 0);
        g_array_append_val(scan->ticks, sequence);
    }
    sql_done(query);
    if (!good)
        g_clear_pointer(&scan->ticks, g_array_unref);
    return good;
}

/* *ret_event stays NULL for a counter that has changed since. */
static bool next_tick(ViewScan *scan, ViewReader *reader, Event **ret_event, GError **error)
{
    SqlStatement *query = reader->sql[READ_CHANGED_COUNTER];
    bool row = false;
    if (!scan->ticks && !list_ticks(scan, reader, error))
        return false;
    if (scan->next_tick == scan->ticks->len) {
        scan->phase = SCAN_DONE;
        return true;
    }
    sql_bind_number(query, 1, g_array_index(scan->ticks, int64_t, scan->next_tick++));
    bool good = sql_step(query, &row, error);
    if (good && row) {
        Tick *tick = view_row_tick(query, 0, error);
        good = tick != NULL;
        if (good)
            *ret_event = event_new_tick(tick, "", (size_t)sqlite3_column_int64(query, 3),
                                        sqlite3_column_int64(query, 4), 0);
    }
    sql_done(query);
    return good;
}

/* -- changes -- */

/* The lowest sequence number among what `since` has not seen, or one beyond the end. Within a partition,
 * records are applied in the order of their offsets, so that only the first one of each has to be looked at.
 */
static bool find_first_change(ViewScan *scan, ViewReader *reader, int64_t *ret_first, GError **error)
{
    SqlStatement *query = reader->sql[READ_FIRST_CHANGE];
    int64_t first = scan->end + 1;
    for (size_t i = 0; i < scan->since->count; i++) {
        bool row = false;
        sql_bind_number(query, 1, (int64_t)i);
        sql_bind_number(query, 2, scan->since->positions[i].offset);
        bool good = sql_step(query, &row, error);
        if (good && row && sqlite3_column_type(query, 0) != SQLITE_NULL)
            first = MIN(first, sqlite3_column_int64(query, 0));
        sql_done(query);
        if (!good)
            return false;
    }
    *ret_first = first;
    return true;
}

static void bind_changes(const ViewScan *scan, SqlStatement *query)
{
    sql_bind_number(query, 1, scan->sequence);
    sql_bind_number(query, 2, scan->end);
}

/* Steps to the next change that `since` has not seen. */
static bool step_change(const ViewScan *scan, SqlStatement *query, bool *ret_row, GError **error)
{
    for (;;) {
        if (!sql_step(query, ret_row, error))
            return false;
        if (!*ret_row || !cursor_covers(scan->since, (size_t)sqlite3_column_int64(query, 1),
                                        sqlite3_column_int64(query, 2)))
            return true;
    }
}

static bool check_count(const ViewScan *scan, ViewReader *reader, size_t max, GError **error)
{
    SqlStatement *query = reader->sql[READ_CHANGES];
    size_t count = 0;
    bool row = true;
    bool good = true;
    bind_changes(scan, query);
    while (good && row && count <= max) {
        good = step_change(scan, query, &row, error);
        count += row;
    }
    sql_done(query);
    if (good && count > max) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "more than %zu changes since the cursor",
                    max);
        return false;
    }
    return good;
}

static bool begin_changes(ViewScan *scan, ViewReader *reader, size_t max, GError **error)
{
    int64_t first = 0;
    if (!find_first_change(scan, reader, &first, error))
        return false;
    scan->sequence = first - 1;
    return check_count(scan, reader, max, error);
}

ViewScan *view_scan_changes(ViewReader *reader, unsigned channels, const Filter *filter, const Cursor *since,
                            size_t max, GError **error)
{
    ViewScan *scan = scan_new(reader, SCAN_CHANGES, channels, filter, error);
    if (!scan)
        return NULL;
    scan->since = cursor_copy(since);
    if (!begin_changes(scan, reader, max, error))
        g_clear_pointer(&scan, view_scan_free);
    return scan;
}

/* The event of a row of READ_CHANGED_STATEMENT or READ_CHANGED_COUNTER. */
static Event *changed_event(SqlStatement *row, Channel channel, size_t partition, int64_t offset,
                            GError **error)
{
    if (channel == CHANNEL_STATEMENTS) {
        Statement *statement = view_row_statement(row, 0, error);
        return statement ? event_new_statement(statement, "", partition, offset, 0) : NULL;
    }
    if (sqlite3_column_int64(row, 2)) {
        Tick *removed = tick_new();
        message_set_string(&removed->counter, sql_text(row, 1));
        return event_new_counter_removed(removed, "", partition, offset, 0);
    }
    Tick *tick = view_row_tick(row, 0, error);
    return tick ? event_new_tick(tick, "", partition, offset, 0) : NULL;
}

/* *ret_event stays NULL when the channel is not asked for. `change` is a row of READ_CHANGES and keeps its
 * transaction open, so that the row that it tells of is still there. */
static bool read_change(const ViewScan *scan, ViewReader *reader, SqlStatement *change, Event **ret_event,
                        GError **error)
{
    Channel channel = sqlite3_column_int64(change, 3) ? CHANNEL_TICKS : CHANNEL_STATEMENTS;
    if (!(scan->channels & channel))
        return true;
    SqlStatement *query =
        reader->sql[channel == CHANNEL_TICKS ? READ_CHANGED_COUNTER : READ_CHANGED_STATEMENT];
    bool row = false;
    sql_bind_number(query, 1, sqlite3_column_int64(change, 0));
    bool good = sql_step(query, &row, error);
    if (good && row) {
        *ret_event = changed_event(query, channel, (size_t)sqlite3_column_int64(change, 1),
                                   sqlite3_column_int64(change, 2), error);
        good = *ret_event != NULL;
    }
    sql_done(query);
    return good;
}

static bool next_change(ViewScan *scan, ViewReader *reader, Event **ret_event, GError **error)
{
    SqlStatement *query = reader->sql[READ_CHANGES];
    bool row = false;
    bind_changes(scan, query);
    bool good = step_change(scan, query, &row, error);
    if (good && row) {
        good = read_change(scan, reader, query, ret_event, error);
        scan->sequence = sqlite3_column_int64(query, 0);
    } else if (good)
        scan->phase = SCAN_DONE;
    sql_done(query);
    return good;
}

bool view_scan_next(ViewScan *scan, ViewReader *reader, Event **ret_event, GError **error)
{
    for (;;) {
        g_autoptr(Event) event = NULL;
        bool good = true;
        switch (scan->phase) {
        case SCAN_STATEMENTS:
            good = next_statement(scan, reader, &event, error);
            break;
        case SCAN_TICKS:
            good = next_tick(scan, reader, &event, error);
            break;
        case SCAN_CHANGES:
            good = next_change(scan, reader, &event, error);
            break;
        case SCAN_DONE:
            *ret_event = NULL;
            return true;
        }
        if (!good)
            return false;
        if (event && filter_matches(scan->filter, event)) {
            *ret_event = g_steal_pointer(&event);
            return true;
        }
    }
}
