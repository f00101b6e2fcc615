/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be written now, and when to look again. Pure; one thread.
 *
 * For each counter, with the latest date that has begun in its zone:
 *
 *     no tick yet, or removed before     its tick of that date
 *     a tick of an earlier date          its tick of that date (latest), or one for each date since (all)
 *     a tick of that date, or a later    nothing, unless the rule says something else of the date of that tick
 *     one (the clock was set back, the   now: then a tick of the same date with the next revision; a counter
 *     zone was changed)                  never goes back in date
 *     a tick, and no rule                its removal
 *     a tick, and a rule by which it     its removal; with `all` after one for each date missed up to the last on
 *     shows no more, or not yet          which it shows
 *
 * A counter that does not show yet, or shows no more, has no tick; one that began to show during downtime has no past.
 * One whose last date is over does not come back when the clock is set back to that date; one that was removed on it
 * does when its rule is back. A date is never written twice with one revision.
 * Once what it gives has been written and noted in the ledger, the same moment gives nothing more. */
#ifndef DAYWIRE_COUNTER_SCHEDULE_H
#define DAYWIRE_COUNTER_SCHEDULE_H

#include "counter/ledger.h"
#include "counter/tick.h"

typedef enum { CATCH_UP_LATEST, CATCH_UP_ALL } CatchUp;

typedef struct {
    char *counter;
    Tick *tick; /* NULL: the counter is removed */
} ScheduleEntry;

typedef struct {
    GPtrArray *entries; /* of ScheduleEntry, in the order in which they are to be written */
    /* When to look again: the next date of a counter, the first after its last one; not after `now` when the limit
     * was reached. INT64_MAX: never. */
    Instant wake_at;
    /* A counter (its rule's string) whose latest tick lies two days or more after today, NULL when there is
     * none: either the clock is wrong now, or it was when that tick was written. It will be silent until that
     * date. */
    const char *ahead;
} Schedule;

/* `rules`: of CounterRule. At most `limit` entries. */
Schedule *schedule_new(const GPtrArray *rules, const Ledger *ledger, Instant now, CatchUp catch_up,
                       guint limit);
void schedule_free(Schedule *schedule); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Schedule, schedule_free)

#endif
