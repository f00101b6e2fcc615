/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/restart_policy.h"

#define SECOND INT64_C(1000000)

static void test_waits_longer_each_time_then_gives_up(void **state)
{
    (void)state;
    RestartPolicy policy = {0};
    static const int64_t waits[] = {250000, 500000, 1000000, 2000000};
    int64_t now = 77 * SECOND;
    int64_t at = 0;
    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        assert_true(restart_policy_failed(&policy, now, &at));
        assert_int_equal(at, now + waits[i]);
        now = at;
    }
    at = -1;
    assert_false(restart_policy_failed(&policy, now, &at));
    assert_int_equal(at, -1);
}

static void test_failures_are_forgotten_after_a_minute(void **state)
{
    (void)state;
    RestartPolicy policy = {0};
    int64_t now = 0;
    int64_t at = 0;
    /* Four within a minute, then one later: the oldest no longer count. */
    for (int i = 0; i < 1000; i++) {
        assert_true(restart_policy_failed(&policy, now, &at));
        now += 16 * SECOND;
    }
    assert_int_equal(at, now - 16 * SECOND + 2 * SECOND); /* three others are within the minute */
    now += 61 * SECOND;
    assert_true(restart_policy_failed(&policy, now, &at));
    assert_int_equal(at, now + 250000);
}

static void test_the_window_has_an_exact_end(void **state)
{
    (void)state;
    int64_t at = 0;
    RestartPolicy policy = {0};
    for (int i = 0; i < RESTART_FAILURES_MAX - 1; i++)
        assert_true(restart_policy_failed(&policy, 0, &at));
    RestartPolicy same = policy;
    assert_false(restart_policy_failed(&policy, RESTART_WINDOW - 1, &at));
    assert_true(restart_policy_failed(&same, RESTART_WINDOW, &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_longer_each_time_then_gives_up),
        cmocka_unit_test(test_failures_are_forgotten_after_a_minute),
        cmocka_unit_test(test_the_window_has_an_exact_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
