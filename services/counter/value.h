/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter has counted on a date: the numbers of a tick. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_VALUE_H
#define DAYWIRE_COUNTER_VALUE_H

#include "counter/rule.h"

typedef struct {
    int32_t days;      /* from `since`, or without one to `until` */
    int32_t remaining; /* to `until` with both, else 0 */
    Elapsed elapsed;   /* the days, all of them, in calendar units */
    int anniversary;   /* whole years on an anniversary of `since`, else 0 */
    bool is_milestone;
} CounterValue;

/* `date`: CIVIL_DATE_MIN to CIVIL_DATE_MAX, also one on which the counter does not show. */
CounterValue counter_value(const CounterRule *rule, CivilDate date);

/* What the milestones of the counter can be among, from `starts` to `ends`. */
MilestoneRange counter_milestone_range(const CounterRule *rule);

#endif
