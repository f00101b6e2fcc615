/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/feeds.h"

#include "common/error.h"
#include "ingest/store/database.h"
#include "ingest/store/parts.h"

const char *const store_feeds_sql[SQL_FEEDS_COUNT] = {
    [SQL_FEED_SET] =
        "INSERT OR REPLACE INTO feeds (name, url, moved_to, etag, last_modified, digest, error, refusal,"
        " moved_at, polled_at, succeeded_at, next_at, failures, status, gone, begun, ttl_minutes,"
        " skip_hours, skip_days, items, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
    [SQL_FEED_ITEM_SET] = "INSERT OR REPLACE INTO feed_items (feed, id, title, published, date, digest,"
                          " passed_over, withheld, withheld_at)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    /* A new row each time: the newest name has the highest sequence. */
    [SQL_FEED_NAME_ADD] = "INSERT OR REPLACE INTO feed_names (feed, guid, link, id) VALUES (?1, ?2, ?3, ?4)",
    [SQL_FEED_NAMES_TRIM] =
        "DELETE FROM feed_names WHERE feed = ?1 AND id = ?2 AND sequence <= (SELECT sequence FROM feed_names"
        " WHERE feed = ?1 AND id = ?2 ORDER BY sequence DESC LIMIT 1 OFFSET " G_STRINGIFY(
            FEED_NAMES_KEPT) ")",
};

/* ---- writing ---- */

