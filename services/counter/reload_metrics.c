/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/reload_metrics.h"

#include "common/log.h"
#include "common/metrics.h"
#include "common/tzdata.h"

struct ReloadMetrics {
    char *tzdata;    /* version */
    Metric *version; /* of that version */
    Metric *generation, *failures;
};

static void tell_tzdata(ReloadMetrics *metrics)
{
    g_autofree char *version = tzdata_version();
    if (g_strcmp0(version, metrics->tzdata) == 0)
        return;
    if (metrics->version)
        metric_set(metrics->version, 0);
    g_autofree char *label = metric_label("version", version);
    metrics->version =
        metric_gauge("daywire_counter_tzdata_info", label, "1: the version of the time zones in use.");
    metric_set(metrics->version, 1);
    log_info("time zones", LOG_STR("tzdata", version));
    g_free(metrics->tzdata);
    metrics->tzdata = g_steal_pointer(&version);
}

ReloadMetrics *reload_metrics_new(void)
{
    ReloadMetrics *metrics = g_new0(ReloadMetrics, 1);
    metrics->generation =
        metric_gauge("daywire_counter_config_generation", NULL,
                     "1 at the start, 1 more for each time that the configuration was taken anew.");
    metrics->failures =
        metric_counter("daywire_counter_failed_reloads_total", NULL, "Reloads that changed nothing.");
    metric_set(metrics->generation, 1);
    tell_tzdata(metrics);
    return metrics;
}

void reload_metrics_free(ReloadMetrics *metrics)
{
    if (!metrics)
        return;
    g_free(metrics->tzdata);
    g_free(metrics);
}

void reload_metrics_count(ReloadMetrics *metrics, ReloadOutcome outcome)
{
    if (outcome == RELOAD_REFUSED)
        metric_add(metrics->failures, 1);
    if (outcome != RELOAD_TAKEN)
        return;
    metric_add(metrics->generation, 1);
    tell_tzdata(metrics);
}
