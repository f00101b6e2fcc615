/* SPDX-License-Identifier: Apache-2.0 */
/* The ticks of any dates, past or future, without a bus and without a clock: what the wall will say. */
#ifndef DAYWIRE_COUNTER_PREVIEW_H
#define DAYWIRE_COUNTER_PREVIEW_H

#include "common/civil_date.h"
#include "common/config/config.h"
#include "common/model.h"
#include "counter/tick.h"

/* `tick` is valid during the call only. False ends the preview. */
typedef bool (*CounterPreviewFunction)(const Tick *tick, void *user);

/* Calls `function` for each date from `from` to `to`, and on each for the counters in the order of the
 * configuration, or for the one called `counter` (not NULL). Dates that a counter's zone skipped have no
 * tick. Each tick is as if written at the moment from which it holds. NOT_FOUND: there is no such counter.
 * INVALID: `to` is before `from`, a date is outside of 0001-01-02 to 9999-12-30, or what is wrong with the
 * configuration. */
bool counter_preview(const Config *config, CivilDate from, CivilDate to, const char *counter,
                     CounterPreviewFunction function, void *user, GError **error) MUST_CHECK;

/* Calls `function` for the dates from `from` to `to`, within the bounds above, on which the rule has an anniversary or a
 * milestone. False of it ends them. */
void counter_preview_events(const CounterRule *rule, CivilDate from, CivilDate to,
                            CounterPreviewFunction function, void *user);

#endif
