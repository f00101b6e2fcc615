/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/identity.h"

#include <string.h>

#define HASH_DIGITS 16

typedef struct {
    const char *feed;
    GArray *items;
    GHashTable *guids; /* guid -> how many items of the document have it; so is the next */
    GHashTable *links;
    GHashTable *by_guid; /* guid -> GPtrArray of FeedKnown *, newest first; so is the next */
    GHashTable *by_link;
    GHashTable *known_ids;
    GHashTable *claimed; /* ids that items of the document have got */
} Resolution;

void feed_known_free(FeedKnown *known)
{
    if (!known)
        return;
    g_free(known->guid);
    g_free(known->link);
    g_free(known->id);
    g_free(known->title);
    g_free(known->date);
    g_free(known->digest);
    g_free(known->withheld);
    g_free(known->before);
    g_free(known);
}

char *feed_identity_key(const char *text)
{
    static const char *const schemes[] = {"https://", "http://"};
    bool is_address = false;

    for (size_t i = 0; !is_address && i < G_N_ELEMENTS(schemes); i++) {
        is_address = g_ascii_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0;
        if (is_address)
            text += strlen(schemes[i]);
    }
    size_t length = strlen(text);
    bool is_path = is_address && !strpbrk(text, "?#");
    while (is_path && length > 1 && text[length - 1] == '/')
        length--;
    return g_strndup(text, length);
}

/* ---- the document and what is known, by guid and link ---- */

static void count(GHashTable *table, const char *key)
{
    if (*key)
        g_hash_table_insert(table, (gpointer)key,
                            GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(table, key)) + 1));
}

static unsigned counted(GHashTable *table, const char *key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, key));
}

static void append(GHashTable *table, const char *key, const FeedKnown *known)
{
    GPtrArray *list = g_hash_table_lookup(table, key);

    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(table, (gpointer)key, list);
    }
    g_ptr_array_add(list, (gpointer)known);
}

static Resolution *resolution_new(const char *feed, GArray *items, const GPtrArray *known)
{
    Resolution *all = g_new(Resolution, 1);

    *all = (Resolution){
        .feed = feed,
        .items = items,
        .guids = g_hash_table_new(g_str_hash, g_str_equal),
        .links = g_hash_table_new(g_str_hash, g_str_equal),
        .by_guid = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref),
        .by_link = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref),
        .known_ids = g_hash_table_new(g_str_hash, g_str_equal),
        .claimed = g_hash_table_new(g_str_hash, g_str_equal),
    };
    for (guint i = 0; i < items->len; i++) {
        const FeedIdentity *item = &g_array_index(items, FeedIdentity, i);
        count(all->guids, item->guid);
        count(all->links, item->link);
    }
    for (guint i = 0; i < known->len; i++) {
        const FeedKnown *one = g_ptr_array_index(known, i);
        append(all->by_guid, one->guid, one);
        append(all->by_link, one->link, one);
        g_hash_table_add(all->known_ids, one->id);
    }
    return all;
}

static void resolution_free(Resolution *all)
{
    g_hash_table_unref(all->guids);
    g_hash_table_unref(all->links);
    g_hash_table_unref(all->by_guid);
    g_hash_table_unref(all->by_link);
    g_hash_table_unref(all->known_ids);
    g_hash_table_unref(all->claimed);
    g_free(all);
}

/* ---- choosing ---- */

static bool agrees(const FeedIdentity *item, const FeedKnown *known)
{
    return strcmp(item->title, known->title) == 0 ||
           (item->published != 0 && item->published == known->published);
}

typedef bool (*Fits)(const Resolution *all, const FeedIdentity *item, const FeedKnown *known);

/* The one statement among the rows that fit; where there are several, or it is to be `sure`, one that agrees. */
static const FeedKnown *choose(const Resolution *all, const FeedIdentity *item, const GPtrArray *rows,
                               Fits fits, bool sure)
{
    const FeedKnown *first = NULL;
    const FeedKnown *agreeing = NULL;
    bool several = false;

    for (guint i = 0; rows && i < rows->len; i++) {
        const FeedKnown *row = g_ptr_array_index(rows, i);
        if (!fits(all, item, row))
            continue;
        several = several || (first && strcmp(first->id, row->id) != 0);
        first = first ? first : row;
        if (!agreeing && !g_hash_table_contains(all->claimed, row->id) && agrees(item, row))
            agreeing = row;
    }
    if (agreeing || sure || several || !first || g_hash_table_contains(all->claimed, first->id))
        return agreeing;
    return first;
}

