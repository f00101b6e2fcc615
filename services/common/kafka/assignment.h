/* SPDX-License-Identifier: Apache-2.0 */
/* Private to this folder: the partitions that a reader reads, their bounds and where to begin. */
#ifndef DAYWIRE_COMMON_KAFKA_ASSIGNMENT_H
#define DAYWIRE_COMMON_KAFKA_ASSIGNMENT_H

#include "common/kafka/client.h"
#include "common/kafka/reader.h"

typedef struct {
    char *name;
    rd_kafka_topic_t *handle;
    size_t first; /* index of its partition 0 */
    int partitions;
} AssignedTopic;

typedef struct {
    AssignedTopic *topics;
    size_t topic_count;
    KafkaPartition *partitions; /* in the order of the topics, then by number */
    size_t partition_count;
} KafkaAssignment;

/* `assignment` is all zero. NOT_FOUND, UNAVAILABLE. Release it also after a failure. */
bool kafka_assignment_init(KafkaAssignment *assignment, const KafkaClient *client, const char *const *names,
                           int timeout_ms, GError **error) MUST_CHECK;
/* Before the client is closed. */
void kafka_assignment_release(KafkaAssignment *assignment);

/* See kafka_reader_seek_time(). */
bool kafka_assignment_seek_time(KafkaAssignment *assignment, const KafkaClient *client, Instant since,
                                int timeout_ms, GError **error) MUST_CHECK;

/* LOST when a position lies outside of its log. */
bool kafka_assignment_check_positions(const KafkaAssignment *assignment, GError **error) MUST_CHECK;

/* The index of a partition, or partition_count. */
size_t kafka_assignment_find(const KafkaAssignment *assignment, const char *topic, int32_t number);

#endif
