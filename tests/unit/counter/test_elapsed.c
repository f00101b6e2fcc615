/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/elapsed.h"
#include "counter/rules_fixture.h"

static const struct {
    const char *from, *to;
    LeapDay rule;
    Elapsed elapsed;
} spans[] = {
    {"2018-03-04", "2018-03-04", LEAP_DAY_MAR1, {0, 0, 0}},
    {"2018-03-04", "2021-07-24", LEAP_DAY_MAR1, {3, 4, 20}},
    {"2018-03-12", "2021-07-24", LEAP_DAY_MAR1, {3, 4, 12}},
    {"2018-03-04", "2019-03-03", LEAP_DAY_MAR1, {0, 11, 27}},
    {"2018-03-04", "2019-03-04", LEAP_DAY_MAR1, {1, 0, 0}},
    {"2019-12-31", "2020-01-01", LEAP_DAY_MAR1, {0, 0, 1}},
    {"2020-01-15", "2020-03-14", LEAP_DAY_MAR1, {0, 1, 28}},
    /* 29 February */
    {"2020-02-29", "2021-02-27", LEAP_DAY_FEB28, {0, 11, 29}},
    {"2020-02-29", "2021-02-28", LEAP_DAY_FEB28, {1, 0, 0}},
    {"2020-02-29", "2021-03-01", LEAP_DAY_FEB28, {1, 0, 1}},
    {"2020-02-29", "2021-02-28", LEAP_DAY_MAR1, {0, 11, 30}},
    {"2020-02-29", "2021-03-01", LEAP_DAY_MAR1, {1, 0, 0}},
    {"2020-02-29", "2024-02-29", LEAP_DAY_FEB28, {4, 0, 0}},
    {"2020-02-29", "2024-02-28", LEAP_DAY_FEB28, {3, 11, 30}},
    {"2020-02-29", "2024-02-29", LEAP_DAY_MAR1, {4, 0, 0}},
    {"1896-02-29", "1900-02-28", LEAP_DAY_FEB28, {4, 0, 0}},
    {"1896-02-29", "1900-03-01", LEAP_DAY_MAR1, {4, 0, 0}},
    /* months that lack the day */
    {"2021-01-31", "2021-02-28", LEAP_DAY_FEB28, {0, 1, 0}},
    {"2021-01-31", "2021-02-28", LEAP_DAY_MAR1, {0, 0, 28}},
    {"2021-01-31", "2021-03-01", LEAP_DAY_MAR1, {0, 1, 0}},
    {"2021-01-31", "2021-03-31", LEAP_DAY_MAR1, {0, 2, 0}},
    {"2021-01-31", "2021-04-30", LEAP_DAY_FEB28, {0, 3, 0}},
    /* the ends of the calendar */
    {"0001-01-01", "9999-12-31", LEAP_DAY_MAR1, {9998, 11, 30}},
    {"9999-12-31", "0001-01-01", LEAP_DAY_MAR1, {9998, 11, 30}},
    /* back from the later date */
    {"2021-07-24", "2018-03-04", LEAP_DAY_MAR1, {3, 4, 20}},
    {"2020-03-14", "2020-01-15", LEAP_DAY_MAR1, {0, 1, 30}},
    {"2028-02-29", "2024-02-29", LEAP_DAY_MAR1, {4, 0, 0}},
    {"2028-02-29", "2025-03-01", LEAP_DAY_MAR1, {3, 0, 0}},
    {"2028-02-29", "2025-02-28", LEAP_DAY_MAR1, {3, 0, 1}},
    {"2028-02-29", "2027-02-28", LEAP_DAY_FEB28, {1, 0, 0}},
    {"2028-03-31", "2028-03-01", LEAP_DAY_MAR1, {0, 1, 0}},
    {"2028-03-31", "2028-03-02", LEAP_DAY_MAR1, {0, 0, 29}},
    {"2028-03-31", "2028-02-29", LEAP_DAY_MAR1, {0, 1, 1}},
    {"2028-03-31", "2028-02-29", LEAP_DAY_FEB28, {0, 1, 0}},
    {"2028-03-31", "2028-03-01", LEAP_DAY_FEB28, {0, 0, 30}},
};

static void test_named_spans(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
        CivilDate from = date_of(spans[i].from), to = date_of(spans[i].to);
        Elapsed elapsed = elapsed_between(from, to, spans[i].rule);
        if (memcmp(&elapsed, &spans[i].elapsed, sizeof(elapsed)) != 0)
            fail_msg("%s to %s: %d years, %d months, %d days", spans[i].from, spans[i].to, elapsed.years,
                     elapsed.months, elapsed.days);
    }
}

