/* SPDX-License-Identifier: Apache-2.0 */
/* An embedded broker with a configuration that leads to it, and shorthands for records, for the tests of
 * kafka/. */
#ifndef DAYWIRE_TESTS_KAFKA_FIXTURE_H
#define DAYWIRE_TESTS_KAFKA_FIXTURE_H

#include "common/bus_record.h"
#include "common/config/config.h"
#include "common/kafka/embedded_faults.h"
#include "common/kafka/producer.h"
#include "common/kafka/reader.h"

#define STATEMENTS_TOPIC      "daywire.statements"
#define STATEMENTS_PARTITIONS 3
#define TICKS_TOPIC           "daywire.ticks"
#define WAIT_MS               10000 /* for what must happen */

typedef struct {
    EmbeddedBroker *broker;
    Config *config;
} KafkaFixture;

/* Set-up and tear-down of each test for cmocka: *state is the fixture; both topics exist. */
int kafka_fixture_setup(void **state);
int kafka_fixture_teardown(void **state);

/* `variables` as for config_load(), NULL: none, beside the broker's address. Must succeed. */
Config *kafka_fixture_config(const KafkaFixture *fixture, const char *const *variables);

/* A record with a text as value (NULL: a tombstone) and one header. */
BusRecord *text_record(const char *topic, const char *key, const char *value);
/* NULL: a tombstone. g_free it. */
char *record_text(const BusRecord *record);

/* Sends each and waits until all are confirmed. */
void send_all(const Config *config, BusRecord *const *records, size_t count);
/* "n" records with the keys and values prefix0, prefix1, ... */
void send_numbered(const Config *config, const char *topic, const char *prefix, unsigned count);

/* A reader of both topics, not started. */
KafkaReader *open_reader(const Config *config);
/* Reads to the end: an array of BusRecord. Fails the test when it is not reached in time. */
GPtrArray *read_to_end(KafkaReader *reader);
/* The next record, or NULL when none comes in time. */
BusRecord *read_one(KafkaReader *reader, int timeout_ms);

#endif
