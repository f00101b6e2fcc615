/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kafka/assignment.h"

#include "common/error.h"
#include "common/kafka/metadata.h"

static bool find_topics(KafkaAssignment *assignment, const KafkaClient *client, const char *const *names,
                        int timeout_ms, GError **error)
{
    assignment->topic_count = g_strv_length((char **)names);
    assignment->topics = g_new0(AssignedTopic, assignment->topic_count);
    g_autofree KafkaTopicState *states = g_new0(KafkaTopicState, assignment->topic_count);
    for (size_t i = 0; i < assignment->topic_count; i++)
        states[i].name = names[i];
    if (!kafka_metadata_wait_ready(client, states, assignment->topic_count, timeout_ms, error))
        return false;
    for (size_t i = 0; i < assignment->topic_count; i++) {
        if (states[i].partitions == 0) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "there is no topic %s", names[i]);
            return false;
        }
        assignment->topics[i] = (AssignedTopic){
            .name = g_strdup(names[i]),
            .handle = rd_kafka_topic_new(client->handle, names[i], NULL),
            .first = assignment->partition_count,
            .partitions = states[i].partitions,
        };
        assignment->partition_count += (size_t)states[i].partitions;
    }
    return true;
}

static bool find_bounds(KafkaAssignment *assignment, const KafkaClient *client, int timeout_ms,
                        GError **error)
{
    int64_t start = g_get_monotonic_time();
    assignment->partitions = g_new0(KafkaPartition, assignment->partition_count);
    for (size_t t = 0; t < assignment->topic_count; t++) {
        const AssignedTopic *topic = &assignment->topics[t];
        for (int32_t number = 0; number < topic->partitions; number++) {
            KafkaPartition *partition = &assignment->partitions[topic->first + (size_t)number];
            rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
                client->handle, topic->name, number, &partition->low, &partition->high,
                MAX(kafka_remaining_ms(start, timeout_ms), 1));
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
                g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                            "partition %d of %s cannot be looked at: %s", number, topic->name,
                            rd_kafka_err2str(code));
                return false;
            }
            partition->topic = topic->name;
            partition->partition = number;
            partition->position = partition->low;
        }
    }
    return true;
}

bool kafka_assignment_init(KafkaAssignment *assignment, const KafkaClient *client, const char *const *names,
                           int timeout_ms, GError **error)
{
    int64_t start = g_get_monotonic_time();
    return find_topics(assignment, client, names, timeout_ms, error) &&
           find_bounds(assignment, client, kafka_remaining_ms(start, timeout_ms), error);
}

void kafka_assignment_release(KafkaAssignment *assignment)
{
    for (size_t t = 0; t < assignment->topic_count; t++) {
        if (assignment->topics[t].handle)
            rd_kafka_topic_destroy(assignment->topics[t].handle);
        g_free(assignment->topics[t].name);
    }
    g_free(assignment->topics);
    g_free(assignment->partitions);
    *assignment = (KafkaAssignment){0};
}

/* A partition without a record that young answers with the logical offset "end", as does one that is empty.
 */
static void take_positions(KafkaAssignment *assignment, const rd_kafka_topic_partition_list_t *found)
{
    for (int i = 0; i < found->cnt; i++) {
        KafkaPartition *partition = &assignment->partitions[i];
        int64_t offset = found->elems[i].offset;
        partition->position = offset < 0 ? partition->high : CLAMP(offset, partition->low, partition->high);
    }
}

bool kafka_assignment_seek_time(KafkaAssignment *assignment, const KafkaClient *client, Instant since,
                                int timeout_ms, GError **error)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)assignment->partition_count);
    for (size_t i = 0; i < assignment->partition_count; i++)
        rd_kafka_topic_partition_list_add(list, assignment->partitions[i].topic,
                                          assignment->partitions[i].partition)
            ->offset = MAX(since / 1000, 0);
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client->handle, list, timeout_ms);
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        code = list->elems[i].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        take_positions(assignment, list);
    else
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "offsets by time cannot be looked up: %s", rd_kafka_err2str(code));
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* A negative number would be one of librdkafka's logical offsets, hence this is not left to the broker. */
bool kafka_assignment_check_positions(const KafkaAssignment *assignment, GError **error)
{
    for (size_t i = 0; i < assignment->partition_count; i++) {
        const KafkaPartition *partition = &assignment->partitions[i];
        if (partition->position >= partition->low && partition->position <= partition->high)
            continue;
        g_set_error(
            error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
            "position %" G_GINT64_FORMAT " of %s, partition %d, lies outside of its log, %" G_GINT64_FORMAT
            " to %" G_GINT64_FORMAT,
            partition->position, partition->topic, partition->partition, partition->low, partition->high);
        return false;
    }
    return true;
}

size_t kafka_assignment_find(const KafkaAssignment *assignment, const char *topic, int32_t number)
{
    for (size_t t = 0; t < assignment->topic_count; t++) {
        const AssignedTopic *assigned = &assignment->topics[t];
        if (strcmp(assigned->name, topic) == 0 && number >= 0 && number < assigned->partitions)
            return assigned->first + (size_t)number;
    }
    return assignment->partition_count;
}
