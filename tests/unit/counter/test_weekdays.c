/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/rules_fixture.h"
#include "counter/weekdays.h"

static Weekdays *weekdays_with(const char *const *holidays)
{
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(CivilDate));
    for (; *holidays; holidays++) {
        CivilDate date = date_of(*holidays);
        g_array_append_val(dates, date);
    }
    return weekdays_new(dates);
}

/* 2026-03-02 is a Monday. */
static void test_named_spans(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        int32_t without, with; /* holidays */
    } spans[] = {
        {"2026-03-02", "2026-03-02", 0, 0},     {"2026-03-02", "2026-03-03", 1, 1},
        {"2026-03-02", "2026-03-06", 4, 3},     {"2026-03-06", "2026-03-07", 0, 0},
        {"2026-03-06", "2026-03-08", 0, 0},     {"2026-03-06", "2026-03-09", 1, 1},
        {"2026-03-07", "2026-03-09", 1, 1},     {"2026-03-08", "2026-03-15", 5, 5},
        {"2026-03-04", "2026-03-05", 1, 0},     {"2026-03-05", "2026-03-06", 1, 1},
        {"2026-01-01", "2027-01-01", 261, 259}, {"0001-01-01", "9999-12-31", 2608614, 2608612},
    };
    g_autoptr(Weekdays) none = weekdays_new(NULL);
    /* unsorted, one twice, and a Sunday */
    g_autoptr(Weekdays) some =
        weekdays_with((const char *const[]){"2026-12-25", "2026-03-05", "2026-03-08", "2026-03-05", NULL});
    for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
        CivilDate from = date_of(spans[i].from), to = date_of(spans[i].to);
        if (weekdays_between(none, from, to) != spans[i].without ||
            weekdays_between(some, from, to) != spans[i].with)
            fail_msg("%s to %s: %d and %d", spans[i].from, spans[i].to, weekdays_between(none, from, to),
                     weekdays_between(some, from, to));
        assert_int_equal(weekdays_between(some, to, from), -spans[i].with);
    }
}

/* Date by date through the whole calendar. */
static void test_every_date(void **state)
{
    (void)state;
    g_autoptr(Weekdays) weekdays = weekdays_with(
        (const char *const[]){"0001-01-01", "1969-12-31", "1970-01-01", "2026-03-05", "9999-12-31", NULL});
    CivilDate thursday = date_of("1970-01-01"), middle = date_of("1969-06-15");
    int32_t before = weekdays_between(weekdays, CIVIL_DATE_MIN, middle);
    int32_t counted = 0, holidays = 0;
    for (CivilDate date = CIVIL_DATE_MIN + 1; date <= CIVIL_DATE_MAX; date++) {
        int day = ((date - thursday) % 7 + 7) % 7; /* 2 is a Saturday */
        bool weekday = day != 2 && day != 3;
        bool has = weekdays_has(weekdays, date);
        holidays += weekday && !has;
        assert_false(has && !weekday);
        counted += has;
        if (weekdays_between(weekdays, CIVIL_DATE_MIN, date) != counted ||
            weekdays_between(weekdays, middle, date) != counted - before)
            fail_msg("%d days after the first date", date - CIVIL_DATE_MIN);
    }
    assert_int_equal(holidays, 4);
    assert_false(weekdays_has(weekdays, CIVIL_DATE_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_spans),
        cmocka_unit_test(test_every_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
