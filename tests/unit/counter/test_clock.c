/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/clock.h"
#include "counter/rules_fixture.h"

static void test_of_the_build(void **state)
{
    (void)state;
    g_autoptr(Config) config = rules_config("[counters]\n");
    Instant earliest = clock_earliest(config);
    assert_int_equal(earliest % (86400 * INSTANT_SECOND), 0);
    assert_true(earliest > instant_of("2021-07-24T00:00:00Z"));
    assert_true(earliest <= g_get_real_time());
}

static void test_of_the_configuration(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = rules_config("[counters]\nearliest-clock = 2021-07-24\n");
    Instant earliest = clock_earliest(config);
    assert_int_equal(earliest, instant_of("2021-07-24T00:00:00Z"));
    assert_true(clock_check(earliest, earliest, &error));
    assert_true(clock_check(INT64_MAX, earliest, &error));
    assert_false(clock_check(instant_of("1970-01-01T00:00:12Z"), earliest, &error));
    assert_string_equal(
        error->message,
        "the clock says 1970-01-01T00:00:12Z, which is before 2021-07-24T00:00:00Z, the date of this "
        "build or [counters] earliest-clock: set the clock");
    g_clear_error(&error);
    assert_false(clock_check(earliest - 1, earliest, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_the_build),
        cmocka_unit_test(test_of_the_configuration),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
