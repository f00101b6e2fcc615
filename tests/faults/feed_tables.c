/* SPDX-License-Identifier: Apache-2.0 */
#include "feed_tables.h"

#include <inttypes.h>

#include "ingest/store/feeds.h"

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
        .row = g_strdup_printf("%s|%" PRId64 "|%s|%s|%d|%s|%u", known->title, known->published, known->date,
                               known->digest, known->passed_over, known->withheld ? known->withheld : "",
                               known->withheld_at),
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
