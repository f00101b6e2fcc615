/* SPDX-License-Identifier: Apache-2.0 */
/* What the poller counts, feed by feed. */
#ifndef DAYWIRE_INGEST_FEEDS_METRICS_H
#define DAYWIRE_INGEST_FEEDS_METRICS_H

#include "common/metrics.h"
#include "ingest/feeds/schedule.h"

typedef enum {
    FEED_ITEM_CREATED,
    FEED_ITEM_UPDATED,
    FEED_ITEM_UNCHANGED,
    FEED_ITEM_PASSED_OVER, /* at the first poll, as `initial` says */
    FEED_ITEM_WITHHELD,    /* its statement was withdrawn and stays so */
    FEED_ITEM_REFUSED,     /* the item is a bad one */
} FeedItemResult;

#define FEED_ITEM_RESULTS (FEED_ITEM_REFUSED + 1)

typedef struct {
    Metric *polls[FEED_OUTCOMES];
    Metric *items[FEED_ITEM_RESULTS];
    Metric *succeeded_at; /* seconds since 1970; 0: never */
} FeedMetrics;

FeedMetrics feed_metrics_make(const char *feed);

#endif
