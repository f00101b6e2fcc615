/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter says on a date. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_TICK_H
#define DAYWIRE_COUNTER_TICK_H

#include "common/model.h"
#include "counter/rule.h"

/* The latest date that has begun in the rule's zone. Where clocks go back over midnight, the date before is
 * on the wall once more, and this remains the later one: a date begins once. */
CivilDate counter_date_at(const CounterRule *rule, Instant now);

/* The tick of `date`, revision 1, written at `now`. NULL for a date that the zone skipped or on which the
 * counter does not show. */
Tick *counter_tick(const CounterRule *rule, CivilDate date, Instant now);

/* Whether readers would see the same: everything but revision, emitted_at and how late it is. */
bool counter_tick_same_content(const Tick *a, const Tick *b);

#endif
