/* SPDX-License-Identifier: Apache-2.0 */
/* What the poller counts, and how the feeds are, feed by feed. */
#ifndef DAYWIRE_INGEST_FEEDS_METRICS_H
#define DAYWIRE_INGEST_FEEDS_METRICS_H

#include "common/metrics.h"
#include "ingest/feeds/schedule.h"

typedef enum {
    FEED_ITEM_CREATED,
    FEED_ITEM_UPDATED,
    FEED_ITEM_UNCHANGED,
    FEED_ITEM_PASSED_OVER, /* at the first poll, as `initial` says */
    FEED_ITEM_WITHHELD,    /* its statement was withdrawn and stays so, or a change of it is scheduled */
    FEED_ITEM_REFUSED,     /* the item is a bad one, or its statement cannot be read */
} FeedItemResult;

#define FEED_ITEM_RESULTS (FEED_ITEM_REFUSED + 1)

typedef struct {
    Metric *polls[FEED_OUTCOMES];
    Metric *items[FEED_ITEM_RESULTS];
    /* of the state; the first three in seconds since 1970 */
    Metric *polled_at;    /* 0: never */
    Metric *succeeded_at; /* 0: never */
    Metric *next_at;      /* 0: now, or never as it is gone */
    Metric *failures;     /* in a row; 0: the last poll did not fail */
} FeedMetrics;

FeedMetrics feed_metrics_make(const char *feed);
/* Whenever the state is another one. */
void feed_metrics_show(const FeedMetrics *metrics, const FeedState *state);

#endif
