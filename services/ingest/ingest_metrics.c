/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/ingest_metrics.h"

#define STATUS_MAX 600

const char *accept_result_name(AcceptResult result)
{
    static const char *const names[] = {
        [RESULT_CREATED] = "created",     [RESULT_UPDATED] = "updated",     [RESULT_UNCHANGED] = "unchanged",
        [RESULT_WITHDRAWN] = "withdrawn", [RESULT_SCHEDULED] = "scheduled", [RESULT_CANCELLED] = "cancelled",
        [RESULT_REFUSED] = "refused",
    };

    return names[result];
}

IngestMetrics ingest_metrics_make(void)
{
    IngestMetrics metrics = {
        .outbox_depth = metric_gauge("daywire_ingest_outbox_depth", NULL,
                                     "Revisions stored and not yet confirmed by the broker"),
        .outbox_oldest_seconds = metric_gauge("daywire_ingest_outbox_oldest_seconds", NULL,
                                              "Age of the oldest of them; 0: there is none"),
        .scheduled =
            metric_gauge("daywire_ingest_scheduled", NULL, "Statements that wait for their publish_at"),
        .commit_seconds = metric_histogram("daywire_ingest_commit_seconds", NULL,
                                           "Time of a transaction, its sync included"),
        .publish_seconds = metric_histogram("daywire_ingest_publish_seconds", NULL,
                                            "From acceptance to the broker's confirmation"),
        .storage_errors =
            metric_counter("daywire_ingest_storage_errors_total", NULL, "Transactions that failed"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(metrics.statements); i++) {
        g_autofree char *label = metric_label("result", accept_result_name((AcceptResult)i));
        metrics.statements[i] =
            metric_counter("daywire_ingest_statements_total", label, "Submissions by what became of them");
    }
    return metrics;
}

void ingest_metrics_count_request(int status)
{
    static Metric *counters[STATUS_MAX]; /* made when first needed, and then found without a lock */

    g_assert(status > 0 && status < STATUS_MAX);
    if (counters[status] == NULL) {
        g_autofree char *code = g_strdup_printf("%d", status);
        g_autofree char *label = metric_label("code", code);
        counters[status] =
            metric_counter("daywire_ingest_requests_total", label, "Answers of the API by status");
    }
    metric_add(counters[status], 1);
}

void ingest_metrics_count_stream(HttpStreamEnd end)
{
    static const char *const names[] = {
        [HTTP_STREAM_DONE] = "done",
        [HTTP_STREAM_GONE] = "gone",
        [HTTP_STREAM_SLOW] = "slow",
        [HTTP_STREAM_INVALID] = "invalid",
    };
    static Metric *counters[G_N_ELEMENTS(names)];

    if (counters[end] == NULL) {
        g_autofree char *label = metric_label("end", names[end]);
        counters[end] =
            metric_counter("daywire_ingest_streams_total", label,
                           "Streams of lines by how they ended: done, gone (the client closed the "
                           "connection), slow (it did not keep pace), invalid (wrong coding)");
    }
    metric_add(counters[end], 1);
}
