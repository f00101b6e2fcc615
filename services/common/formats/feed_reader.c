/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds as files to import. Ids are those that a poll gives at first sight. Where a feed uses one guid for
 * several links, its last item gets it, since feeds begin with what is newest: then the older one keeps its id
 * when the other appears. */
#include "common/formats/reader.h"

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/formats/feed_encoding.h"
#include "common/formats/feed_json.h"

typedef struct {
    FormatItem item; /* owns its texts */
    char *guid;
    char *link;
} Held;

typedef struct {
    GPtrArray *items;  /* of Held */
    GHashTable *guids; /* guid -> the last Held that has it; borrowed from there */
} Gathering;

static void held_free(void *data)
{
    Held *held = data;
    statement_free(held->item.statement);
    g_free(held->item.field);
    g_free(held->item.reason);
    g_free(held->guid);
    g_free(held->link);
    g_free(held);
}

static bool gather(FeedItem *item, void *user)
{
    Gathering *gathering = user;
    Held *held = g_new(Held, 1);
    *held = (Held){
        .item = {.line = item->line,
                 .statement = g_steal_pointer(&item->statement),
                 .field = g_strdup(item->field),
                 .reason = g_strdup(item->reason),
                 .undated = item->undated},
        .guid = g_strdup(item->guid),
        .link = g_strdup(item->link),
    };
    g_ptr_array_add(gathering->items, held);
    if (held->item.statement && *held->guid)
        g_hash_table_replace(gathering->guids, held->guid, held);
    return true;
}

static bool give(const Gathering *gathering, const Held *held, const FormatSink *sink)
{
    Statement *statement = held->item.statement;
    if (!statement)
        return sink->each(&held->item, sink->user);
    bool has_guid = *held->guid && g_hash_table_lookup(gathering->guids, held->guid) == held;
    if (!has_guid && !*held->link) {
        GError *reason = NULL;
        error_refuse(&reason, "guid: another item of this feed has it, and this one has no link");
        return format_refuse(sink, held->item.line, g_strdup("guid"), reason);
    }
    g_autofree char *id = feed_item_id(statement->source, has_guid ? held->guid : "", held->link);
    message_set_string(&statement->id, id);
    return sink->each(&held->item, sink->user);
}

static bool read_bytes(const void *data, size_t size, const FormatSink *sink, GError **error)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(held_free);
    g_autoptr(GHashTable) guids = g_hash_table_new(g_str_hash, g_str_equal);
    Gathering gathering = {.items = items, .guids = guids};
    FeedContext context = {.source = sink->context->source, .now = sink->context->now};
    g_auto(FeedHead) head = {0};
    if (!feed_read(data, size, &context, &head, gather, &gathering, error))
        return false;
    bool more = true;
    for (guint i = 0; i < items->len && more; i++)
        more = give(&gathering, g_ptr_array_index(items, i), sink);
    return true;
}

static bool read_text(const char *text, const FormatSink *sink, GError **error)
{
    return read_bytes(text, strlen(text), sink, error);
}

const FormatReader feed_reader = {
    .name = "a feed (RSS, RDF, Atom, JSON Feed)",
    .matches_bytes = feed_is_markup,
    .read_bytes = read_bytes,
    .matches = feed_is_json,
    .read = read_text,
};
