/* SPDX-License-Identifier: Apache-2.0 */
/* produce-floor BROKERS FROM TO: what librdkafka alone makes of records. Reads all records of the topic FROM into memory,
 * produces the same keys, values and headers into the topic TO with the settings of services/common/kafka/producer.c, and
 * prints the records and the seconds from the first send to the last confirmation as JSON. */
#include <stdio.h>

#include "bare_client.h"

static const char *const properties[] = {"linger.ms",
                                         "2",
                                         "partitioner",
                                         "murmur2_random",
                                         "queue.buffering.max.kbytes",
                                         "65536",
                                         "enable.idempotence",
                                         "true",
                                         "acks",
                                         "-1",
                                         "message.timeout.ms",
                                         "0",
                                         NULL};
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

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: %s BROKERS FROM TO\n", argv[0]);
        return 2;
    }
    GPtrArray *records = bare_read_all(argv[1], argv[2]);
    rd_kafka_t *producer = bare_client_new(RD_KAFKA_PRODUCER, argv[1], properties, on_report);
    (void)bare_count_partitions(producer, argv[3]); /* connected */
    int64_t start = g_get_monotonic_time();
    for (guint i = 0; i < records->len; i++)
        bare_produce(producer, argv[3], g_ptr_array_index(records, i));
    while (confirmed + failed < records->len && g_get_monotonic_time() < start + BARE_DEADLINE_US)
        rd_kafka_poll(producer, 100);
    int64_t end = g_get_monotonic_time();
    if (confirmed != records->len)
        g_error("%u of %u records were confirmed", confirmed, records->len);
    printf("{\"records\":%u,\"seconds\":%.3f}\n", confirmed, (double)(end - start) / G_USEC_PER_SEC);
    (void)fflush(stdout);
    rd_kafka_destroy(producer);
    return 0; /* the consumer and its records go with the process */
}
