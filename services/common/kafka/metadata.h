/* SPDX-License-Identifier: Apache-2.0 */
/* Private to this folder: what the cluster says about topics. */
#ifndef DAYWIRE_COMMON_KAFKA_METADATA_H
#define DAYWIRE_COMMON_KAFKA_METADATA_H

#include "common/kafka/client.h"

typedef struct {
    const char *name;
    int partitions; /* 0: no such topic */
    bool ready;     /* it exists and each partition has a leader */
} KafkaTopicState;

/* Fills in all but the names. UNAVAILABLE: no broker answered within `timeout_ms`. */
bool kafka_metadata_look_up(const KafkaClient *client, KafkaTopicState *topics, size_t count, int timeout_ms,
                            GError **error) MUST_CHECK;

/* The same, until all topics that exist are ready. UNAVAILABLE also when some are not by then. */
bool kafka_metadata_wait_ready(const KafkaClient *client, KafkaTopicState *topics, size_t count,
                               int timeout_ms, GError **error) MUST_CHECK;

#endif
