/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka with nothing around it, for the floors. What fails ends the program. One thread. */
#ifndef DAYWIRE_TESTS_BENCH_BARE_CLIENT_H
#define DAYWIRE_TESTS_BENCH_BARE_CLIENT_H

#include <librdkafka/rdkafka.h>

#include <glib.h>

#define BARE_DEADLINE_US (INT64_C(120) * G_USEC_PER_SEC)

typedef void (*BareReport)(rd_kafka_t *client, const rd_kafka_message_t *message, void *user);

/* `pairs`: names and values of properties, with NULL at the end. `report`: NULL for a consumer. */
rd_kafka_t *bare_client_new(rd_kafka_type_t type, const char *brokers, const char *const *pairs,
                            BareReport report);

/* Connects too. */
unsigned bare_count_partitions(rd_kafka_t *client, const char *topic);

/* All partitions, from `offset` on: RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END. Returns how many. */
unsigned bare_assign(rd_kafka_t *consumer, const char *topic, int64_t offset);

/* All that the topic has: of rd_kafka_message_t, which live as long as the process. */
GPtrArray *bare_read_all(const char *brokers, const char *topic);

/* The same key, value and headers. */
void bare_produce(rd_kafka_t *producer, const char *topic, const rd_kafka_message_t *record);

#endif
