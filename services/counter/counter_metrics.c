/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/counter_metrics.h"

CounterMetrics counter_metrics_make(void)
{
    CounterMetrics metrics = {
        .ticks =
            metric_counter("daywire_counter_ticks_total", NULL, "Ticks written, corrected ones included."),
        .late = metric_counter("daywire_counter_late_ticks_total", NULL,
                               "Ticks written more than a minute after they took effect."),
        .late_seconds = metric_histogram(
            "daywire_counter_late_seconds", NULL,
            "Time from the beginning of a date until its tick was written; corrected ticks are left out."),
        .removals = metric_counter("daywire_counter_removals_total", NULL, "Counters removed."),
        .active = metric_gauge("daywire_counter_active", NULL,
                               "1: this service writes the ticks; 0: it waits or stands by."),
        .standby = metric_gauge("daywire_counter_standby", NULL,
                                "1: another service writes the ticks, and this one would take over."),
        .next_boundary = metric_gauge("daywire_counter_next_boundary_seconds", NULL,
                                      "Time until the next date of a counter begins; -1: none is to come, "
                                      "or this service does not write."),
    };
    metric_set(metrics.next_boundary, COUNTER_METRICS_NO_BOUNDARY);
    return metrics;
}

void counter_metrics_count(const CounterMetrics *metrics, const ScheduleEntry *entry, Instant now)
{
    const Tick *tick = entry->tick;
    if (!tick) {
        metric_add(metrics->removals, 1);
        return;
    }
    metric_add(metrics->ticks, 1);
    if (tick->late)
        metric_add(metrics->late, 1);
    if (tick->revision == 1)
        metric_observe(metrics->late_seconds,
                       (double)(now - instant_from_timestamp(tick->effective_at)) / INSTANT_SECOND);
}
