/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel knows of this process, under the names that all Prometheus clients use. Any thread. */
#ifndef DAYWIRE_COMMON_PROCESS_METRICS_H
#define DAYWIRE_COMMON_PROCESS_METRICS_H

#include <stddef.h>

#define PROCESS_METRICS_MAX 4

typedef struct {
    const char *name, *type, *help; /* static */
    double value;
} ProcessMetric;

/* Those that can be read now; returns how many. */
size_t process_metrics_read(ProcessMetric metrics[static PROCESS_METRICS_MAX]);

#endif
