/* SPDX-License-Identifier: Apache-2.0 */
/* produce-floor BROKERS FROM TO: what librdkafka alone makes of records. Reads all records of the topic FROM into memory,
 * produces the same keys, values and headers into the topic TO with the settings of services/common/kafka/producer.c, and
 * prints the records and the seconds from the first send to the last confirmation as JSON. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>

#include <glib.h>

#define DEADLINE_US (INT64_C(120) * G_USEC_PER_SEC)

static unsigned confirmed;
static unsigned failed;

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    (void)handle;
    (void)opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        confirmed++;
    else
        failed++;
}

static void set_all(rd_kafka_conf_t *conf, const char *const *pairs)
{
    char reason[512];
    for (; *pairs; pairs += 2)
        if (rd_kafka_conf_set(conf, pairs[0], pairs[1], reason, sizeof(reason)) != RD_KAFKA_CONF_OK)
            g_error("%s", reason);
}

static rd_kafka_t *open_client(rd_kafka_type_t type, const char *brokers, const char *const *pairs)
{
    char reason[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set_all(conf, (const char *const[]){"bootstrap.servers", brokers, NULL});
    set_all(conf, pairs);
    if (type == RD_KAFKA_PRODUCER)
        rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_t *client = rd_kafka_new(type, conf, reason, sizeof(reason));
    if (!client)
        g_error("%s", reason);
    return client;
}

static unsigned count_partitions(rd_kafka_t *client, const char *topic)
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

/* Of rd_kafka_message_t. */
static GPtrArray *read_all(const char *brokers, const char *topic)
{
    rd_kafka_t *client = open_client(RD_KAFKA_CONSUMER, brokers,
                                     (const char *const[]){"group.id", "floor", "enable.partition.eof",
                                                           "true", "enable.auto.commit", "false",
                                                           "queued.max.messages.kbytes", "1000000", NULL});
    unsigned left = count_partitions(client, topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)left);
    for (unsigned i = 0; i < left; i++)
        rd_kafka_topic_partition_list_add(list, topic, (int32_t)i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    GPtrArray *records = g_ptr_array_new();
    int64_t deadline = g_get_monotonic_time() + DEADLINE_US;
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

static void produce_all(rd_kafka_t *client, const char *topic, const GPtrArray *records)
{
    for (guint i = 0; i < records->len; i++) {
        const rd_kafka_message_t *record = g_ptr_array_index(records, i);
        rd_kafka_headers_t *headers = NULL;
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
        if (rd_kafka_message_headers(record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
            g_error("a record has no headers");
        do {
            rd_kafka_headers_t *copy = rd_kafka_headers_copy(headers);
            error = rd_kafka_producev(
                client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(record->key, record->key_len),
                RD_KAFKA_V_VALUE(record->payload, record->len), RD_KAFKA_V_HEADERS(copy),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
            if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                rd_kafka_headers_destroy(copy);
            rd_kafka_poll(client, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
        } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
            g_error("%s", rd_kafka_err2str(error));
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: %s BROKERS FROM TO\n", argv[0]);
        return 2;
    }
    GPtrArray *records = read_all(argv[1], argv[2]);
    rd_kafka_t *producer =
        open_client(RD_KAFKA_PRODUCER, argv[1],
                    (const char *const[]){"linger.ms", "0", "partitioner", "murmur2_random",
                                          "queue.buffering.max.kbytes", "65536", "enable.idempotence", "true",
                                          "acks", "-1", "message.timeout.ms", "0", NULL});
    (void)count_partitions(producer, argv[3]); /* connected */
    int64_t start = g_get_monotonic_time();
    produce_all(producer, argv[3], records);
    while (confirmed + failed < records->len && g_get_monotonic_time() < start + DEADLINE_US)
        rd_kafka_poll(producer, 100);
    int64_t end = g_get_monotonic_time();
    if (confirmed != records->len)
        g_error("%u of %u records were confirmed", confirmed, records->len);
    printf("{\"records\":%u,\"seconds\":%.3f}\n", confirmed, (double)(end - start) / G_USEC_PER_SEC);
    (void)fflush(stdout);
    rd_kafka_destroy(producer);
    return 0; /* the consumer and its records go with the process */
}
