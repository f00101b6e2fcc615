/* SPDX-License-Identifier: Apache-2.0 */
/* A history is a ring of entries by the number of the revision, and a hash table whose chains lead from the newest to
 * older ones. A full ring is doubled, or, when there is no more room, the newest revision takes the place of the
 * oldest: as numbers fall along a chain, it ends where one leads to a revision that is gone. */
#include "ingest/store/contents.h"

#define BITS_MIN 4

typedef struct {
    ContentKey key;
    uint32_t older; /* the next revision in the chain; 0: none */
} Entry;

typedef struct {
    char *id;
    GList link; /* in Contents.recent */
    uint32_t first, latest;
    unsigned bits;     /* there is room for 1 << bits revisions */
    Entry *entries;    /* of revision n: at n, by that many bits */
    uint32_t *buckets; /* the newest revision of the chain; 0: none */
} History;

struct Contents {
    GHashTable *histories; /* id -> History * */
    GQueue recent;         /* of History *, the one last asked for first */
    uint32_t max, room;    /* revisions; the latter is taken */
};

ContentKey content_key(const Statement *statement)
{
    return (ContentKey){.content = statement_content_hash(statement),
                        .telling = g_str_hash(statement->note) * 31 + (uint32_t)statement->change};
}

/* ---- one history ---- */

static uint32_t capacity_of(const History *history)
{
    return (uint32_t)1 << history->bits;
}

static uint32_t count_of(const History *history)
{
    return history->latest - history->first + 1;
}

static Entry *entry_of(const History *history, uint32_t revision)
{
    return &history->entries[revision & (capacity_of(history) - 1)];
}

/* The upper bits of the product depend on all bits of the hash, whose lower ones are not worth much. */
static uint32_t *bucket_of(const History *history, uint32_t content)
{
    return &history->buckets[content * 0x9e3779b1U >> (32 - history->bits)];
}

static void put(History *history, uint32_t revision, ContentKey key)
{
    uint32_t *bucket = bucket_of(history, key.content);

    *entry_of(history, revision) = (Entry){.key = key, .older = *bucket};
    *bucket = revision;
    history->latest = revision;
    if (count_of(history) > capacity_of(history))
        history->first++;
}

static void make_tables(History *history, unsigned bits)
{
    history->bits = bits;
    history->entries = g_new(Entry, capacity_of(history));
    history->buckets = g_new0(uint32_t, capacity_of(history));
}

static void grow(History *history)
{
    const History before = *history;

    make_tables(history, before.bits + 1);
    for (uint32_t revision = before.first; revision <= before.latest; revision++)
        put(history, revision, entry_of(&before, revision)->key);
    g_free(before.entries);
    g_free(before.buckets);
}

static void history_free(void *data)
{
    History *history = data;

    g_free(history->id);
    g_free(history->entries);
    g_free(history->buckets);
    g_free(history);
}

/* ---- all of them ---- */

Contents *contents_new(uint32_t max)
{
    Contents *contents = g_new0(Contents, 1);

    contents->max = max;
    contents->histories = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, history_free);
    g_queue_init(&contents->recent);
    return contents;
}

void contents_free(Contents *contents)
{
    if (!contents)
        return;
    g_hash_table_unref(contents->histories);
    g_free(contents);
}

void contents_clear(Contents *contents)
{
    g_hash_table_remove_all(contents->histories);
    g_queue_init(&contents->recent); /* the links were parts of the histories */
    contents->room = 0;
}

static void drop(Contents *contents, History *history)
{
    g_queue_unlink(&contents->recent, &history->link);
    contents->room -= capacity_of(history);
    g_hash_table_remove(contents->histories, history->id);
}

static void touch(Contents *contents, History *history)
{
    g_queue_unlink(&contents->recent, &history->link);
    g_queue_push_head_link(&contents->recent, &history->link);
}

/* The one that was touched last stays, as long as its own room and `more` are no more than the maximum. */
static void take_room(Contents *contents, uint32_t more)
{
    while (contents->room + more > contents->max)
        drop(contents, g_queue_peek_tail(&contents->recent));
    contents->room += more;
}

bool contents_has(Contents *contents, const char *id, uint32_t latest)
{
    History *history = g_hash_table_lookup(contents->histories, id);

    if (!history)
        return false;
    if (history->latest != latest) {
        drop(contents, history);
        return false;
    }
    touch(contents, history);
    return true;
}

void contents_set(Contents *contents, const char *id, uint32_t latest, const GArray *keys)
{
    History *history = g_hash_table_lookup(contents->histories, id);
    unsigned bits = BITS_MIN;

    if (history)
        drop(contents, history);
    while ((guint)1 << bits < keys->len)
        bits++;
    take_room(contents, (uint32_t)1 << bits);
    history = g_new0(History, 1);
    history->id = g_strdup(id);
    history->link.data = history;
    history->first = latest - keys->len + 1;
    make_tables(history, bits);
    for (guint i = keys->len; i > 0; i--)
        put(history, latest - i + 1, g_array_index(keys, ContentKey, i - 1));
    g_hash_table_insert(contents->histories, history->id, history);
    g_queue_push_head_link(&contents->recent, &history->link);
}

void contents_add(Contents *contents, const Statement *revision)
{
    History *history = g_hash_table_lookup(contents->histories, revision->id);

    if (!history || !contents_has(contents, revision->id, revision->revision - 1))
        return;
    if (count_of(history) == capacity_of(history) && capacity_of(history) <= contents->max / 2) {
        take_room(contents, capacity_of(history));
        grow(history);
    }
    put(history, revision->revision, content_key(revision));
}

uint32_t contents_find(const Contents *contents, const char *id, uint32_t before, ContentKey key, bool told)
{
    const History *history = g_hash_table_lookup(contents->histories, id);

    if (!history || before <= history->first)
        return before - 1;
    for (uint32_t revision = *bucket_of(history, key.content); revision >= history->first;
         revision = entry_of(history, revision)->older) {
        const Entry *entry = entry_of(history, revision);
        if (revision < before && entry->key.content == key.content &&
            (!told || entry->key.telling == key.telling))
            return revision;
    }
    return history->first - 1;
}
