/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <poll.h>

#include "common/error.h"
#include "common/kafka_fixture.h"

#define REPORTS_MAX 512

typedef struct {
    size_t count;
    struct {
        uintptr_t tag;
        bool written;
        int32_t partition;
        int64_t offset;
        char *error;
    } list[REPORTS_MAX];
} Reports;

static void on_delivery(const KafkaDelivery *delivery, void *user)
{
    Reports *reports = user;
    assert_true(reports->count < REPORTS_MAX);
    reports->list[reports->count].tag = (uintptr_t)delivery->tag;
    reports->list[reports->count].written = delivery->written;
    reports->list[reports->count].partition = delivery->partition;
    reports->list[reports->count].offset = delivery->offset;
    reports->list[reports->count].error = g_strdup(delivery->error);
    reports->count++;
}

static void reports_clear(Reports *reports)
{
    for (size_t i = 0; i < reports->count; i++)
        g_free(reports->list[i].error);
    reports->count = 0;
}

static KafkaProducer *open_producer(const Config *config, Reports *reports)
{
    g_autoptr(GError) error = NULL;
    KafkaProducer *producer = kafka_producer_new(config, on_delivery, reports, &error);
    if (!producer)
        fail_msg("%s", error->message);
    return producer;
}

static void send_text(KafkaProducer *producer, const char *key, const char *value, uintptr_t tag)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(BusRecord) record = text_record(STATEMENTS_TOPIC, key, value);
    if (!kafka_producer_send(producer, record, (void *)tag, &error))
        fail_msg("%s", error->message);
}

/* Polls until there are `count` reports. */
static void await_reports(KafkaProducer *producer, const Reports *reports, size_t count)
{
    g_autoptr(GError) error = NULL;
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (reports->count < count && g_get_monotonic_time() < end)
        if (!kafka_producer_poll(producer, 50, &error))
            fail_msg("%s", error->message);
    assert_int_equal(reports->count, count);
}

