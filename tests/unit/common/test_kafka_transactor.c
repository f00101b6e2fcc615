/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded broker has no transactions proper, so that nothing is said here about what readers see: only
 * which answer each failure gets. */
#include "unit.h"

#include "common/error.h"
#include "common/kafka/transactor.h"
#include "common/kafka_fixture.h"

#define ID "test-counter"

typedef KafkaTransactor Transactor;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transactor, kafka_transactor_free)

static Transactor *open_transactor(const KafkaFixture *fixture)
{
    g_autoptr(GError) error = NULL;
    Transactor *transactor = kafka_transactor_new(fixture->config, ID, WAIT_MS, &error);
    if (!transactor)
        fail_msg("%s", error->message);
    return transactor;
}

static bool write_two(Transactor *transactor, int timeout_ms, GError **error)
{
    g_autoptr(BusRecord) a = text_record(TICKS_TOPIC, "a", "1");
    g_autoptr(BusRecord) b = text_record(TICKS_TOPIC, "b", "2");
    return kafka_transactor_write(transactor, (BusRecord *[]){a, b}, 2, timeout_ms, error);
}

static void assert_write_fails(Transactor *transactor, int timeout_ms, DaywireErrorCode code)
{
    g_autoptr(GError) error = NULL;
    assert_false(write_two(transactor, timeout_ms, &error));
    if (error->code != (int)code)
        fail_msg("code %d: %s", error->code, error->message);
}

static void assert_write_works(Transactor *transactor)
{
    g_autoptr(GError) error = NULL;
    if (!write_two(transactor, WAIT_MS, &error))
        fail_msg("%s", error->message);
}

static void test_groups_are_written(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    for (int i = 0; i < 3; i++)
        assert_write_works(transactor);
    assert_true(kafka_transactor_write(transactor, NULL, 0, WAIT_MS, NULL)); /* nothing is fine */
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 6);
}

static int64_t look_up_end(Transactor *transactor)
{
    g_autoptr(GError) error = NULL;
    int64_t end = -1;
    if (!kafka_transactor_look_up_end(transactor, TICKS_TOPIC, 0, WAIT_MS, &end, &error))
        fail_msg("%s", error->message);
    return end;
}

static void test_tells_how_far_it_has_written(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    assert_int_equal(kafka_transactor_written_to(transactor, 0), 0);
    assert_int_equal(look_up_end(transactor), 0);
    for (int i = 1; i <= 2; i++) {
        assert_write_works(transactor);
        assert_int_equal(kafka_transactor_written_to(transactor, 0), 2 * i);
        assert_int_equal(kafka_transactor_written_to(transactor, 1), 0);
        assert_int_equal(look_up_end(transactor), 2 * i);
    }
}

static void write_one(Transactor *transactor, int32_t partition)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(BusRecord) record = text_record(STATEMENTS_TOPIC, "a", "1");
    record->partition = partition;
    if (!kafka_transactor_write(transactor, &record, 1, WAIT_MS, &error))
        fail_msg("%s", error->message);
}

/* With what was committed before, elsewhere; without what was aborted. */
static void test_tells_how_far_it_has_written_in_all(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    write_one(transactor, 0);
    write_one(transactor, 1);
    write_one(transactor, 1);
    if (!kafka_transactor_discard_open(transactor, STATEMENTS_TOPIC, 1, WAIT_MS, &error))
        fail_msg("%s", error->message);
    assert_int_equal(kafka_transactor_written_to(transactor, 0), 1);
    assert_int_equal(kafka_transactor_written_to(transactor, 1), 2);
}

/* What it is for needs a broker with transactions proper: tests/e2e/kafka-lost-commits.test.mjs. */
static void test_discards_and_goes_on(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    if (!kafka_transactor_discard_open(transactor, TICKS_TOPIC, 0, WAIT_MS, &error))
        fail_msg("%s", error->message);
    assert_write_works(transactor);
    embedded_broker_fail(fixture->broker, EMBEDDED_ADD_PARTITIONS, EMBEDDED_FENCED, 1);
    assert_false(kafka_transactor_discard_open(transactor, TICKS_TOPIC, 0, WAIT_MS, &error));
    assert_int_equal(error->code, DAYWIRE_ERROR_CONFLICT);
}

