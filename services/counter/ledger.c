/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/ledger.h"

#include <string.h>

#include "common/error.h"
#include "common/text.h"

struct Ledger {
    GHashTable *entries; /* counter -> Entry; the key is the tick's */
};

typedef struct {
    LedgerEntry entry; /* first: it is what others see */
    Tick *tick;        /* owned */
} Entry;

static void entry_free(gpointer data)
{
    Entry *entry = data;
    tick_free(entry->tick);
    g_free(entry);
}

Ledger *ledger_new(void)
{
    Ledger *ledger = g_new0(Ledger, 1);
    ledger->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    return ledger;
}

void ledger_free(Ledger *ledger)
{
    if (!ledger)
        return;
    g_hash_table_unref(ledger->entries);
    g_free(ledger);
}

static bool is_later(const Tick *tick, CivilDate date, const LedgerEntry *known)
{
    return known->removed || date > known->date ||
           (date == known->date && tick->revision > known->tick->revision);
}

bool ledger_add(Ledger *ledger, const Tick *tick, GError **error)
{
    CivilDate date = 0;
    if (!civil_date_parse(tick->date, &date)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the tick's date is none");
        return false;
    }
    Entry *known = g_hash_table_lookup(ledger->entries, tick->counter);
    CivilDate furthest = known ? MAX(date, known->entry.furthest) : date;
    uint32_t highest = known ? MAX(tick->revision, known->entry.highest_revision) : tick->revision;
    if (known && !is_later(tick, date, &known->entry)) {
        known->entry.highest_revision = highest;
        return true;
    }
    Entry *entry = g_new0(Entry, 1);
    entry->tick = tick_copy(tick);
    entry->entry =
        (LedgerEntry){.tick = entry->tick, .date = date, .furthest = furthest, .highest_revision = highest};
    g_hash_table_replace(ledger->entries, entry->tick->counter, entry);
    return true;
}

void ledger_remove(Ledger *ledger, const char *counter, Instant at)
{
    Entry *entry = g_hash_table_lookup(ledger->entries, counter);
    if (!entry)
        return;
    entry->entry.removed = true;
    entry->entry.removed_at = at;
}

uint32_t ledger_new_revision(const LedgerEntry *known, CivilDate date)
{
    return !known || date > known->furthest ? 1 : known->highest_revision + 1;
}

const LedgerEntry *ledger_find(const Ledger *ledger, const char *counter)
{
    return g_hash_table_lookup(ledger->entries, counter);
}

GPtrArray *ledger_counters(const Ledger *ledger)
{
    GPtrArray *counters = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer key = NULL, value = NULL;
    g_hash_table_iter_init(&iterator, ledger->entries);
    while (g_hash_table_iter_next(&iterator, &key, &value))
        if (!((const LedgerEntry *)value)->removed)
            g_ptr_array_add(counters, key);
    g_ptr_array_sort(counters, text_compare);
    return counters;
}
