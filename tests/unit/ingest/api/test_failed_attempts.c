/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/api/failed_attempts.h"

static void test_a_summary(void **state)
{
    FailedAttempts *attempts = failed_attempts_new();

    (void)state;
    failed_attempts_add(attempts, "192.0.2.1");
    for (unsigned i = 0; i < 3; i++)
        failed_attempts_add(attempts, "192.0.2.2");
    FailedSummary summary = failed_attempts_take(attempts);
    assert_int_equal(summary.attempts, 4);
    assert_int_equal(summary.addresses, 2);
    assert_string_equal(summary.busiest, "192.0.2.2");
    assert_int_equal(summary.of_busiest, 3);
    g_free(summary.busiest);
    /* Once told, they are over. */
    summary = failed_attempts_take(attempts);
    assert_int_equal(summary.attempts, 0);
    assert_null(summary.busiest);
    failed_attempts_free(attempts);
}

static void test_addresses_are_bounded(void **state)
{
    FailedAttempts *attempts = failed_attempts_new();

    (void)state;
    for (unsigned i = 0; i < FAILED_ADDRESSES_MAX * 3; i++) {
        g_autofree char *address = g_strdup_printf("2001:db8::%x", i);
        failed_attempts_add(attempts, address);
    }
    failed_attempts_add(attempts, "2001:db8::0");
    FailedSummary summary = failed_attempts_take(attempts);
    assert_int_equal(summary.attempts, FAILED_ADDRESSES_MAX * 3 + 1);
    assert_int_equal(summary.addresses, FAILED_ADDRESSES_MAX + 1);
    assert_string_equal(summary.busiest, "others");
    assert_int_equal(summary.of_busiest, FAILED_ADDRESSES_MAX * 2);
    g_free(summary.busiest);
    failed_attempts_free(attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_summary),
        cmocka_unit_test(test_addresses_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