static void test_refused_record_aborts_and_another_try_works(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    embedded_broker_fail(fixture->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_UNAVAILABLE);
    /* The refused record has left a gap in the numbering, which costs one more abort to be noticed. */
    assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_UNAVAILABLE);
    assert_write_works(transactor);
}

static void test_refused_partitions_abort(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    embedded_broker_fail(fixture->broker, EMBEDDED_ADD_PARTITIONS, EMBEDDED_REFUSED, 1);
    int64_t start = g_get_monotonic_time();
    assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_UNAVAILABLE);
    assert_true(g_get_monotonic_time() - start <
                WAIT_MS * G_TIME_SPAN_MILLISECOND / 2); /* not by a time-out */
    assert_write_works(transactor);
}

static void test_record_too_large_aborts(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    g_autofree char *huge = g_strnfill(2000000, 'x');
    g_autoptr(BusRecord) small = text_record(TICKS_TOPIC, "a", "1");
    g_autoptr(BusRecord) large = text_record(TICKS_TOPIC, "b", huge);
    BusRecord *records[] = {small, large};
    assert_false(kafka_transactor_write(transactor, records, 2, WAIT_MS, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_write_works(transactor);
}

static void test_fenced_is_a_conflict(void **state)
{
    const KafkaFixture *fixture = *state;
    static const EmbeddedRequest requests[] = {EMBEDDED_ADD_PARTITIONS, EMBEDDED_END_TRANSACTION};
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(Transactor) transactor = open_transactor(fixture);
        embedded_broker_fail(fixture->broker, requests[i], EMBEDDED_FENCED, 1);
        assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_CONFLICT);
        assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_CONFLICT); /* for good */
    }
}

static void test_unknown_result_is_lost_for_good(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    assert_write_works(transactor);
    /* The coordinator is gone when the transaction ends. */
    embedded_broker_fail(fixture->broker, EMBEDDED_END_TRANSACTION, EMBEDDED_DISCONNECT, 1000);
    assert_write_fails(transactor, 1000, DAYWIRE_ERROR_LOST);
    assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_LOST);
}

static void test_time_out_before_the_commit_is_lost_for_good(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Transactor) transactor = open_transactor(fixture);
    assert_write_works(transactor);
    embedded_broker_set_up(fixture->broker, false);
    assert_write_fails(transactor, 500, DAYWIRE_ERROR_LOST);
    embedded_broker_set_up(fixture->broker, true);
    assert_write_fails(transactor, WAIT_MS, DAYWIRE_ERROR_LOST);
    /* and another one works */
    g_autoptr(Transactor) next = open_transactor(fixture);
    assert_write_works(next);
}

static void test_no_broker_is_unavailable(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    embedded_broker_set_up(fixture->broker, false);
    assert_null(kafka_transactor_new(fixture->config, ID, 300, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
}

static void test_bad_property_is_invalid(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        kafka_fixture_config(fixture, (const char *const[]){"DAYWIRE_KAFKA_ACKS=0", NULL});
    assert_null(kafka_transactor_new(config, ID, 300, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
}

#define kafka_test(function)                                                                                 \
    cmocka_unit_test_setup_teardown(function, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        kafka_test(test_groups_are_written),
        kafka_test(test_tells_how_far_it_has_written),
        kafka_test(test_tells_how_far_it_has_written_in_all),
        kafka_test(test_discards_and_goes_on),
        kafka_test(test_refused_record_aborts_and_another_try_works),
        kafka_test(test_refused_partitions_abort),
        kafka_test(test_record_too_large_aborts),
        kafka_test(test_fenced_is_a_conflict),
        kafka_test(test_unknown_result_is_lost_for_good),
        kafka_test(test_time_out_before_the_commit_is_lost_for_good),
        kafka_test(test_no_broker_is_unavailable),
        kafka_test(test_bad_property_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
