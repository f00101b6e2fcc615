/* SPDX-License-Identifier: Apache-2.0 */
/* What the counter service tells of itself in /metrics. */
#ifndef DAYWIRE_COUNTER_COUNTER_METRICS_H
#define DAYWIRE_COUNTER_COUNTER_METRICS_H

#include "common/metrics.h"
#include "counter/schedule.h"

#define COUNTER_METRICS_NO_BOUNDARY (-1)

typedef struct {
    Metric *ticks;
    Metric *late;
    Metric *late_seconds;
    Metric *removals;
    Metric *active;
    Metric *standby;
    Metric *next_boundary; /* seconds; COUNTER_METRICS_NO_BOUNDARY: none is to come, or another one writes */
} CounterMetrics;

CounterMetrics counter_metrics_make(void);

/* The entry was written, and `now` it is known. */
void counter_metrics_count(const CounterMetrics *metrics, const ScheduleEntry *entry, Instant now);

#endif
