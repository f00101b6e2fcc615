/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "common/error.h"
#include "common/kafka_fixture.h"

static KafkaReader *open_started(const Config *config)
{
    g_autoptr(GError) error = NULL;
    KafkaReader *reader = open_reader(config);
    if (!kafka_reader_start(reader, &error))
        fail_msg("%s", error->message);
    return reader;
}

static const BusRecord *find_key(const GPtrArray *records, const char *key)
{
    for (guint i = 0; i < records->len; i++) {
        const BusRecord *record = g_ptr_array_index(records, i);
        g_autofree char *text = bus_record_key(record);
        if (g_strcmp0(text, key) == 0)
            return record;
    }
    fail_msg("no record with the key %s", key);
    return NULL;
}

static void test_all_of_a_record_arrives(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->id, "berth-7");
    message_set_string(&statement->title, "Причал 7 снова открыт");
    statement->revision = 1;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    Instant published = INT64_C(1627041600123456);
    g_autoptr(BusRecord) sent = bus_record_from_statement(STATEMENTS_TOPIC, statement, NULL, published);
    sent->timestamp = published;
    g_autoptr(BusRecord) removed = bus_record_counter_removed(TICKS_TOPIC, "harbour", published);
    g_autoptr(BusRecord) empty = text_record(TICKS_TOPIC, "empty", "");
    send_all(fixture->config, (BusRecord *[]){sent, removed, empty}, 3);

    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 3);

    const BusRecord *found = find_key(records, "berth-7");
    assert_string_equal(found->topic, STATEMENTS_TOPIC);
    assert_in_range(found->partition, 0, STATEMENTS_PARTITIONS - 1);
    assert_int_equal(found->offset, 0);
    assert_int_equal(found->timestamp, INT64_C(1627041600123000)); /* milliseconds travel */
    assert_int_equal(found->header_count, sent->header_count);
    for (size_t i = 0; i < sent->header_count; i++) {
        assert_string_equal(found->headers[i].name, sent->headers[i].name);
        assert_string_equal(found->headers[i].value, sent->headers[i].value);
    }
    g_autoptr(Statement) back = bus_record_statement(found, &error);
    assert_non_null(back);
    assert_string_equal(back->title, statement->title);

    found = find_key(records, "harbour");
    assert_string_equal(found->topic, TICKS_TOPIC);
    assert_null(found->value);
    assert_true(ABS(found->timestamp - g_get_real_time()) < 60 * INSTANT_SECOND); /* none given: now */
    assert_string_equal(bus_record_header(found, "ce_type"), "io.daywire.counter.removed.v1");

    found = find_key(records, "empty");
    assert_non_null(found->value); /* not a tombstone */
    assert_int_equal(g_bytes_get_size(found->value), 0);
}

static void test_order_within_each_partition(void **state)
{
    const KafkaFixture *fixture = *state;
    send_numbered(fixture->config, STATEMENTS_TOPIC, "s", 200);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);

    size_t count = 0;
    const KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    assert_int_equal(count, STATEMENTS_PARTITIONS + 1);
    int64_t total = 0;
    for (size_t i = 0; i < STATEMENTS_PARTITIONS; i++) {
        assert_string_equal(partitions[i].topic, STATEMENTS_TOPIC);
        assert_int_equal(partitions[i].partition, i);
        assert_int_equal(partitions[i].low, 0);
        assert_int_equal(partitions[i].position, 0);
        total += partitions[i].high;
    }
    assert_int_equal(total, 200);
    assert_string_equal(partitions[STATEMENTS_PARTITIONS].topic, TICKS_TOPIC);
    assert_int_equal(partitions[STATEMENTS_PARTITIONS].high, 0);

    assert_false(kafka_reader_at_end(reader));
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 200);
    int64_t next[STATEMENTS_PARTITIONS] = {0};
    for (guint i = 0; i < records->len; i++) {
        const BusRecord *record = g_ptr_array_index(records, i);
        assert_int_equal(record->offset, next[record->partition]++);
    }
}

static void test_empty_topics_are_at_their_end(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    assert_true(kafka_reader_at_end(reader));
    assert_true(kafka_reader_connected(reader));
}

