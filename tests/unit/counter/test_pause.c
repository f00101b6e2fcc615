/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "counter/pause.h"

static void test_grows_to_its_bound(void **state G_GNUC_UNUSED)
{
    static const int expected[] = {1000, 2000, 4000, 8000, 10000, 10000};
    Pause pause;
    pause_init(&pause, 1000, 10000);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
            assert_in_range(pause_take(&pause), expected[i] * 3 / 4, expected[i] * 5 / 4);
        pause_reset(&pause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grows_to_its_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
