/* SPDX-License-Identifier: Apache-2.0 */
/* The files that wait, each until its time: in the order of their times, then in that in which they came. Bounded.
 * Pure; times are monotonic microseconds. One thread. */
#ifndef DAYWIRE_INGEST_SPOOL_PENDING_H
#define DAYWIRE_INGEST_SPOOL_PENDING_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct SpoolPending SpoolPending;

typedef struct {
    char *name;
    bool announced;    /* it was moved in, or closed by a writer, since we watch */
    unsigned attempts; /* since it came, or was announced again */
    int64_t seen_at;   /* when it came */
    void *user;        /* whatever is known of it; NULL at first */
} SpoolEntry;

/* `forget` gets the `user` of an entry that ends, unless it is NULL. */
SpoolPending *spool_pending_new(unsigned max, GDestroyNotify forget);
void spool_pending_free(SpoolPending *pending); /* NULL is fine */

/* An announced one that is there already is due now, and its attempts begin anew; else one that is there is left
 * alone. False: there are too many. */
bool spool_pending_add(SpoolPending *pending, const char *name, bool announced, int64_t now) MUST_CHECK;

/* The first one whose time has come, or NULL. It stays until one of the next two is called with it. */
SpoolEntry *spool_pending_next(SpoolPending *pending, int64_t now);
void spool_pending_done(SpoolPending *pending, SpoolEntry *entry);               /* frees the entry */
void spool_pending_later(SpoolPending *pending, SpoolEntry *entry, int64_t due); /* counts an attempt */

unsigned spool_pending_count(const SpoolPending *pending);
/* When the first one is due; G_MAXINT64: there is none. */
int64_t spool_pending_deadline(const SpoolPending *pending);

/* The pause after so many attempts (from 0): `least`, doubled each time, up to `most`. */
int64_t spool_back_off(unsigned attempts, int64_t least, int64_t most);

#endif
