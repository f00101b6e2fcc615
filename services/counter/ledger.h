/* SPDX-License-Identifier: Apache-2.0 */
/* What the ticks topic says: the latest tick of each counter. Pure; one thread. */
#ifndef DAYWIRE_COUNTER_LEDGER_H
#define DAYWIRE_COUNTER_LEDGER_H

#include "common/civil_date.h"
#include "common/instant.h"
#include "common/model.h"

typedef struct Ledger Ledger;

typedef struct {
    const Tick *tick; /* the latest: of the greatest date and of its greatest revision */
    CivilDate date;   /* its date */
    bool removed;     /* a tombstone followed: the counter is no more */
    Instant removed_at;
    /* Of all its ticks, also those before a removal: */
    CivilDate furthest;
    uint32_t highest_revision;
} LedgerEntry;

Ledger *ledger_new(void);
void ledger_free(Ledger *ledger); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_free)

/* Takes note of a tick; one that is not later than what is known (a record delivered or written twice)
 * changes nothing. INVALID: its date is none. */
bool ledger_add(Ledger *ledger, const Tick *tick, GError **error) MUST_CHECK;
/* A tombstone of that instant. For a counter without a tick it changes nothing. */
void ledger_remove(Ledger *ledger, const char *counter, Instant at);

/* NULL when no tick of it is known. */
const LedgerEntry *ledger_find(const Ledger *ledger, const char *counter);

/* A revision that no tick of this date has had; `known` NULL: there are none. Readers drop what they have met, so a
 * date that may have been written before a removal begins above all that there was. */
uint32_t ledger_new_revision(const LedgerEntry *known, CivilDate date);

/* The counters that are not removed, sorted: an array of strings that belong to the ledger. g_ptr_array_unref
 * it. */
GPtrArray *ledger_counters(const Ledger *ledger);

#endif
