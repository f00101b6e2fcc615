/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/kafka/membership.h"
#include "common/kafka_fixture.h"

#define GROUP      "test-counters"
#define SESSION_MS 6000
#define GROUP_MS   60000 /* the embedded broker takes seconds for each change of a group */
#define LOOK_US    20000

typedef KafkaMembership Membership;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Membership, kafka_membership_free)

static Membership *join(const KafkaFixture *fixture, const char *group)
{
    g_autoptr(GError) error = NULL;
    Membership *membership = kafka_membership_new(fixture->config, group, TICKS_TOPIC, SESSION_MS, &error);
    if (!membership)
        fail_msg("%s", error->message);
    return membership;
}

static KafkaMember look(Membership *membership)
{
    g_autoptr(GError) error = NULL;
    KafkaMember state = kafka_membership_look(membership, &error);
    if (error)
        fail_msg("%s", error->message);
    return state;
}

static void await(Membership *membership, KafkaMember wanted)
{
    int64_t end = g_get_monotonic_time() + GROUP_MS * G_TIME_SPAN_MILLISECOND;
    while (look(membership) != wanted) {
        if (g_get_monotonic_time() > end)
            fail_msg("it is %d, not %d", look(membership), wanted);
        g_usleep(LOOK_US);
    }
}

/* Until one is elected and the other is not; true: the first. */
static bool await_one(Membership *first, Membership *second)
{
    int64_t end = g_get_monotonic_time() + GROUP_MS * G_TIME_SPAN_MILLISECOND;
    while (g_get_monotonic_time() < end) {
        KafkaMember one = look(first), other = look(second);
        if ((one == KAFKA_MEMBER_ELECTED && other == KAFKA_MEMBER_OTHER) ||
            (one == KAFKA_MEMBER_OTHER && other == KAFKA_MEMBER_ELECTED))
            return one == KAFKA_MEMBER_ELECTED;
        g_usleep(LOOK_US);
    }
    fail_msg("not one of them is elected");
    return false;
}

/* This broker gives its members ids of its own, so that any of them is elected: who it is on Kafka is for
 * tests/e2e/kafka-exactly-once.test.mjs. */
static void test_one_is_elected(void **state)
{
    const KafkaFixture *fixture = *state;
    Membership *first = join(fixture, GROUP);
    assert_int_equal(look(first), KAFKA_MEMBER_JOINING);
    await(first, KAFKA_MEMBER_ELECTED);
    Membership *second = join(fixture, GROUP);
    bool is_first = await_one(first, second);
    assert_true(kafka_membership_connected(second));
    kafka_membership_free(is_first ? first : second);
    await(is_first ? second : first, KAFKA_MEMBER_ELECTED);
    kafka_membership_free(is_first ? second : first);
}

/* Not held up by a group that has not answered yet. */
static void test_freed_while_joining(void **state)
{
    enum { TIMES = 20, MOST_MS = 2000 }; /* an unanswered leaving would take 5 s each */
    const KafkaFixture *fixture = *state;
    int64_t freeing = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        Membership *membership = join(fixture, GROUP);
        g_usleep(i * LOOK_US); /* as far as it gets */
        assert_int_equal(look(membership), KAFKA_MEMBER_JOINING);
        int64_t start = g_get_monotonic_time();
        kafka_membership_free(membership);
        freeing = MAX(freeing, g_get_monotonic_time() - start);
    }
    assert_true(freeing < MOST_MS * G_TIME_SPAN_MILLISECOND);
}

static void test_groups_are_apart(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Membership) one = join(fixture, GROUP);
    g_autoptr(Membership) another = join(fixture, "other-counters");
    await(one, KAFKA_MEMBER_ELECTED);
    await(another, KAFKA_MEMBER_ELECTED);
    assert_int_equal(look(one), KAFKA_MEMBER_ELECTED);
}

static void test_no_broker(void **state)
{
    const KafkaFixture *fixture = *state;
    embedded_broker_set_up(fixture->broker, false);
    g_autoptr(Membership) membership = join(fixture, GROUP);
    assert_int_equal(look(membership), KAFKA_MEMBER_JOINING);
    assert_false(kafka_membership_connected(membership));
    embedded_broker_set_up(fixture->broker, true);
    await(membership, KAFKA_MEMBER_ELECTED);
}

#define BROKER_TEST(test) cmocka_unit_test_setup_teardown(test, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(test_one_is_elected),
        BROKER_TEST(test_freed_while_joining),
        BROKER_TEST(test_groups_are_apart),
        BROKER_TEST(test_no_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
