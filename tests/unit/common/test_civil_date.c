/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "common/civil_date.h"

static bool leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void test_every_day_of_every_year(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CivilDate expected = CIVIL_DATE_MIN;
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap(year));
            for (int day = 1; day <= length; day++, expected++) {
                CivilDate date = 0;
                assert_true(civil_date_from_fields((CivilFields){year, month, day}, &date));
                assert_int_equal(date, expected);
                CivilFields fields = civil_date_fields(date);
                assert_true(fields.year == year && fields.month == month && fields.day == day);
            }
            CivilDate date = 12345;
            assert_false(civil_date_from_fields((CivilFields){year, month, length + 1}, &date));
            assert_int_equal(date, 12345);
        }
    }
    assert_int_equal(expected, CIVIL_DATE_MAX + 1);
}

static void test_text_and_back(void **state)
{
    (void)state;
    for (CivilDate date = CIVIL_DATE_MIN; date <= CIVIL_DATE_MAX; date += 97) {
        char text[CIVIL_DATE_TEXT_MAX];
        CivilDate back = 0;
        assert_ptr_equal(civil_date_format(date, text), text);
        assert_true(civil_date_parse(text, &back));
        assert_int_equal(back, date);
    }
}

static void test_known_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        CivilDate date;
    } known[] = {
        {"0001-01-01", CIVIL_DATE_MIN},
        {"1600-02-29", -135081},
        {"1969-12-31", -1},
        {"1970-01-01", 0},
        {"2000-02-29", 11016},
        {"2000-03-01", 11017},
        {"2038-01-19", 24855},
        {"9999-12-31", CIVIL_DATE_MAX},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        CivilDate date = 7;
        char text[CIVIL_DATE_TEXT_MAX];
        assert_true(civil_date_parse(known[i].text, &date));
        assert_int_equal(date, known[i].date);
        assert_string_equal(civil_date_format(date, text), known[i].text);
    }
    CivilDate from = 0, to = 0;
    assert_true(civil_date_parse("2018-03-04", &from) && civil_date_parse("2021-07-24", &to));
    assert_int_equal(to - from, 1238);
}

static void test_what_is_no_date(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "-",
        "2021",
        "2021-07",
        "2021-07-",
        "2021-07-2",
        "2021-7-24",
        "21-07-24",
        "2021-07-241",
        "2021-07-24 ",
        " 2021-07-24",
        "2021/07/24",
        "2021-07/24",
        "20210724",
        "+021-07-24",
        "-021-07-24",
        "2021-07-2x",
        "2021-0x-24",
        "2021--7-24",
        "2021-07--4",
        "0000-01-01",
        "0000-12-31",
        "10000-01-01",
        "2021-00-10",
        "2021-13-10",
        "2021-01-00",
        "2021-01-32",
        "2021-02-29",
        "1900-02-29",
        "2100-02-29",
        "2021-04-31",
        "2021-07-24T",
        "2021-07-24Z",
        "２０２１-07-24",
        "2021-07-24\n",
        "\xff\xff\xff\xff-01-01",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        CivilDate date = 4711;
        if (civil_date_parse(wrong[i], &date))
            fail_msg("'%s' was taken for a date", wrong[i]);
        assert_int_equal(date, 4711);
    }
    CivilDate date = 4711;
    static const CivilFields fields[] = {{0, 1, 1},       {10000, 1, 1},     {2021, 0, 1},  {2021, 13, 1},
                                         {2021, 1, 0},    {-1, 1, 1},        {2021, 1, -1}, {INT_MAX, 1, 1},
                                         {1, INT_MIN, 1}, {2021, 2, INT_MAX}};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        assert_false(civil_date_from_fields(fields[i], &date));
    assert_int_equal(date, 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day_of_every_year),
        cmocka_unit_test(test_text_and_back),
        cmocka_unit_test(test_known_dates),
        cmocka_unit_test(test_what_is_no_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