static const struct {
    const char *origin, *date;
    LeapDay rule;
    int months;
} anniversaries[] = {
    {"2018-03-04", "2018-03-04", LEAP_DAY_MAR1, 0},
    {"2018-03-04", "2021-03-03", LEAP_DAY_MAR1, 0},
    {"2018-03-04", "2021-03-04", LEAP_DAY_MAR1, 36},
    {"2018-03-04", "2021-03-05", LEAP_DAY_MAR1, 0},
    {"2018-03-04", "2021-04-04", LEAP_DAY_MAR1, 37},
    {"2018-03-04", "2016-03-04", LEAP_DAY_MAR1, -24},
    {"2020-02-29", "2021-02-28", LEAP_DAY_FEB28, 12},
    {"2020-02-29", "2021-03-01", LEAP_DAY_FEB28, 0},
    {"2020-02-29", "2021-02-28", LEAP_DAY_MAR1, 0},
    {"2020-02-29", "2021-03-01", LEAP_DAY_MAR1, 12},
    {"2020-02-29", "2024-02-28", LEAP_DAY_FEB28, 0},
    {"2020-02-29", "2024-02-29", LEAP_DAY_FEB28, 48},
    {"2020-02-29", "2024-03-01", LEAP_DAY_MAR1, 0},
    {"2020-02-29", "2100-03-01", LEAP_DAY_MAR1, 960},
    {"2024-02-29", "2023-03-01", LEAP_DAY_MAR1, -12},
    {"2024-02-29", "2023-02-28", LEAP_DAY_FEB28, -12},
    /* months: the last day of a short one, or the first of the next */
    {"2026-01-31", "2026-02-28", LEAP_DAY_FEB28, 1},
    {"2026-01-31", "2026-03-01", LEAP_DAY_MAR1, 1},
    {"2026-01-31", "2026-03-01", LEAP_DAY_FEB28, 0},
    {"2026-01-31", "2026-02-28", LEAP_DAY_MAR1, 0},
    {"2026-01-31", "2026-03-31", LEAP_DAY_MAR1, 2},
    {"2026-03-31", "2026-05-01", LEAP_DAY_MAR1, 1},
    {"2026-03-31", "2026-04-30", LEAP_DAY_FEB28, 1},
    {"2026-03-31", "2026-03-01", LEAP_DAY_MAR1, -1},
    {"2026-03-31", "2026-02-28", LEAP_DAY_FEB28, -1},
    {"2026-03-31", "2026-02-28", LEAP_DAY_MAR1, 0},
    {"2026-04-01", "2026-03-01", LEAP_DAY_MAR1, -1},
    {"0001-12-31", "0001-01-31", LEAP_DAY_MAR1, -11},
    {"0001-12-31", "0001-01-01", LEAP_DAY_MAR1, 0},
    {"0001-01-31", "9999-12-31", LEAP_DAY_MAR1, 119987},
};

static void test_named_anniversaries(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(anniversaries); i++) {
        int months = elapsed_months_on(date_of(anniversaries[i].origin), date_of(anniversaries[i].date),
                                       anniversaries[i].rule);
        if (months != anniversaries[i].months)
            fail_msg("%s on %s: %d", anniversaries[i].origin, anniversaries[i].date, months);
    }
}

static long as_number(Elapsed elapsed)
{
    return (elapsed.years * 12L + elapsed.months) * 100 + elapsed.days;
}

/* From `origin`, on (step 1) or back (-1): day by day the elapsed time grows, stays within its bounds, and is whole months
 * on anniversaries and only then, one in each month. */
static void check_day_by_day(CivilDate origin, int step, LeapDay rule)
{
    long before = -1;
    int months = 0;
    for (CivilDate date = origin; date != origin + step * 3000; date += step) {
        Elapsed elapsed = elapsed_between(origin, date, rule);
        assert_true(as_number(elapsed) > before);
        assert_true(elapsed.months <= 11 && elapsed.days >= 0 && elapsed.days <= 30);
        int complete = elapsed_months(origin, date, rule);
        assert_int_equal(complete, step * (elapsed.years * 12 + elapsed.months));
        int anniversary = elapsed_months_on(origin, date, rule);
        assert_int_equal(anniversary, elapsed.days == 0 ? complete : 0);
        if (anniversary)
            assert_int_equal(anniversary, months += step);
        before = as_number(elapsed);
    }
    assert_int_equal(months, step * 98);
}

/* From any day, fixed seed. */
static void test_day_by_day(void **state)
{
    (void)state;
    g_autoptr(GRand) random = g_rand_new_with_seed(1238);
    for (int round = 0; round < 400; round++) {
        LeapDay rule = g_rand_boolean(random) ? LEAP_DAY_FEB28 : LEAP_DAY_MAR1;
        CivilDate origin = g_rand_int_range(random, date_of("1600-01-01"), date_of("2400-01-01"));
        if (round < 50)
            origin = date_of(round % 2 ? "2020-02-29" : "1896-02-29");
        check_day_by_day(origin, 1, rule);
        check_day_by_day(origin, -1, rule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_spans),
        cmocka_unit_test(test_named_anniversaries),
        cmocka_unit_test(test_day_by_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