static void test_reports_in_order_of_each_partition(void **state)
{
    const KafkaFixture *fixture = *state;
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    for (uintptr_t i = 0; i < 300; i++) {
        g_autofree char *key = g_strdup_printf("key%u", (unsigned)(i % 30));
        send_text(producer, key, "text", i + 1);
    }
    await_reports(producer, &reports, 300);
    assert_true(kafka_producer_connected(producer));

    uintptr_t last_tag[STATEMENTS_PARTITIONS] = {0};
    int64_t next_offset[STATEMENTS_PARTITIONS] = {0};
    for (size_t i = 0; i < reports.count; i++) {
        int32_t partition = reports.list[i].partition;
        assert_true(reports.list[i].written);
        assert_null(reports.list[i].error);
        assert_in_range(partition, 0, STATEMENTS_PARTITIONS - 1);
        assert_true(reports.list[i].tag > last_tag[partition]);
        assert_int_equal(reports.list[i].offset, next_offset[partition]);
        last_tag[partition] = reports.list[i].tag;
        next_offset[partition]++;
    }
    for (int i = 0; i < STATEMENTS_PARTITIONS; i++)
        assert_true(next_offset[i] > 0); /* the keys are spread */
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void test_keys_lie_where_other_clients_put_them(void **state)
{
    const KafkaFixture *fixture = *state;
    /* murmur2 of Kafka's Java client, from its own tests */
    static const struct {
        const char *key;
        int32_t hash;
    } known[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        send_text(producer, known[i].key, "x", i);
        await_reports(producer, &reports, i + 1);
        assert_int_equal(reports.list[i].partition, (known[i].hash & 0x7fffffff) % STATEMENTS_PARTITIONS);
    }
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

/* Whatever it is, records go where they are sent. */
static void test_an_expected_topic(void **state)
{
    static const char *const topics[] = {STATEMENTS_TOPIC, "no-such-topic", "no name for a topic", ""};
    const KafkaFixture *fixture = *state;
    for (size_t i = 0; i < G_N_ELEMENTS(topics); i++) {
        Reports reports = {0};
        KafkaProducer *producer = open_producer(fixture->config, &reports);
        kafka_producer_expect(producer, topics[i]);
        send_text(producer, "key", "text", 1);
        await_reports(producer, &reports, 1);
        assert_true(reports.list[0].written);
        kafka_producer_free(producer, 0);
        reports_clear(&reports);
    }
}

static void test_waits_for_a_broker_that_is_down(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    send_text(producer, "first", "x", 1);
    await_reports(producer, &reports, 1);

    embedded_broker_set_up(fixture->broker, false);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (kafka_producer_connected(producer) && g_get_monotonic_time() < end)
        assert_true(kafka_producer_poll(producer, 20, &error));
    assert_false(kafka_producer_connected(producer));
    for (uintptr_t i = 2; i <= 50; i++)
        send_text(producer, "same key", "x", i);
    assert_true(kafka_producer_poll(producer, 300, &error));
    assert_int_equal(reports.count, 1); /* neither written nor given up */

    embedded_broker_set_up(fixture->broker, true);
    await_reports(producer, &reports, 50);
    for (size_t i = 1; i < 50; i++) {
        assert_true(reports.list[i].written);
        assert_int_equal(reports.list[i].tag, i + 1);
    }
    assert_true(kafka_producer_connected(producer));
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void test_faults_that_pass_are_invisible(void **state)
{
    const KafkaFixture *fixture = *state;
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_NOT_LEADER, 2);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_DISCONNECT, 1);
    for (uintptr_t i = 1; i <= 20; i++)
        send_text(producer, "key", "x", i);
    await_reports(producer, &reports, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_true(reports.list[i].written);
        assert_int_equal(reports.list[i].tag, i + 1);
    }
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void test_refused_record_is_reported(void **state)
{
    const KafkaFixture *fixture = *state;
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    send_text(producer, "key", "x", 7);
    await_reports(producer, &reports, 1);
    assert_false(reports.list[0].written);
    assert_int_equal(reports.list[0].tag, 7);
    assert_int_equal(reports.list[0].offset, -1);
    assert_non_null(strstr(reports.list[0].error, "validate record"));
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void test_fatal_error_is_lost(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(BusRecord) record = text_record(STATEMENTS_TOPIC, "key", "x");
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    send_text(producer, "key", "x", 1);
    await_reports(producer, &reports, 1);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_OUT_OF_ORDER, 1);
    send_text(producer, "key", "x", 2);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    bool well = true;
    while (well && g_get_monotonic_time() < end)
        well = kafka_producer_poll(producer, 50, &error);
    assert_false(well);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
    g_clear_error(&error);
    assert_false(kafka_producer_send(producer, record, NULL, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void test_bounded(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = kafka_fixture_config(
        fixture, (const char *const[]){"DAYWIRE_KAFKA_QUEUE_BUFFERING_MAX_MESSAGES=10", NULL});
    Reports reports = {0};
    KafkaProducer *producer = open_producer(config, &reports);
    embedded_broker_set_up(fixture->broker, false);
    g_autoptr(BusRecord) record = text_record(STATEMENTS_TOPIC, "key", "x");
    unsigned taken = 0;
    while (taken < 100 && kafka_producer_send(producer, record, NULL, &error))
        taken++;
    assert_int_equal(taken, 10);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));

    g_clear_error(&error);
    g_autofree char *huge = g_strnfill(2000000, 'x');
    g_autoptr(BusRecord) large = text_record(STATEMENTS_TOPIC, "key", huge);
    assert_false(kafka_producer_send(producer, large, NULL, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));

    /* What is dropped is dropped without a report, and without waiting for the broker. */
    int64_t start = g_get_monotonic_time();
    kafka_producer_free(producer, 100);
    assert_true(g_get_monotonic_time() - start < 5000000);
    assert_int_equal(reports.count, 0);
}

static void test_event_fd(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    Reports reports = {0};
    KafkaProducer *producer = open_producer(fixture->config, &reports);
    struct pollfd waiting = {.fd = kafka_producer_event_fd(producer), .events = POLLIN};
    send_text(producer, "key", "x", 1);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (reports.count == 0 && g_get_monotonic_time() < end) {
        assert_int_equal(poll(&waiting, 1, WAIT_MS), 1);
        uint64_t count = 0;
        assert_int_equal(read(waiting.fd, &count, sizeof(count)), sizeof(count));
        assert_true(kafka_producer_poll(producer, 0, &error));
    }
    assert_int_equal(reports.count, 1);
    kafka_producer_free(producer, 0);
    reports_clear(&reports);
}

static void assert_refused_config(const KafkaFixture *fixture, const char *variable, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = kafka_fixture_config(fixture, (const char *const[]){variable, NULL});
    assert_null(kafka_producer_new(config, on_delivery, NULL, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    if (!strstr(error->message, reason))
        fail_msg("\"%s\" does not say \"%s\"", error->message, reason);
}

static void test_configuration_errors_name_their_origin(void **state)
{
    const KafkaFixture *fixture = *state;
    assert_refused_config(fixture, "DAYWIRE_KAFKA_LINGER_MS=soon", "$DAYWIRE_KAFKA_LINGER_MS");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_NO_SUCH_PROPERTY=1", "no.such.property");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_ACKS=1", "acks");
    /* under its other name */
    assert_refused_config(fixture, "DAYWIRE_KAFKA_REQUEST_REQUIRED_ACKS=1", "request.required.acks");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_DELIVERY_TIMEOUT_MS=1000", "message.timeout.ms = 0");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_ENABLE_IDEMPOTENCE=false", "enable.idempotence");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_TRANSACTIONAL_ID=x", "[counters]");
    assert_refused_config(fixture, "DAYWIRE_KAFKA_MAX_IN_FLIGHT=50", "in.flight");

    /* Saying the same thing in other words is fine. */
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        kafka_fixture_config(fixture, (const char *const[]){"DAYWIRE_KAFKA_ACKS=all", NULL});
    KafkaProducer *producer = kafka_producer_new(config, on_delivery, NULL, &error);
    assert_non_null(producer);
    kafka_producer_free(producer, 0);
}

#define kafka_test(function)                                                                                 \
    cmocka_unit_test_setup_teardown(function, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        kafka_test(test_reports_in_order_of_each_partition),
        kafka_test(test_keys_lie_where_other_clients_put_them),
        kafka_test(test_an_expected_topic),
        kafka_test(test_waits_for_a_broker_that_is_down),
        kafka_test(test_faults_that_pass_are_invisible),
        kafka_test(test_refused_record_is_reported),
        kafka_test(test_fatal_error_is_lost),
        kafka_test(test_bounded),
        kafka_test(test_event_fd),
        kafka_test(test_configuration_errors_name_their_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
