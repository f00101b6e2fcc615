/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the file holds of feeds, and compares it: the jobs that are stored are applied to what was there at the
 * last check, in the order in which they were handed in, and must come to the tables as they are, row by row. Those
 * that were acknowledged are stored. One of which nothing was heard is when anything is there that only it writes: then
 * all of it must be. */
#include "oracle_parts.h"

/* ---- what the file holds ---- */

/* The columns from `first` on. */
static char *join_columns(sqlite3_stmt *columns, int first)
{
    GString *row = g_string_new(NULL);

    for (int i = first; i < sqlite3_column_count(columns); i++)
        g_string_append_printf(row, "%s%s", i > first ? "|" : "",
                               (const char *)sqlite3_column_text(columns, i));
    return g_string_free(row, FALSE);
}

static void on_state(Check *check, sqlite3_stmt *columns)
{
    g_hash_table_insert(check->feeds->states, g_strdup((const char *)sqlite3_column_text(columns, 0)),
                        join_columns(columns, 1));
}

static void on_item(Check *check, sqlite3_stmt *columns)
{
    g_hash_table_insert(check->feeds->items, g_strdup((const char *)sqlite3_column_text(columns, 0)),
                        join_columns(columns, 1));
}

static void on_name(Check *check, sqlite3_stmt *columns)
{
    g_ptr_array_add(check->feeds->names, join_columns(columns, 0));
}

void oracle_feeds_read(Check *check)
{
    oracle_query(check,
                 "SELECT name, url, moved_to, etag, last_modified, digest, error, refusal, moved_at,"
                 " polled_at, succeeded_at, next_at, failures, status, gone, begun, ttl_minutes, skip_hours,"
                 " skip_days, items, refused FROM feeds",
                 on_state);
    /* An update of the schema may have been reached in part. */
    oracle_query(check,
                 check->version >= 5
                     ? "SELECT feed || '|' || id, title, published, date, digest, passed_over,"
                       " coalesce(withheld, ''), withheld_at FROM feed_items"
                     : "SELECT feed || '|' || id, title, published, date, digest, passed_over,"
                       " '', 0 FROM feed_items",
                 on_item);
    oracle_query(check, "SELECT feed, id, guid, link FROM feed_names ORDER BY sequence", on_name);
}

/* ---- whether that fits ---- */

static bool has_a_statement(const Check *check, const Try *try)
{
    for (guint i = 0; i < try->certain->len; i++)
        if (g_hash_table_contains(check->marks, g_ptr_array_index(try->certain, i)))
            return true;
    return false;
}

static bool has_a_name(const Check *check, const FeedWrite *write)
{
    for (guint i = 0; i < write->lines->len; i++) {
        const FeedLine *line = g_ptr_array_index(write->lines, i);
        if (line->silent &&
            g_ptr_array_find_with_equal_func(check->feeds->names, line->name, g_str_equal, NULL))
            return true;
    }
    return false;
}

/* One of which nothing is left that others have not written over makes no difference. */
static bool is_stored(const Check *check, const Try *try)
{
    const FeedWrite *write = try->feed;

    if (try->state != TRY_OPEN && try->state != TRY_FAILED)
        return try->state == TRY_ACKNOWLEDGED;
    const char *state = g_hash_table_lookup(check->feeds->states, write->feed);
    return (state && write->state && strcmp(state, write->state) == 0) || has_a_statement(check, try) ||
           has_a_name(check, write);
}

static void check_statements(Check *check, guint number)
{
    const Try *try = oracle_try_at(check->oracle, number);

    for (guint i = 0; i < try->certain->len; i++) {
        const char *mark = g_ptr_array_index(try->certain, i);
        if (!g_hash_table_contains(check->marks, mark))
            oracle_complain(check->oracle, "job %u of %s is stored, and not its statement %s", number,
                            try->feed->feed, mark);
    }
}

static void compare_rows(Oracle *oracle, const char *table, GHashTable *expected, GHashTable *found)
{
    GHashTableIter each;
    gpointer key, row;

    g_hash_table_iter_init(&each, expected);
    while (g_hash_table_iter_next(&each, &key, &row)) {
        const char *other = g_hash_table_lookup(found, key);
        if (!other || strcmp(other, row) != 0)
            oracle_complain(oracle, "%s: of %s the jobs come to \"%s\", and there is \"%s\"", table,
                            (char *)key, (char *)row, other ? other : "");
    }
    g_hash_table_iter_init(&each, found);
    while (g_hash_table_iter_next(&each, &key, &row))
        if (!g_hash_table_contains(expected, key))
            oracle_complain(oracle, "%s: of %s there is \"%s\", and no job that is stored wrote it", table,
                            (char *)key, (char *)row);
}

static void compare_names(Oracle *oracle, const GPtrArray *expected, const GPtrArray *found)
{
    for (guint i = 0; i < MAX(expected->len, found->len); i++) {
        const char *row = i < expected->len ? g_ptr_array_index(expected, i) : "";
        const char *other = i < found->len ? g_ptr_array_index(found, i) : "";
        if (strcmp(row, other) != 0)
            oracle_complain(oracle, "feed_names: at %u the jobs come to \"%s\", and there is \"%s\"", i, row,
                            other);
    }
}

void oracle_feeds_check(Check *check)
{
    Oracle *oracle = check->oracle;

    for (guint i = 0; i < oracle->tries->len; i++) {
        const Try *try = oracle_try_at(oracle, i);
        if (!try->feed || !is_stored(check, try))
            continue;
        check_statements(check, i);
        feed_tables_apply(oracle->feeds, try->feed);
    }
    compare_rows(oracle, "feeds", oracle->feeds->states, check->feeds->states);
    compare_rows(oracle, "feed_items", oracle->feeds->items, check->feeds->items);
    compare_names(oracle, oracle->feeds->names, check->feeds->names);
}
