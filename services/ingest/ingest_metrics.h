/* SPDX-License-Identifier: Apache-2.0 */
/* What ingest counts. All made at start, so that every series is there from the beginning. */
#ifndef DAYWIRE_INGEST_INGEST_METRICS_H
#define DAYWIRE_INGEST_INGEST_METRICS_H

#include "common/http/stream.h"
#include "common/metrics.h"
#include "ingest/accept.h"

typedef struct {
    Metric *statements[RESULT_REFUSED + 1]; /* by result */
    Metric *outbox_depth;
    Metric *outbox_oldest_seconds;
    Metric *scheduled;
    Metric *commit_seconds;
    Metric *publish_seconds;
    Metric *storage_errors;
} IngestMetrics;

IngestMetrics ingest_metrics_make(void);

const char *accept_result_name(AcceptResult result); /* "created", ... */

/* Count an answer of the API, whoever gave it, and the end of a stream of lines. One thread. */
void ingest_metrics_count_request(int status);
void ingest_metrics_count_stream(HttpStreamEnd end);

#endif
