/* SPDX-License-Identifier: Apache-2.0 */
/* Which values of a counter are milestones: "every 100 days, every year, 1000, 2500". Immutable, any thread.
 */
#ifndef DAYWIRE_COUNTER_MILESTONES_H
#define DAYWIRE_COUNTER_MILESTONES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Milestones Milestones;

/* A list, separated by commas, of "every DAYS days", "every year", "every YEARS years" and numbers of days.
 * INVALID says which item is wrong. */
Milestones *milestones_parse(const char *text, GError **error) MUST_CHECK;
void milestones_free(Milestones *milestones); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Milestones, milestones_free)

/* `years`: of the anniversary that the date is, else 0. Both count up to, or from, the counter's date, hence
 * "every" holds for numbers above 0. NULL has no milestones. */
bool milestones_has(const Milestones *milestones, int32_t days, int years);

#endif
