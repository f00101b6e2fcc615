/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of the process, in Prometheus' text format. A metric lives as long as the process: make it once,
 * keep the pointer. Updates are atomic and lock-free, from any thread. */
#ifndef DAYWIRE_COMMON_METRICS_H
#define DAYWIRE_COMMON_METRICS_H

#include <stdint.h>
#include <glib.h>

typedef struct Metric Metric;

/* `name` after Prometheus' rules (a counter ends in _total, units are base units); `labels` is NULL or, for
 * instance, "code=\"201\"". The same name and labels give the same metric again. All strings are copied. */
Metric *metric_counter(const char *name, const char *labels, const char *help);
Metric *metric_gauge(const char *name, const char *labels, const char *help);
/* Of seconds, with buckets from 100 microseconds to 60 seconds. */
Metric *metric_histogram(const char *name, const char *labels, const char *help);

void metric_add(Metric *metric, int64_t value);      /* counters: value >= 0; gauges: any */
void metric_set(Metric *metric, int64_t value);      /* gauges */
void metric_observe(Metric *metric, double seconds); /* histograms */
int64_t metric_value(const Metric *metric);          /* for tests; of a histogram the count */

/* `name="value"` with the value escaped, to build `labels` from. g_free it. */
char *metric_label(const char *name, const char *value);

/* The exposition of all metrics, and of daywire_build_info and the usual process_ ones; families sorted by
 * name. g_free it. */
char *metrics_text(void);

#endif
