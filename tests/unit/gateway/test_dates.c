/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "gateway/dates.h"

static CivilDate date_of(const char *text)
{
    CivilDate date = 0;
    assert_true(civil_date_parse(text, &date));
    return date;
}

static void check_long(const char *language, const char *date, const char *expected)
{
    g_autoptr(Dates) dates = dates_new(language);
    g_autofree char *words = dates_long(dates, date_of(date));
    assert_string_equal(words, expected);
}

static void dates_are_in_the_language(void **state)
{
    (void)state;
    check_long("en", "2021-07-24", "July 24, 2021");
    check_long("en-GB", "2021-07-24", "24 July 2021");
    check_long("de", "2021-03-01", "1. März 2021");
    check_long("fr", "2021-07-24", "24 juillet 2021");
    g_autoptr(Dates) english = dates_new("en-GB");
    g_autofree char *full = dates_full(english, date_of("2021-07-24"));
    assert_non_null(strstr(full, "Saturday"));
    assert_non_null(strstr(full, "24 July 2021"));
}

/* Browsers count so as well. */
static void old_dates_are_gregorian(void **state)
{
    (void)state;
    check_long("en", "1500-02-01", "February 1, 1500");
    check_long("en", "9999-12-31", "December 31, 9999");
}

static void an_unknown_language_still_gives_a_date(void **state)
{
    (void)state;
    g_autoptr(Dates) dates = dates_new("xx-not-known");
    g_autofree char *words = dates_long(dates, date_of("2021-07-24"));
    assert_non_null(strstr(words, "2021"));
}

static void times_are_those_of_the_zone(void **state)
{
    (void)state;
    g_autoptr(Zone) moscow = zone_new("Europe/Moscow", NULL);
    g_autoptr(Zone) london = zone_new("Europe/London", NULL);
    g_autoptr(Dates) dates = dates_new("en");
    Instant now = INT64_C(1627087200) * INSTANT_SECOND; /* 2021-07-24T00:40:00Z */
    g_autofree char *there = dates_time(dates, moscow, now);
    g_autofree char *here = dates_long_with_time(dates, london, now - 7200 * INSTANT_SECOND);
    assert_string_equal(there, "03:40");
    assert_string_equal(here, "July 23, 2021, 23:40");
}

static void the_direction_is_known(void **state)
{
    (void)state;
    g_autoptr(Dates) arabic = dates_new("ar");
    g_autoptr(Dates) english = dates_new("en");
    assert_true(dates_right_to_left(arabic));
    assert_false(dates_right_to_left(english));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_in_the_language),
        cmocka_unit_test(old_dates_are_gregorian),
        cmocka_unit_test(an_unknown_language_still_gives_a_date),
        cmocka_unit_test(times_are_those_of_the_zone),
        cmocka_unit_test(the_direction_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
