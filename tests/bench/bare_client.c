/* SPDX-License-Identifier: Apache-2.0 */
#include "bare_client.h"

static void set_all(rd_kafka_conf_t *conf, const char *const *pairs)
{
    char reason[512];
    for (; *pairs; pairs += 2)
        if (rd_kafka_conf_set(conf, pairs[0], pairs[1], reason, sizeof(reason)) != RD_KAFKA_CONF_OK)
            g_error("%s", reason);
}

rd_kafka_t *bare_client_new(rd_kafka_type_t type, const char *brokers, const char *const *pairs,
                            BareReport report)
{
    char reason[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set_all(conf, (const char *const[]){"bootstrap.servers", brokers, NULL});
    set_all(conf, pairs);
    if (report)
        rd_kafka_conf_set_dr_msg_cb(conf, report);
    rd_kafka_t *client = rd_kafka_new(type, conf, reason, sizeof(reason));
    if (!client)
        g_error("%s", reason);
    return client;
}

unsigned bare_count_partitions(rd_kafka_t *client, const char *topic)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    if (rd_kafka_metadata(client, 0, handle, &metadata, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR)
        g_error("no metadata of %s", topic);
    unsigned count = (unsigned)metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    return count;
}

unsigned bare_assign(rd_kafka_t *consumer, const char *topic, int64_t offset)
{
    unsigned count = bare_count_partitions(consumer, topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (unsigned i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, topic, (int32_t)i)->offset = offset;
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return count;
}

GPtrArray *bare_read_all(const char *brokers, const char *topic)
{
    static const char *const properties[] = {"group.id",
                                             "floor",
                                             "enable.partition.eof",
                                             "true",
                                             "enable.auto.commit",
                                             "false",
                                             "queued.max.messages.kbytes",
                                             "1000000",
                                             NULL};
    rd_kafka_t *client = bare_client_new(RD_KAFKA_CONSUMER, brokers, properties, NULL);
    unsigned left = bare_assign(client, topic, RD_KAFKA_OFFSET_BEGINNING);
    GPtrArray *records = g_ptr_array_new();
    int64_t deadline = g_get_monotonic_time() + BARE_DEADLINE_US;
    while (left > 0 && g_get_monotonic_time() < deadline) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 1000);
        if (!message)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            g_ptr_array_add(records, message);
        else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            left--;
    }
    if (left > 0)
        g_error("%s could not be read to its end", topic);
    return records; /* the client lives on with them */
}

void bare_produce(rd_kafka_t *producer, const char *topic, const rd_kafka_message_t *record)
{
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (rd_kafka_message_headers(record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        g_error("a record has no headers");
    do {
        rd_kafka_headers_t *copy = rd_kafka_headers_copy(headers);
        error =
            rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(record->key, record->key_len),
                              RD_KAFKA_V_VALUE(record->payload, record->len), RD_KAFKA_V_HEADERS(copy),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_headers_destroy(copy);
        rd_kafka_poll(producer, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
    } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        g_error("%s", rd_kafka_err2str(error));
}
