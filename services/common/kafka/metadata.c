/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for the list of all topics rather than for some by name: brokers that do not know how to be asked
 * without creating what they are asked for (librdkafka's mock cluster is one) create nothing then. */
#include "common/kafka/metadata.h"

#include "common/error.h"

#define RETRY_MS 100

/* Nothing tells when the cluster has changed: it is asked again. Polling the handle meanwhile would be wrong,
 * since a reader's events come with its records. */
static void pause_before_retry(int left_ms)
{
    g_usleep((gulong)MIN(left_ms, RETRY_MS) * 1000);
}

static void fill_in(KafkaTopicState *topic, const struct rd_kafka_metadata *metadata)
{
    topic->partitions = 0;
    topic->ready = false;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *found = &metadata->topics[i];
        if (strcmp(found->topic, topic->name) != 0)
            continue;
        topic->partitions = found->partition_cnt;
        topic->ready = found->err == RD_KAFKA_RESP_ERR_NO_ERROR && found->partition_cnt > 0;
        for (int k = 0; k < found->partition_cnt; k++)
            if (found->partitions[k].leader < 0)
                topic->ready = false;
    }
}

bool kafka_metadata_look_up(const KafkaClient *client, KafkaTopicState *topics, size_t count, int timeout_ms,
                            GError **error)
{
    int64_t start = g_get_monotonic_time();
    const struct rd_kafka_metadata *metadata = NULL;
    while (rd_kafka_metadata(client->handle, 1, NULL, &metadata,
                             MAX(kafka_remaining_ms(start, timeout_ms), 1)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        int left = kafka_remaining_ms(start, timeout_ms);
        if (left == 0) {
            kafka_client_set_unreachable(client, error);
            return false;
        }
        pause_before_retry(left);
    }
    for (size_t i = 0; i < count; i++)
        fill_in(&topics[i], metadata);
    rd_kafka_metadata_destroy(metadata);
    return true;
}

bool kafka_metadata_wait_ready(const KafkaClient *client, KafkaTopicState *topics, size_t count,
                               int timeout_ms, GError **error)
{
    int64_t start = g_get_monotonic_time();
    for (;;) {
        if (!kafka_metadata_look_up(client, topics, count, kafka_remaining_ms(start, timeout_ms), error))
            return false;
        const char *waiting = NULL;
        for (size_t i = 0; i < count; i++)
            if (topics[i].partitions > 0 && !topics[i].ready)
                waiting = topics[i].name;
        if (!waiting)
            return true;
        int left = kafka_remaining_ms(start, timeout_ms);
        if (left == 0) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "topic %s has partitions without a leader after %d ms", waiting, timeout_ms);
            return false;
        }
        pause_before_retry(left);
    }
}
