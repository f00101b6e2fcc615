/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter says on a date. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_TICK_H
#define DAYWIRE_COUNTER_TICK_H

#include "common/model.h"
#include "counter/rule.h"

/* Ticks exist for these dates: those next to them begin outside of the years that an instant can have. */
#define TICK_DATE_MIN (CIVIL_DATE_MIN + 1)
#define TICK_DATE_MAX (CIVIL_DATE_MAX - 1)

/* The latest date that has begun in the rule's zone. Where clocks go back over midnight, the date before is
 * on the wall once more, and this remains the later one: a date begins once. */
CivilDate counter_date_at(const CounterRule *rule, Instant now);

/* The tick of `date`, revision 1, written at `now`. NULL for a date that the zone skipped or that is outside
 * of the bounds above. */
Tick *counter_tick(const CounterRule *rule, CivilDate date, Instant now);

/* Whether readers would see the same: everything but revision, emitted_at and late. */
bool counter_tick_same_content(const Tick *a, const Tick *b);

#endif
