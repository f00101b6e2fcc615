/* SPDX-License-Identifier: Apache-2.0 */
/* transaction-floor BROKERS FROM TO COUNT ROUNDS: what librdkafka alone makes of a transaction. Reads the topic FROM and
 * writes its last COUNT records to the topic TO, ROUNDS times in a transaction, with the settings of
 * services/common/kafka/transactor.c, while a consumer with those of reader.c in the same process reads TO; prints the
 * milliseconds from the beginning of the transaction to each record's arrival as a JSON array. */
#include <stdio.h>

#include "bare_client.h"
#include "pace.h"

static const char *const producing[] = {"linger.ms",        "0",     "partitioner", "murmur2_random",
                                        "transactional.id", "floor", NULL};
static const char *const consuming[] = {"group.id",
                                        "floor",
                                        "enable.partition.eof",
                                        "true",
                                        "enable.auto.commit",
                                        "false",
                                        "isolation.level",
                                        "read_committed",
                                        "fetch.wait.max.ms",
                                        "100",
                                        NULL};

static void must(rd_kafka_error_t *error)
{
    if (error)
        g_error("%s", rd_kafka_error_string(error));
}

/* Until the consumer has told so many ends of partitions. */
static void wait_for_ends(rd_kafka_t *consumer, unsigned ends)
{
    int64_t deadline = g_get_monotonic_time() + BARE_DEADLINE_US;
    while (ends > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            ends--;
        if (message)
            rd_kafka_message_destroy(message);
        if (g_get_monotonic_time() > deadline)
            g_error("the consumer does not begin");
    }
}

/* The last `count` of the records. */
static void write_one(rd_kafka_t *producer, const char *topic, const GPtrArray *records, guint count)
{
    must(rd_kafka_begin_transaction(producer));
    for (guint i = records->len - count; i < records->len; i++)
        bare_produce(producer, topic, g_ptr_array_index(records, i));
    must(rd_kafka_commit_transaction(producer, 20000));
}

static void read_one(rd_kafka_t *consumer, guint count, bool first, int64_t start)
{
    for (guint read = 0; read < count;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            pace_print(first && read == 0, start);
            read++;
        }
        if (message)
            rd_kafka_message_destroy(message);
        if (g_get_monotonic_time() > start + BARE_DEADLINE_US)
            g_error("a record did not arrive");
    }
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fprintf(stderr, "usage: %s BROKERS FROM TO COUNT ROUNDS\n", argv[0]);
        return 2;
    }
    GPtrArray *records = bare_read_all(argv[1], argv[2]);
    guint count = (guint)g_ascii_strtoull(argv[4], NULL, 10);
    int64_t rounds = g_ascii_strtoll(argv[5], NULL, 10);
    if (records->len < count)
        g_error("%s has %u records", argv[2], records->len);
    rd_kafka_t *consumer = bare_client_new(RD_KAFKA_CONSUMER, argv[1], consuming, NULL);
    rd_kafka_t *producer = bare_client_new(RD_KAFKA_PRODUCER, argv[1], producing, NULL);
    must(rd_kafka_init_transactions(producer, 20000));
    wait_for_ends(consumer, bare_assign(consumer, argv[3], RD_KAFKA_OFFSET_END));
    for (int64_t i = 0; i < rounds; i++) {
        int64_t start = g_get_monotonic_time();
        write_one(producer, argv[3], records, count);
        read_one(consumer, count, i == 0, start);
    }
    printf("]\n");
    (void)fflush(stdout);
    rd_kafka_destroy(producer);
    return 0; /* the consumers go with the process */
}
