/* SPDX-License-Identifier: Apache-2.0 */
/* Which values of a counter are milestones: "every 100 days, every month, every year, 1000". Immutable, any thread.
 */
#ifndef DAYWIRE_COUNTER_MILESTONES_H
#define DAYWIRE_COUNTER_MILESTONES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Milestones Milestones;

typedef struct {
    int32_t days_least, days_most;
    int months_least, months_most;
    bool has_zero; /* the counter's own date is among them */
} MilestoneRange;

/* A list, separated by commas, of "every DAYS days", "every MONTHS months", "every YEARS years", each also without a
 * number ("every year"), and numbers of days.
 * INVALID says which item is wrong. */
Milestones *milestones_parse(const char *text, GError **error) MUST_CHECK;
void milestones_free(Milestones *milestones); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Milestones, milestones_free)

/* `days`: negative on a date that has none of its own. `months`: whole ones, of the anniversary that the date is,
 * else 0. Both count up to, or from, the counter's date, hence "every" holds for numbers above 0. NULL has no
 * milestones. */
bool milestones_has(const Milestones *milestones, int32_t days, int months);

/* INVALID names one that is met nowhere in the range. */
bool milestones_check(const Milestones *milestones, const MilestoneRange *range, GError **error) MUST_CHECK;

#endif
