/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>
#include <sys/resource.h>

#include "common/http/open_files.h"

static void test_open_files_are_no_more_than_needed(void **state)
{
    struct rlimit before, after;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(http_fit_open_files(100) >= 100);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
    assert_int_equal(after.rlim_cur, 356);
    assert_int_equal(after.rlim_max, before.rlim_max);
    assert_true(http_fit_open_files(10000000) < before.rlim_max);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
    assert_true(after.rlim_cur == MIN(before.rlim_max, 1 << 20));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_files_are_no_more_than_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