static bool fits_pair(const Resolution *all, const FeedIdentity *item, const FeedKnown *known)
{
    (void)all;
    return strcmp(item->guid, known->guid) == 0 && strcmp(item->link, known->link) == 0;
}

static const FeedKnown *find_pair(const Resolution *all, const FeedIdentity *item)
{
    bool by_link = *item->link != '\0';
    unsigned others = by_link ? counted(all->links, item->link) : counted(all->guids, item->guid);
    const GPtrArray *rows = by_link ? g_hash_table_lookup(all->by_link, item->link)
                                    : g_hash_table_lookup(all->by_guid, item->guid);

    /* Half a pair that others of the document have is no pair. */
    return choose(all, item, rows, fits_pair, others > 1 && (!by_link || !*item->guid));
}

static bool fits_link(const Resolution *all, const FeedIdentity *item, const FeedKnown *known)
{
    (void)all;
    return strcmp(item->link, known->link) == 0;
}

static const FeedKnown *find_link(const Resolution *all, const FeedIdentity *item)
{
    if (!*item->link)
        return NULL;
    return choose(all, item, g_hash_table_lookup(all->by_link, item->link), fits_link,
                  counted(all->links, item->link) > 1);
}

static bool fits_guid(const Resolution *all, const FeedIdentity *item, const FeedKnown *known)
{
    return strcmp(item->guid, known->guid) == 0 && counted(all->links, known->link) == 0;
}

static bool fits_guid_alone(const Resolution *all, const FeedIdentity *item, const FeedKnown *known)
{
    return fits_guid(all, item, known) && (!*item->link || !*known->link);
}

/* Where one of the two has no link, nothing speaks against the guid. */
static const FeedKnown *find_guid(const Resolution *all, const FeedIdentity *item)
{
    if (!*item->guid)
        return NULL;
    const GPtrArray *rows = g_hash_table_lookup(all->by_guid, item->guid);
    const FeedKnown *known = choose(all, item, rows, fits_guid, true);
    return known ? known : choose(all, item, rows, fits_guid_alone, counted(all->guids, item->guid) > 1);
}

/* ---- new ones ---- */

static char *id_of_all(const char *feed, const FeedIdentity *item)
{
    g_autofree char *published = g_strdup_printf("%" G_GINT64_FORMAT, item->published);
    const char *const parts[] = {feed, item->guid, item->link, item->title, published};
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        g_checksum_update(hash, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
    return g_strdup_printf("%s-%.*s", feed, HASH_DIGITS, g_checksum_get_string(hash));
}

static bool is_free(const Resolution *all, const char *id)
{
    return !g_hash_table_contains(all->claimed, id) && !g_hash_table_contains(all->known_ids, id);
}

static void claim(const Resolution *all, FeedIdentity *item, const char *id, const FeedKnown *known)
{
    item->id = g_strdup(id);
    item->known = known;
    g_hash_table_add(all->claimed, item->id);
}

static void make_new(const Resolution *all, FeedIdentity *item)
{
    if (is_free(all, item->fresh_id)) {
        claim(all, item, item->fresh_id, NULL);
        return;
    }
    g_autofree char *id = id_of_all(all->feed, item);
    if (is_free(all, id))
        claim(all, item, id, NULL);
}

void feed_identity_resolve(const char *feed, GArray *items, const GPtrArray *known)
{
    static const FeedKnown *(*const finders[])(const Resolution *, const FeedIdentity *) = {
        find_pair,
        find_link,
        find_guid,
    };
    Resolution *all = resolution_new(feed, items, known);

    for (size_t step = 0; step < G_N_ELEMENTS(finders); step++)
        for (guint i = 0; i < items->len; i++) {
            FeedIdentity *item = &g_array_index(items, FeedIdentity, i);
            const FeedKnown *found = item->refused || item->id ? NULL : finders[step](all, item);
            if (found)
                claim(all, item, found->id, found);
        }
    for (guint i = 0; i < items->len; i++) {
        FeedIdentity *item = &g_array_index(items, FeedIdentity, i);
        if (!item->refused && !item->id)
            make_new(all, item);
    }
    resolution_free(all);
}
