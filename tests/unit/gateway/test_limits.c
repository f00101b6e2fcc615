/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "gateway/limits.h"

static PeerAddress address(const char *text)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
        return peer_address((struct sockaddr *)&in4);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return peer_address((struct sockaddr *)&in6);
}

static bool same(const char *a, const char *b)
{
    PeerAddress first = address(a), second = address(b);
    return memcmp(&first, &second, sizeof first) == 0;
}

static void test_an_ipv6_network_is_one_address(void **state)
{
    (void)state;
    assert_true(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
    assert_false(same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    assert_false(same("192.0.2.1", "192.0.2.2"));
    assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
    assert_false(same("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
}

static void test_connections_are_bounded_in_all_and_by_address(void **state)
{
    Limits *limits = limits_new(3, 2);
    PeerAddress a = address("192.0.2.1"), b = address("192.0.2.2"), c = address("192.0.2.3");

    (void)state;
    assert_int_equal(limits_enter(limits, &a), LIMITS_FREE);
    assert_int_equal(limits_enter(limits, &a), LIMITS_FREE);
    assert_int_equal(limits_enter(limits, &a), LIMITS_ADDRESS_FULL);
    assert_int_equal(limits_enter(limits, &b), LIMITS_FREE);
    assert_int_equal(limits_enter(limits, &c), LIMITS_FULL);
    assert_int_equal(limits_connections(limits), 3);
    limits_leave(limits, &a);
    assert_int_equal(limits_enter(limits, &c), LIMITS_FREE);
    assert_int_equal(limits_enter(limits, &a), LIMITS_FULL);
    limits_leave(limits, &b);
    assert_int_equal(limits_enter(limits, &a), LIMITS_FREE);
    limits_leave(limits, &a);
    limits_leave(limits, &a);
    limits_leave(limits, &c);
    assert_int_equal(limits_connections(limits), 0);
    limits_free(limits);
}

static void test_zero_is_no_limit(void **state)
{
    Limits *limits = limits_new(0, 0);
    PeerAddress a = address("2001:db8::1");

    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(limits_enter(limits, &a), LIMITS_FREE);
    for (unsigned i = 0; i < 10000; i++)
        limits_leave(limits, &a);
    assert_int_equal(limits_connections(limits), 0);
    limits_free(limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ipv6_network_is_one_address),
        cmocka_unit_test(test_connections_are_bounded_in_all_and_by_address),
        cmocka_unit_test(test_zero_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