static void test_goes_on_from_a_position(void **state)
{
    const KafkaFixture *fixture = *state;
    send_numbered(fixture->config, TICKS_TOPIC, "t", 10);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    size_t count = 0;
    KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    partitions[STATEMENTS_PARTITIONS].position = 7;
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 3);
    g_autofree char *first = record_text(g_ptr_array_index(records, 0));
    assert_string_equal(first, "t7");

    /* and lives on beyond the end that it began with */
    send_numbered(fixture->config, TICKS_TOPIC, "later", 1);
    g_autoptr(BusRecord) later = read_one(reader, WAIT_MS);
    assert_non_null(later);
    assert_int_equal(later->offset, 10);
    assert_true(kafka_reader_at_end(reader));
}

static void test_position_outside_of_the_log_is_lost(void **state)
{
    const KafkaFixture *fixture = *state;
    send_numbered(fixture->config, TICKS_TOPIC, "t", 10);
    static const int64_t outside[] = {11, 5000, -1, -2, -1001};
    for (size_t i = 0; i < G_N_ELEMENTS(outside); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(KafkaReader) reader = open_reader(fixture->config);
        size_t count = 0;
        kafka_reader_partitions(reader, &count)[STATEMENTS_PARTITIONS].position = outside[i];
        assert_false(kafka_reader_start(reader, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
        assert_non_null(strstr(error->message, TICKS_TOPIC));
    }
}

/* The bounds were fine when the reader looked, and then records went away: the broker says so. */
static void test_records_dropped_before_they_were_read_are_lost(void **state)
{
    const KafkaFixture *fixture = *state;
    send_numbered(fixture->config, TICKS_TOPIC, "t", 1);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    /* The embedded broker keeps 5 MiB. */
    g_autofree char *large = g_strnfill(900000, 'x');
    g_autoptr(BusRecord) record = text_record(TICKS_TOPIC, "large", large);
    BusRecord *records[] = {record, record, record, record, record, record, record, record};
    send_all(fixture->config, records, G_N_ELEMENTS(records));

    g_autoptr(GError) error = NULL;
    assert_true(kafka_reader_start(reader, &error));
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    KafkaRead result = KAFKA_READ_NOTHING;
    while (result == KAFKA_READ_NOTHING && g_get_monotonic_time() < end) {
        BusRecord *got = NULL;
        result = kafka_reader_read(reader, 100, &got, &error);
        bus_record_free(got);
    }
    assert_int_equal(result, KAFKA_READ_FAILED);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
}

static void test_missing_topic_is_not_found_and_not_created(void **state)
{
    const KafkaFixture *fixture = *state;
    for (int attempt = 0; attempt < 2; attempt++) {
        g_autoptr(GError) error = NULL;
        const char *const topics[] = {STATEMENTS_TOPIC, "no.such.topic", NULL};
        assert_null(kafka_reader_new(fixture->config, topics, WAIT_MS, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
        assert_non_null(strstr(error->message, "no.such.topic"));
    }
}

static void test_no_broker_is_unavailable(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    embedded_broker_set_up(fixture->broker, false);
    int64_t start = g_get_monotonic_time();
    assert_null(kafka_reader_new(fixture->config, (const char *const[]){TICKS_TOPIC, NULL}, 300, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_non_null(strstr(error->message, "127.0.0.1:"));
    assert_true(g_get_monotonic_time() - start < 3 * G_TIME_SPAN_SECOND);
}

static void test_broker_down_is_waited_out(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    send_numbered(fixture->config, TICKS_TOPIC, "before", 3);
    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    g_autoptr(GPtrArray) before = read_to_end(reader);
    assert_int_equal(before->len, 3);

    embedded_broker_set_up(fixture->broker, false);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (kafka_reader_connected(reader) && g_get_monotonic_time() < end) {
        BusRecord *record = NULL;
        assert_int_equal(kafka_reader_read(reader, 50, &record, &error), KAFKA_READ_NOTHING);
    }
    assert_false(kafka_reader_connected(reader));

    embedded_broker_set_up(fixture->broker, true);
    send_numbered(fixture->config, TICKS_TOPIC, "after", 1);
    g_autoptr(BusRecord) after = read_one(reader, WAIT_MS);
    assert_non_null(after);
    assert_int_equal(after->offset, 3);
    assert_true(kafka_reader_connected(reader));
}

static void test_faults_that_pass_are_invisible(void **state)
{
    const KafkaFixture *fixture = *state;
    embedded_broker_fail(fixture->broker, EMBEDDED_FETCH, EMBEDDED_NOT_LEADER, 2);
    embedded_broker_fail(fixture->broker, EMBEDDED_FETCH, EMBEDDED_DISCONNECT, 1);
    /* asked again, the broker has it */
    embedded_broker_fail(fixture->broker, EMBEDDED_FETCH, EMBEDDED_UNKNOWN_TOPIC, 1);
    send_numbered(fixture->config, STATEMENTS_TOPIC, "s", 50);
    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 50);
}

static gpointer wake_soon(gpointer data)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    nanosleep(&moment, NULL);
    kafka_reader_wake(data);
    return NULL;
}

static void test_wake(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    g_autoptr(GPtrArray) none = read_to_end(reader);
    for (int i = 0; i < 2; i++) {
        int64_t start = g_get_monotonic_time();
        GThread *thread = g_thread_new("wake", wake_soon, reader);
        BusRecord *record = NULL;
        assert_int_equal(kafka_reader_read(reader, 60000, &record, &error), KAFKA_READ_NOTHING);
        assert_true(g_get_monotonic_time() - start < 30 * G_TIME_SPAN_SECOND);
        g_thread_join(thread);
    }
    /* A wake before the wait is not lost. */
    kafka_reader_wake(reader);
    BusRecord *record = NULL;
    assert_int_equal(kafka_reader_read(reader, 60000, &record, &error), KAFKA_READ_NOTHING);
}

static void test_seek_time_reads_everything_here(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    send_numbered(fixture->config, TICKS_TOPIC, "t", 5);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    assert_true(kafka_reader_seek_time(reader, g_get_real_time(), WAIT_MS, &error));
    assert_true(kafka_reader_start(reader, &error));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 5);
}

static void test_cluster_tells_brokers_apart(void **state)
{
    const KafkaFixture *fixture = *state;
    void *other_state = NULL;
    kafka_fixture_setup(&other_state);
    const KafkaFixture *other = other_state;
    g_autoptr(KafkaReader) first = open_reader(fixture->config);
    g_autoptr(KafkaReader) again = open_reader(fixture->config);
    g_autoptr(KafkaReader) second = open_reader(other->config);
    assert_true(strlen(kafka_reader_cluster(first)) > 0);
    assert_string_equal(kafka_reader_cluster(first), kafka_reader_cluster(again));
    assert_string_not_equal(kafka_reader_cluster(first), kafka_reader_cluster(second));
    g_clear_pointer(&second, kafka_reader_free);
    kafka_fixture_teardown(&other_state);
}

static void test_a_foreign_record_is_kept_within_bounds(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(BusRecord) sent = text_record(TICKS_TOPIC, "k", "v");
    while (sent->header_count < BUS_HEADERS_MAX)
        sent->headers[sent->header_count++] = (BusHeader){.name = "more", .value = "x"};
    send_all(fixture->config, &sent, 1);
    g_autoptr(KafkaReader) reader = open_started(fixture->config);
    g_autoptr(GPtrArray) records = read_to_end(reader);
    const BusRecord *record = g_ptr_array_index(records, 0);
    assert_int_equal(record->header_count, BUS_HEADERS_MAX);
    assert_string_equal(bus_record_header(record, "more"), "x");
}

static void test_configuration_may_not_break_the_promises(void **state)
{
    const KafkaFixture *fixture = *state;
    static const char *const refused[] = {
        "DAYWIRE_KAFKA_ISOLATION_LEVEL=read_uncommitted",
        "DAYWIRE_KAFKA_AUTO_OFFSET_RESET=earliest",
        "DAYWIRE_KAFKA_ENABLE_PARTITION_EOF=false",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = kafka_fixture_config(fixture, (const char *const[]){refused[i], NULL});
        assert_null(kafka_reader_new(config, (const char *const[]){TICKS_TOPIC, NULL}, 1000, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_non_null(strstr(error->message, "$DAYWIRE_KAFKA_"));
    }
}

#define kafka_test(function)                                                                                 \
    cmocka_unit_test_setup_teardown(function, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        kafka_test(test_all_of_a_record_arrives),
        kafka_test(test_order_within_each_partition),
        kafka_test(test_empty_topics_are_at_their_end),
        kafka_test(test_goes_on_from_a_position),
        kafka_test(test_position_outside_of_the_log_is_lost),
        kafka_test(test_records_dropped_before_they_were_read_are_lost),
        kafka_test(test_missing_topic_is_not_found_and_not_created),
        kafka_test(test_no_broker_is_unavailable),
        kafka_test(test_broker_down_is_waited_out),
        kafka_test(test_faults_that_pass_are_invisible),
        kafka_test(test_wake),
        kafka_test(test_seek_time_reads_everything_here),
        kafka_test(test_cluster_tells_brokers_apart),
        kafka_test(test_a_foreign_record_is_kept_within_bounds),
        kafka_test(test_configuration_may_not_break_the_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
