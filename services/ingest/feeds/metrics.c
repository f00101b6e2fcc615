/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/metrics.h"

static const char *const results[FEED_ITEM_RESULTS] = {
    [FEED_ITEM_CREATED] = "created",     [FEED_ITEM_UPDATED] = "updated",
    [FEED_ITEM_UNCHANGED] = "unchanged", [FEED_ITEM_PASSED_OVER] = "passed_over",
    [FEED_ITEM_WITHHELD] = "withheld",   [FEED_ITEM_REFUSED] = "refused",
};

static Metric *labelled(const char *name, const char *feed, const char *key, const char *value,
                        const char *help)
{
    g_autofree char *first = metric_label("feed", feed);
    g_autofree char *second = metric_label(key, value);
    g_autofree char *labels = g_strdup_printf("%s,%s", first, second);

    return metric_counter(name, labels, help);
}

FeedMetrics feed_metrics_make(const char *feed)
{
    g_autofree char *label = metric_label("feed", feed);
    FeedMetrics metrics = {
        .polled_at = metric_gauge("daywire_ingest_feed_last_poll_timestamp_seconds", label,
                                  "When the feed was last polled, whatever came of it; 0: not yet"),
        .succeeded_at = metric_gauge("daywire_ingest_feed_last_success_timestamp_seconds", label,
                                     "When the feed was last read, or found unchanged; 0: never"),
        .next_at = metric_gauge("daywire_ingest_feed_next_poll_timestamp_seconds", label,
                                "When the feed is to be polled next; 0: now, or never as it is gone"),
        .failures = metric_gauge("daywire_ingest_feed_failures", label,
                                 "Polls of the feed that failed, in a row; 0: the last one did not"),
    };

    for (size_t i = 0; i < FEED_OUTCOMES; i++)
        metrics.polls[i] =
            labelled("daywire_ingest_feed_polls_total", feed, "outcome", feed_outcome_name((FeedOutcome)i),
                     "Polls of feeds by what became of them");
    for (size_t i = 0; i < FEED_ITEM_RESULTS; i++)
        metrics.items[i] = labelled("daywire_ingest_feed_items_total", feed, "result", results[i],
                                    "Items of the documents that were read, by what became of them");
    return metrics;
}

void feed_metrics_show(const FeedMetrics *metrics, const FeedState *state)
{
    Instant next_at = state->next_at == FEED_NEVER ? 0 : state->next_at;

    metric_set(metrics->polled_at, state->polled_at / INSTANT_SECOND);
    metric_set(metrics->succeeded_at, state->succeeded_at / INSTANT_SECOND);
    metric_set(metrics->next_at, next_at / INSTANT_SECOND);
    metric_set(metrics->failures, state->failures);
}
