/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded broker cannot create topics over the protocol; that is tried on Apache Kafka by the end-to-end
 * tests. */
#include "unit.h"

#include "common/error.h"
#include "common/kafka/topics.h"
#include "common/kafka_fixture.h"

static void assert_fails(const Config *config, int timeout_ms, DaywireErrorCode code, const char *reason)
{
    g_autoptr(GError) error = NULL;
    assert_false(kafka_topics_ensure(config, timeout_ms, &error));
    if (error->code != (int)code || !strstr(error->message, reason))
        fail_msg("code %d: %s", error->code, error->message);
}

static void test_existing_topics_are_left_alone(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        kafka_fixture_config(fixture, (const char *const[]){"DAYWIRE_TOPICS_PARTITIONS=7", NULL});
    if (!kafka_topics_ensure(config, WAIT_MS, &error))
        fail_msg("%s", error->message);
    g_autoptr(KafkaReader) reader = open_reader(config);
    size_t count = 0;
    kafka_reader_partitions(reader, &count);
    assert_int_equal(count, STATEMENTS_PARTITIONS + 1);
}

static void test_looking_up_creates_nothing(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config =
        kafka_fixture_config(fixture, (const char *const[]){"DAYWIRE_TOPICS_TICKS=other.ticks", NULL});
    assert_fails(config, WAIT_MS, DAYWIRE_ERROR_FAILED, "other.ticks");
    assert_fails(config, WAIT_MS, DAYWIRE_ERROR_FAILED, "other.ticks");
}

static void test_no_broker_is_unavailable(void **state)
{
    const KafkaFixture *fixture = *state;
    embedded_broker_set_up(fixture->broker, false);
    assert_fails(fixture->config, 300, DAYWIRE_ERROR_UNAVAILABLE, "127.0.0.1:");
}

static void test_one_topic_for_both_is_refused(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config =
        kafka_fixture_config(fixture, (const char *const[]){"DAYWIRE_TOPICS_TICKS=" STATEMENTS_TOPIC, NULL});
    assert_fails(config, WAIT_MS, DAYWIRE_ERROR_INVALID, "[topics] ticks");
}

#define kafka_test(function)                                                                                 \
    cmocka_unit_test_setup_teardown(function, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        kafka_test(test_existing_topics_are_left_alone),
        kafka_test(test_looking_up_creates_nothing),
        kafka_test(test_no_broker_is_unavailable),
        kafka_test(test_one_topic_for_both_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
