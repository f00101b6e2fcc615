/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs that are stored are applied to what was there at the last check, in the order in which they were handed in,
 * and must come to the tables as they are, row by row. Those that were acknowledged are stored. One of which nothing
 * was heard is when anything is there that only it writes: then all of it must be. */
#include "oracle_feeds.h"

#include <inttypes.h>

#include "ingest/store/feeds.h"
#include "oracle_parts.h"

typedef struct {
    char *key;   /* in FeedTables.items */
    char *row;   /* of feed_items */
    char *name;  /* of feed_names */
    bool silent; /* it has no statement; nobody else writes this name */
} FeedLine;

struct FeedWrite {
    char *feed;
    char *state;      /* NULL: none */
    GPtrArray *lines; /* of FeedLine */
};

/* ---- what a job writes ---- */

static void line_free(void *data)
{
    FeedLine *line = data;
    g_free(line->key);
    g_free(line->row);
    g_free(line->name);
    g_free(line);
}

static bool has_statement(const Job *job, const char *id)
{
    for (guint i = 0; i < job->items->len; i++)
        if (strcmp(job_item(job, i)->submission.statement->id, id) == 0)
            return true;
    return false;
}

static FeedLine *line_of(const Job *job, const FeedKnown *known)
{
    const char *feed = job->feed->feed;
    FeedLine *line = g_new(FeedLine, 1);

    *line = (FeedLine){
        .key = g_strdup_printf("%s|%s", feed, known->id),
        .row = g_strdup_printf("%s|%" PRId64 "|%s|%s|%d", known->title, known->published, known->date,
                               known->digest, known->passed_over),
        .name = g_strdup_printf("%s|%s|%s|%s", feed, known->id, known->guid, known->link),
        .silent = !has_statement(job, known->id),
    };
    return line;
}

static char *state_row(const FeedState *state)
{
    g_autofree char *texts = g_strjoin("|", state->url, state->moved_to, state->etag, state->last_modified,
                                       state->digest, state->error, state->refusal, NULL);
    return g_strdup_printf("%s|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%u|%d|%d|%d|%u|%u|%u|%u|%u",
                           texts, state->moved_at, state->polled_at, state->succeeded_at, state->next_at,
                           state->failures, state->status, state->gone, state->begun, state->ttl_minutes,
                           state->skip_hours, state->skip_days, state->items, state->refused);
}

FeedWrite *feed_write_new(const Job *job)
{
    const FeedChanges *changes = job->feed;
    FeedWrite *write = g_new(FeedWrite, 1);

    write->feed = g_strdup(changes->feed);
    write->state = changes->state ? state_row(changes->state) : NULL;
    write->lines = g_ptr_array_new_with_free_func(line_free);
    for (guint i = 0; i < changes->items->len; i++)
        g_ptr_array_add(write->lines, line_of(job, g_ptr_array_index(changes->items, i)));
    return write;
}

void feed_write_free(FeedWrite *write)
{
    if (!write)
        return;
    g_free(write->feed);
    g_free(write->state);
    g_ptr_array_unref(write->lines);
    g_free(write);
}

/* ---- the tables ---- */

FeedTables *feed_tables_new(void)
{
    FeedTables *tables = g_new(FeedTables, 1);

    tables->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    tables->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    tables->names = g_ptr_array_new_with_free_func(g_free);
    return tables;
}

void feed_tables_free(FeedTables *tables)
{
    g_hash_table_unref(tables->states);
    g_hash_table_unref(tables->items);
    g_ptr_array_unref(tables->names);
    g_free(tables);
}

static void trim_names(GPtrArray *names, const char *key)
{
    g_autofree char *prefix = g_strconcat(key, "|", NULL);
    unsigned kept = 0;

    for (guint i = names->len; i-- > 0;)
        if (g_str_has_prefix(g_ptr_array_index(names, i), prefix) && ++kept > FEED_NAMES_KEPT)
            g_ptr_array_remove_index(names, i);
}

/* Known or not, it is the newest now. */
static void add_name(GPtrArray *names, const FeedLine *line)
{
    guint known = 0;

    if (g_ptr_array_find_with_equal_func(names, line->name, g_str_equal, &known))
        g_ptr_array_remove_index(names, known);
    g_ptr_array_add(names, g_strdup(line->name));
    trim_names(names, line->key);
}

void feed_tables_apply(FeedTables *tables, const FeedWrite *write)
{
    if (write->state)
        g_hash_table_insert(tables->states, g_strdup(write->feed), g_strdup(write->state));
    for (guint i = 0; i < write->lines->len; i++) {
        const FeedLine *line = g_ptr_array_index(write->lines, i);
        g_hash_table_insert(tables->items, g_strdup(line->key), g_strdup(line->row));
        add_name(tables->names, line);
    }
}

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
    oracle_query(check,
                 "SELECT feed || '|' || id, title, published, date, digest, passed_over FROM feed_items",
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
