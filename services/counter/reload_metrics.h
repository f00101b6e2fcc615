/* SPDX-License-Identifier: Apache-2.0 */
/* What the counter service tells in /metrics of the files that it follows. Main thread. */
#ifndef DAYWIRE_COUNTER_RELOAD_METRICS_H
#define DAYWIRE_COUNTER_RELOAD_METRICS_H

#include "counter/reloader.h"

typedef struct ReloadMetrics ReloadMetrics;

ReloadMetrics *reload_metrics_new(void);
void reload_metrics_free(ReloadMetrics *metrics); /* NULL is fine */

void reload_metrics_count(ReloadMetrics *metrics, ReloadOutcome outcome);

#endif
