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

/* `other` is looked at meanwhile, as its owner does; NULL: none. */
static void await(Membership *membership, KafkaMember wanted, Membership *other)
{
    g_autoptr(GError) error = NULL;
    int64_t end = g_get_monotonic_time() + GROUP_MS * G_TIME_SPAN_MILLISECOND;
    KafkaMember state = KAFKA_MEMBER_JOINING;
    while (state != wanted && g_get_monotonic_time() < end) {
        state = kafka_membership_look(membership, &error);
        if (error)
            fail_msg("%s", error->message);
        if (other)
            assert_int_equal(kafka_membership_look(other, NULL), KAFKA_MEMBER_ELECTED);
        g_usleep(LOOK_US);
    }
    assert_int_equal(state, wanted);
}

/* The one that came first, whatever the topic's partitions, until it leaves. */
static void test_oldest_is_elected(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Membership) first = join(fixture, GROUP);
    assert_int_equal(kafka_membership_look(first, NULL), KAFKA_MEMBER_JOINING);
    await(first, KAFKA_MEMBER_ELECTED, NULL);
    g_autoptr(Membership) second = join(fixture, GROUP);
    await(second, KAFKA_MEMBER_OTHER, first);
    assert_true(kafka_membership_connected(second));
    g_clear_pointer(&first, kafka_membership_free);
    await(second, KAFKA_MEMBER_ELECTED, NULL);
}

static void test_groups_are_apart(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Membership) one = join(fixture, GROUP);
    g_autoptr(Membership) another = join(fixture, "other-counters");
    await(one, KAFKA_MEMBER_ELECTED, NULL);
    await(another, KAFKA_MEMBER_ELECTED, one);
}

static void test_no_broker(void **state)
{
    const KafkaFixture *fixture = *state;
    embedded_broker_set_up(fixture->broker, false);
    g_autoptr(Membership) membership = join(fixture, GROUP);
    assert_int_equal(kafka_membership_look(membership, NULL), KAFKA_MEMBER_JOINING);
    assert_false(kafka_membership_connected(membership));
    embedded_broker_set_up(fixture->broker, true);
    await(membership, KAFKA_MEMBER_ELECTED, NULL);
}

#define BROKER_TEST(test) cmocka_unit_test_setup_teardown(test, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(test_oldest_is_elected),
        BROKER_TEST(test_groups_are_apart),
        BROKER_TEST(test_no_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