static bool write_state(Store *store, const FeedState *state, GError **error)
{
    SqlStatement *set = store->feeds[SQL_FEED_SET];
    const char *const texts[] = {state->name,          state->url,    state->moved_to, state->etag,
                                 state->last_modified, state->digest, state->error,    state->refusal};
    const int64_t numbers[] = {state->moved_at,    state->polled_at,  state->succeeded_at, state->next_at,
                               state->failures,    state->status,     state->gone,         state->begun,
                               state->ttl_minutes, state->skip_hours, state->skip_days,    state->items,
                               state->refused};
    int index = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        sql_bind_text(set, ++index, texts[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        sql_bind_number(set, ++index, numbers[i]);
    return sql_execute(set, error);
}

static bool write_item(Store *store, const char *feed, const FeedKnown *item, GError **error)
{
    SqlStatement *set = store->feeds[SQL_FEED_ITEM_SET];
    SqlStatement *add_name = store->feeds[SQL_FEED_NAME_ADD];
    SqlStatement *trim = store->feeds[SQL_FEED_NAMES_TRIM];

    sql_bind_text(set, 1, feed);
    sql_bind_text(set, 2, item->id);
    sql_bind_text(set, 3, item->title);
    sql_bind_number(set, 4, item->published);
    sql_bind_text(set, 5, item->date);
    sql_bind_text(set, 6, item->digest);
    sql_bind_number(set, 7, item->passed_over);
    sql_bind_text(set, 8, item->withheld);
    sql_bind_number(set, 9, item->withheld_at);
    sql_bind_text(add_name, 1, feed);
    sql_bind_text(add_name, 2, item->guid);
    sql_bind_text(add_name, 3, item->link);
    sql_bind_text(add_name, 4, item->id);
    sql_bind_text(trim, 1, feed);
    sql_bind_text(trim, 2, item->id);
    return sql_execute(set, error) && sql_execute(add_name, error) && sql_execute(trim, error);
}

bool store_write_feed(Store *store, const FeedChanges *changes, GError **error)
{
    for (guint i = 0; i < changes->items->len; i++)
        if (!write_item(store, changes->feed, g_ptr_array_index(changes->items, i), error))
            return false;
    return !changes->state || write_state(store, changes->state, error);
}

/* ---- reading ---- */

#define SELECT_KNOWN                                                                                         \
    "SELECT n.sequence, n.guid, n.link, n.id, i.title, i.published, i.date, i.digest, i.passed_over, "       \
    "i.withheld, i.withheld_at"                                                                              \
    " FROM feed_names n JOIN feed_items i ON i.feed = n.feed AND i.id = n.id WHERE n.feed = ?1 AND "
#define NEWEST_FIRST " ORDER BY n.sequence DESC LIMIT " G_STRINGIFY(FEED_NAMES_READ)

typedef enum {
    READER_BY_GUID = FEED_BY_GUID,
    READER_BY_LINK = FEED_BY_LINK,
    READER_BY_ID = FEED_BY_ID,
    READER_STATE,
    READER_COUNT,
} ReaderSql;

struct FeedReader {
    SqlDatabase *database;
    SqlStatement *statements[READER_COUNT];
};

FeedReader *feed_reader_open(const char *path, GError **error)
{
    static const char *const texts[READER_COUNT] = {
        [READER_BY_GUID] = SELECT_KNOWN "n.guid = ?2" NEWEST_FIRST,
        [READER_BY_LINK] = SELECT_KNOWN "n.link = ?2" NEWEST_FIRST,
        [READER_BY_ID] = SELECT_KNOWN "n.id = ?2" NEWEST_FIRST,
        [READER_STATE] =
            "SELECT url, moved_to, etag, last_modified, digest, error, refusal, moved_at, polled_at,"
            " succeeded_at, next_at, failures, status, gone, begun, ttl_minutes, skip_hours, skip_days,"
            " items, refused FROM feeds WHERE name = ?1",
    };
    FeedReader *reader = g_new0(FeedReader, 1);

    reader->database = database_open(path, false, error);
    if (reader->database && sql_prepare(reader->database, texts, reader->statements, READER_COUNT, error))
        return reader;
    feed_reader_close(reader);
    return NULL;
}

void feed_reader_close(FeedReader *reader)
{
    if (!reader)
        return;
    sql_finalize(reader->statements, READER_COUNT);
    sql_close(reader->database);
    g_free(reader);
}

static FeedState *read_state(SqlStatement *row, const char *name)
{
    FeedState *state = feed_state_new(name, sql_text(row, 0));
    char **const texts[] = {&state->moved_to, &state->etag,  &state->last_modified,
                            &state->digest,   &state->error, &state->refusal};
    int column = 1;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        feed_state_set(texts[i], sql_text(row, column++));
    state->moved_at = sqlite3_column_int64(row, column++);
    state->polled_at = sqlite3_column_int64(row, column++);
    state->succeeded_at = sqlite3_column_int64(row, column++);
    state->next_at = sqlite3_column_int64(row, column++);
    state->wait = state->next_at - state->polled_at;
    state->failures = (unsigned)sqlite3_column_int(row, column++);
    state->status = sqlite3_column_int(row, column++);
    state->gone = sqlite3_column_int(row, column++) != 0;
    state->begun = sqlite3_column_int(row, column++) != 0;
    state->ttl_minutes = (unsigned)sqlite3_column_int64(row, column++);
    state->skip_hours = (uint32_t)sqlite3_column_int64(row, column++);
    state->skip_days = (uint8_t)sqlite3_column_int(row, column++);
    state->items = (unsigned)sqlite3_column_int(row, column++);
    state->refused = (unsigned)sqlite3_column_int(row, column);
    return state;
}

FeedState *feed_reader_state(FeedReader *reader, const char *name, GError **error)
{
    SqlStatement *query = reader->statements[READER_STATE];
    FeedState *state = NULL;
    bool row = false;

    sql_bind_text(query, 1, name);
    if (sql_step(query, &row, error) && !row)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "the feed %s was never polled", name);
    if (row)
        state = read_state(query, name);
    sql_done(query);
    return state;
}

static FeedKnown *read_known(SqlStatement *row)
{
    FeedKnown *known = g_new(FeedKnown, 1);

    *known = (FeedKnown){
        .sequence = sqlite3_column_int64(row, 0),
        .guid = g_strdup(sql_text(row, 1)),
        .link = g_strdup(sql_text(row, 2)),
        .id = g_strdup(sql_text(row, 3)),
        .title = g_strdup(sql_text(row, 4)),
        .published = sqlite3_column_int64(row, 5),
        .date = g_strdup(sql_text(row, 6)),
        .digest = g_strdup(sql_text(row, 7)),
        .passed_over = sqlite3_column_int(row, 8) != 0,
        .withheld = g_strdup((const char *)sqlite3_column_text(row, 9)),
        .withheld_at = (uint32_t)sqlite3_column_int64(row, 10),
    };
    return known;
}

bool feed_reader_known(FeedReader *reader, FeedLookup by, const char *feed, const char *value,
                       GPtrArray *known, GError **error)
{
    SqlStatement *query = reader->statements[by];
    bool row = false;
    bool good = true;

    sql_bind_text(query, 1, feed);
    sql_bind_text(query, 2, value);
    while ((good = sql_step(query, &row, error)) && row)
        g_ptr_array_add(known, read_known(query));
    sql_done(query);
    return good;
}
