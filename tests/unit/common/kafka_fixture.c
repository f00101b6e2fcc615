/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/kafka_fixture.h"

Config *kafka_fixture_config(const KafkaFixture *fixture, const char *const *variables)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) environment = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(environment, g_strdup_printf("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=%s",
                                                 embedded_broker_address(fixture->broker)));
    /* see embedded.h: how long a new record may go unnoticed */
    g_ptr_array_add(environment, g_strdup("DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS=10"));
    for (; variables && *variables; variables++)
        g_ptr_array_add(environment, g_strdup(*variables));
    g_ptr_array_add(environment, NULL);
    Config *config = config_load(NULL, (char *const *)environment->pdata, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

int kafka_fixture_setup(void **state)
{
    g_autoptr(GError) error = NULL;
    KafkaFixture *fixture = g_new0(KafkaFixture, 1);
    fixture->broker = embedded_broker_new(&error);
    if (!fixture->broker ||
        !embedded_broker_create_topic(fixture->broker, STATEMENTS_TOPIC, STATEMENTS_PARTITIONS, &error) ||
        !embedded_broker_create_topic(fixture->broker, TICKS_TOPIC, 1, &error))
        fail_msg("%s", error->message);
    fixture->config = kafka_fixture_config(fixture, NULL);
    *state = fixture;
    return 0;
}

int kafka_fixture_teardown(void **state)
{
    KafkaFixture *fixture = *state;
    config_free(fixture->config);
    embedded_broker_free(fixture->broker);
    g_free(fixture);
    return 0;
}

BusRecord *text_record(const char *topic, const char *key, const char *value)
{
    BusRecord *record = g_new0(BusRecord, 1);
    record->topic = g_strdup(topic);
    record->partition = -1;
    record->offset = -1;
    record->key = g_bytes_new(key, strlen(key));
    record->value = value ? g_bytes_new(value, strlen(value)) : NULL;
    char *id = g_strdup(key);
    record->headers[record->header_count++] = (BusHeader){.name = "ce_id", .value = id, .memory = id};
    return record;
}

char *record_text(const BusRecord *record)
{
    if (!record->value)
        return NULL;
    size_t size = 0;
    const char *data = g_bytes_get_data(record->value, &size);
    return g_strndup(data, size);
}

static void count_written(const KafkaDelivery *delivery, void *user)
{
    size_t *written = user;
    if (!delivery->written)
        fail_msg("not written: %s", delivery->error);
    (*written)++;
}

void send_all(const Config *config, BusRecord *const *records, size_t count)
{
    g_autoptr(GError) error = NULL;
    size_t written = 0;
    KafkaProducer *producer = kafka_producer_new(config, count_written, &written, &error);
    if (!producer)
        fail_msg("%s", error->message);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    for (size_t i = 0; i < count; i++)
        if (!kafka_producer_send(producer, records[i], NULL, &error))
            fail_msg("%s", error->message);
    while (written < count && g_get_monotonic_time() < end)
        if (!kafka_producer_poll(producer, 100, &error))
            fail_msg("%s", error->message);
    assert_int_equal(written, count);
    kafka_producer_free(producer, WAIT_MS);
}

void send_numbered(const Config *config, const char *topic, const char *prefix, unsigned count)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)bus_record_free);
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%s%u", prefix, i);
        g_ptr_array_add(records, text_record(topic, name, name));
    }
    send_all(config, (BusRecord *const *)records->pdata, records->len);
}

KafkaReader *open_reader(const Config *config)
{
    g_autoptr(GError) error = NULL;
    KafkaReader *reader =
        kafka_reader_new(config, (const char *const[]){STATEMENTS_TOPIC, TICKS_TOPIC, NULL}, WAIT_MS, &error);
    if (!reader)
        fail_msg("%s", error->message);
    return reader;
}

GPtrArray *read_to_end(KafkaReader *reader)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)bus_record_free);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (!kafka_reader_at_end(reader)) {
        BusRecord *record = NULL;
        KafkaRead result = kafka_reader_read(reader, 100, &record, &error);
        if (result == KAFKA_READ_FAILED)
            fail_msg("%s", error->message);
        if (result == KAFKA_READ_RECORD)
            g_ptr_array_add(records, record);
        if (g_get_monotonic_time() >= end)
            fail_msg("the end was not reached");
    }
    return records;
}

BusRecord *read_one(KafkaReader *reader, int timeout_ms)
{
    g_autoptr(GError) error = NULL;
    int64_t end = g_get_monotonic_time() + timeout_ms * INT64_C(1000);
    do {
        BusRecord *record = NULL;
        KafkaRead result = kafka_reader_read(reader, 50, &record, &error);
        if (result == KAFKA_READ_FAILED)
            fail_msg("%s", error->message);
        if (result == KAFKA_READ_RECORD)
            return record;
    } while (g_get_monotonic_time() < end);
    return NULL;
}
