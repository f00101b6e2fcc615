/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "common/http/pace.h"

#define SECOND   ((int64_t)G_USEC_PER_SEC)
#define PATIENCE (30 * SECOND)
#define RATE     1024

/* `bytes` each `step` for `whole`; returns when it is over, 0: never. */
static int64_t run(size_t bytes, int64_t step, int64_t whole)
{
    Pace pace;

    pace_init(&pace, PATIENCE, RATE, 0);
    pace_note(&pace, 0, true, 0);
    for (int64_t now = step; now <= whole; now += step) {
        pace_note(&pace, bytes, true, now);
        if (pace_is_over(&pace))
            return now;
    }
    return 0;
}

static void silence_and_trickles_end(void **state)
{
    (void)state;
    assert_int_equal(run(0, SECOND, 3600 * SECOND), PATIENCE);
    assert_in_range(run(1, SECOND, 3600 * SECOND), PATIENCE, PATIENCE + SECOND);
    assert_in_range(run(RATE / 2, SECOND, 3600 * SECOND), 2 * PATIENCE - 2 * SECOND, 2 * PATIENCE + SECOND);
}

static void who_moves_enough_never_ends(void **state)
{
    (void)state;
    assert_int_equal(run(RATE + 1, SECOND, (int64_t)86400 * SECOND), 0);
    assert_int_equal(run((size_t)RATE * 30, 29 * SECOND, (int64_t)86400 * SECOND), 0);
    assert_int_equal(run(SIZE_MAX, 29 * SECOND, 3600 * SECOND), 0);
    /* What was fast once does not pay for later silence beyond the patience. */
    Pace pace;
    pace_init(&pace, PATIENCE, RATE, 0);
    pace_note(&pace, (size_t)1 << 30, true, SECOND);
    pace_note(&pace, 0, true, SECOND + PATIENCE);
    assert_true(pace_is_over(&pace));
}

static void only_waiting_counts(void **state)
{
    Pace pace;

    (void)state;
    pace_init(&pace, PATIENCE, RATE, 0);
    pace_note(&pace, 0, false, 0);
    pace_note(&pace, 0, true, 1000 * SECOND);
    pace_note(&pace, 0, false, 1029 * SECOND);
    pace_note(&pace, 0, true, 5000 * SECOND);
    assert_false(pace_is_over(&pace));
    pace_note(&pace, 0, false, 5001 * SECOND);
    assert_true(pace_is_over(&pace));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_and_trickles_end),
        cmocka_unit_test(who_moves_enough_never_ends),
        cmocka_unit_test(only_waiting_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
