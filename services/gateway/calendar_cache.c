/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/calendar_cache.h"

struct CalendarCache {
    GHashTable *entries; /* key -> Entry */
    gsize bytes;
};

typedef struct {
    GBytes *body;
    Instant from, until;
} Entry;

static void entry_free(void *entry)
{
    g_bytes_unref(((Entry *)entry)->body);
    g_free(entry);
}

/* A language has no line feed. */
static char *make_key(const char *counter, const char *language)
{
    return g_strconcat(language ? language : "", counter ? "\n" : NULL, counter, NULL);
}

CalendarCache *calendar_cache_new(void)
{
    CalendarCache *cache = g_new0(CalendarCache, 1);
    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    return cache;
}

void calendar_cache_free(CalendarCache *cache)
{
    g_hash_table_unref(cache->entries);
    g_free(cache);
}

void calendar_cache_clear(CalendarCache *cache)
{
    g_hash_table_remove_all(cache->entries);
    cache->bytes = 0;
}

GBytes *calendar_cache_find(const CalendarCache *cache, const char *counter, const char *language,
                            Instant now)
{
    g_autofree char *key = make_key(counter, language);
    const Entry *entry = g_hash_table_lookup(cache->entries, key);
    return entry && entry->from <= now && now < entry->until ? g_bytes_ref(entry->body) : NULL;
}

void calendar_cache_put(CalendarCache *cache, const char *counter, const char *language, GBytes *body,
                        Instant from, Instant until)
{
    g_autofree char *key = make_key(counter, language);
    gsize size = g_bytes_get_size(body);
    const Entry *old = g_hash_table_lookup(cache->entries, key);
    if (old) {
        cache->bytes -= g_bytes_get_size(old->body);
        g_hash_table_remove(cache->entries, key);
    }
    if (size > CALENDAR_CACHE_BYTES_MAX)
        return;
    if (g_hash_table_size(cache->entries) == CALENDAR_CACHE_ENTRIES_MAX ||
        cache->bytes + size > CALENDAR_CACHE_BYTES_MAX)
        calendar_cache_clear(cache);
    Entry *entry = g_new(Entry, 1);
    *entry = (Entry){.body = g_bytes_ref(body), .from = from, .until = until};
    g_hash_table_insert(cache->entries, g_steal_pointer(&key), entry);
    cache->bytes += size;
}
