/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/spool/pending.h"

typedef struct {
    SpoolEntry entry; /* the first: an entry is cast to its slot */
    int64_t due;
    uint64_t serial;
    GSequenceIter *place;
} Slot;

struct SpoolPending {
    unsigned max;
    GDestroyNotify forget;
    uint64_t serial;
    GHashTable *by_name; /* name, of the slot -> Slot, which it owns */
    GSequence *in_order; /* of Slot */
};

SpoolPending *spool_pending_new(unsigned max, GDestroyNotify forget)
{
    SpoolPending *pending = g_new0(SpoolPending, 1);
    pending->max = max;
    pending->forget = forget;
    pending->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    pending->in_order = g_sequence_new(NULL);
    return pending;
}

static void slot_free(const SpoolPending *pending, Slot *slot)
{
    if (slot->entry.user)
        pending->forget(slot->entry.user);
    g_free(slot->entry.name);
    g_free(slot);
}

void spool_pending_free(SpoolPending *pending)
{
    if (!pending)
        return;
    GHashTableIter iter;
    gpointer slot;
    g_hash_table_iter_init(&iter, pending->by_name);
    while (g_hash_table_iter_next(&iter, NULL, &slot)) {
        g_hash_table_iter_remove(&iter); /* before its name goes */
        slot_free(pending, slot);
    }
    g_hash_table_unref(pending->by_name);
    g_sequence_free(pending->in_order);
    g_free(pending);
}

static int compare(gconstpointer a, gconstpointer b, gpointer user)
{
    const Slot *one = a;
    const Slot *other = b;
    (void)user;
    if (one->due != other->due)
        return one->due < other->due ? -1 : 1;
    return one->serial < other->serial ? -1 : one->serial > other->serial;
}

static void place(SpoolPending *pending, Slot *slot, int64_t due)
{
    slot->due = due;
    if (slot->place)
        g_sequence_sort_changed(slot->place, compare, NULL);
    else
        slot->place = g_sequence_insert_sorted(pending->in_order, slot, compare, NULL);
}

bool spool_pending_add(SpoolPending *pending, const char *name, bool announced, int64_t now)
{
    Slot *slot = g_hash_table_lookup(pending->by_name, name);
    if (slot && !announced)
        return true;
    if (!slot) {
        if (g_hash_table_size(pending->by_name) >= pending->max)
            return false;
        slot = g_new0(Slot, 1);
        slot->entry.name = g_strdup(name);
        slot->entry.seen_at = now;
        slot->serial = pending->serial++;
        g_hash_table_insert(pending->by_name, slot->entry.name, slot);
    }
    slot->entry.announced = slot->entry.announced || announced;
    slot->entry.attempts = 0;
    place(pending, slot, now);
    return true;
}

SpoolEntry *spool_pending_next(SpoolPending *pending, int64_t now)
{
    GSequenceIter *first = g_sequence_get_begin_iter(pending->in_order);
    if (g_sequence_iter_is_end(first))
        return NULL;
    Slot *slot = g_sequence_get(first);
    return slot->due <= now ? &slot->entry : NULL;
}

void spool_pending_done(SpoolPending *pending, SpoolEntry *entry)
{
    Slot *slot = (Slot *)entry;
    g_hash_table_remove(pending->by_name, entry->name);
    g_sequence_remove(slot->place);
    slot_free(pending, slot);
}

void spool_pending_later(SpoolPending *pending, SpoolEntry *entry, int64_t due)
{
    entry->attempts++;
    place(pending, (Slot *)entry, due);
}

unsigned spool_pending_count(const SpoolPending *pending)
{
    return g_hash_table_size(pending->by_name);
}

int64_t spool_pending_deadline(const SpoolPending *pending)
{
    GSequenceIter *first = g_sequence_get_begin_iter(pending->in_order);
    return g_sequence_iter_is_end(first) ? G_MAXINT64 : ((const Slot *)g_sequence_get(first))->due;
}

int64_t spool_back_off(unsigned attempts, int64_t least, int64_t most)
{
    int64_t pause = least;
    for (; attempts > 0 && pause < most; attempts--)
        pause *= 2;
    return MIN(pause, most);
}
