/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "common/rate.h"

#define SECOND INT64_C(1000000)
#define START  (1000 * SECOND)

static unsigned take_all(Rate *rate, const RateLimit *limit, int64_t now)
{
    unsigned taken = 0;

    while (rate_take(rate, limit, now, NULL))
        taken++;
    return taken;
}

static void test_table(void **state)
{
    static const struct {
        RateLimit limit;
        int64_t pause;
        unsigned at_once, after_pause;
        int64_t wait; /* after the first burst */
    } cases[] = {
        {{1, 1}, SECOND, 1, 1, SECOND},           {{1, 1}, SECOND - 1, 1, 0, SECOND},
        {{1, 5}, SECOND, 5, 1, SECOND},           {{10, 10}, SECOND / 2, 10, 5, SECOND / 10},
        {{10, 1}, SECOND / 2, 1, 1, SECOND / 10}, {{20, 100}, 100 * SECOND, 100, 100, SECOND / 20},
        {{3, 3}, SECOND, 3, 3, SECOND / 3},       {{1000000, 1}, 1, 1, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Rate rate = {0};
        int64_t wait = 0;
        assert_int_equal(take_all(&rate, &cases[i].limit, START), cases[i].at_once);
        assert_false(rate_take(&rate, &cases[i].limit, START, &wait));
        assert_int_equal(wait, cases[i].wait);
        assert_int_equal(take_all(&rate, &cases[i].limit, START + cases[i].pause), cases[i].after_pause);
    }
}

/* Whoever waits as long as he is told gets one, and a microsecond earlier none. */
static void test_the_wait_is_exact(void **state)
{
    const RateLimit limit = {.per_second = 7, .burst = 3};
    Rate rate = {0};
    int64_t now = START;
    int64_t wait = 0;

    (void)state;
    take_all(&rate, &limit, now);
    for (unsigned i = 0; i < 100; i++) {
        assert_false(rate_take(&rate, &limit, now, &wait));
        assert_true(wait > 0);
        assert_false(rate_take(&rate, &limit, now + wait - 1, NULL));
        now += wait;
        assert_true(rate_take(&rate, &limit, now, NULL));
    }
    /* 100 more than the burst need 100 intervals, however often it was tried in between. */
    assert_in_range(now - START, 100 * (SECOND / 7), 100 * SECOND / 7 + 100);
}

static void test_a_changed_limit_goes_on_from_there(void **state)
{
    const RateLimit slow = {.per_second = 1, .burst = 2};
    const RateLimit fast = {.per_second = 100, .burst = 300};
    Rate rate = {0};

    (void)state;
    assert_int_equal(take_all(&rate, &slow, START), 2);
    assert_int_equal(take_all(&rate, &fast, START), 100); /* two of the three seconds' worth are taken */
    assert_false(rate_take(&rate, &slow, START, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_the_wait_is_exact),
        cmocka_unit_test(test_a_changed_limit_goes_on_from_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
