/* SPDX-License-Identifier: Apache-2.0 */
/* The ticks of any dates, past or future, without a bus and without a clock: what the wall will say. */
#ifndef DAYWIRE_COUNTER_PREVIEW_H
#define DAYWIRE_COUNTER_PREVIEW_H

#include "common/civil_date.h"
#include "common/config/config.h"
#include "common/model.h"
#include "counter/rule.h"

/* `tick` is valid during the call only. False ends the preview. */
typedef bool (*CounterPreviewFunction)(const Tick *tick, void *user);

typedef struct {
    CivilDate from, to; /* TICK_DATE_MIN to TICK_DATE_MAX */
    bool events;        /* only anniversaries and milestones */
} PreviewRange;

/* Calls `function` for each date of the range, and on each for the counters in the order of the configuration, or for
 * the one called `counter` (not NULL). Dates that a counter's zone skipped have no tick. Each tick is as if written at
 * the moment from which it holds. NOT_FOUND: there is no such counter. INVALID: `to` is before `from`, a date is
 * outside of its bounds, or what is wrong with the configuration. */
bool counter_preview(const Config *config, const PreviewRange *range, const char *counter,
                     CounterPreviewFunction function, void *user, GError **error) MUST_CHECK;

/* The same for a range that is valid, and one rule. */
void counter_preview_rule(const CounterRule *rule, const PreviewRange *range, CounterPreviewFunction function,
                          void *user);

#endif
