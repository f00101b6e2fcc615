/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/formats/feed_date.h"

/* "2021-07-23" without a time, else RFC 3339. */
static char *read_date(const char *text)
{
    FeedDate date = {.offset_minutes = 99999};
    g_autoptr(GError) error = NULL;
    char day[CIVIL_DATE_TEXT_MAX];
    char instant[INSTANT_TEXT_MAX];
    if (!feed_date_parse(text, &date, &error)) {
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_int_equal(date.offset_minutes, 99999);
        return g_strdup(error->message);
    }
    civil_date_format(date.date, day);
    if (!date.has_time) {
        assert_int_equal(date.instant, 0);
        assert_int_equal(date.offset_minutes, 0);
        return g_strdup(day);
    }
    instant_format(date.instant, date.offset_minutes, instant);
    assert_memory_equal(instant, day, CIVIL_DATE_TEXT_MAX - 1); /* the date is the one at the offset */
    return g_strdup(instant);
}

static void dates_are_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        /* RFC 822, 1123, 5322 */
        {"Fri, 23 Jul 2021 12:00:00 +0100", "2021-07-23T12:00:00+01:00"},
        {"Fri, 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00 GMT", "2021-07-23T12:00:00Z"},
        {"Fri,23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"  Fri,  23   Jul 2021\n 12:00:00\tGMT  ", "2021-07-23T12:00:00Z"},
        {"fri, 23 jul 2021 12:00:00 gmt", "2021-07-23T12:00:00Z"},
        {"FRI, 23 JUL 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Fri, 3 Jul 2021 1:02:03 GMT", "2021-07-03T01:02:03Z"},
        {"Fri, 23 Jul 2021 12:00:00 GMT (summer (local) time)", "2021-07-23T12:00:00Z"},
        {"Fri (or so), 23 Jul 2021 12:00:00 +0000", "2021-07-23T12:00:00Z"},
        {"Fri, 23 Jul 2021 23:59:60 GMT", "2021-07-23T23:59:59Z"},
        {"Fri, 23 Jul 2021 24:00:00 GMT", "2021-07-24T00:00:00Z"},
        {"Fri, 31 Dec 2021 24:00:00 +0100", "2022-01-01T00:00:00+01:00"},
        {"Fri, 23 Jul 2021 12:00:00.25 GMT", "2021-07-23T12:00:00.250Z"},
        /* the day of the week */
        {"Mon, 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Friday, 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Fr., 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Freitag, 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Пт, 23 Jul 2021 12:00:00 +0300", "2021-07-23T12:00:00+03:00"},
        {"Fri 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"Fri 23, Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {", 23 Jul 2021 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        /* years of two and three digits */
        {"Fri, 23 Jul 21 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        {"23 Jul 49 12:00:00 GMT", "2049-07-23T12:00:00Z"},
        {"23 Jul 50 12:00:00 GMT", "1950-07-23T12:00:00Z"},
        {"23 Jul 99 12:00:00 GMT", "1999-07-23T12:00:00Z"},
        {"23 Jul 00 12:00:00 GMT", "2000-07-23T12:00:00Z"},
        {"23 Jul 121 12:00:00 GMT", "2021-07-23T12:00:00Z"},
        /* RFC 850, asctime, date(1), JavaScript */
        {"Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"},
        {"Sun, 06-Nov-1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
        {"Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"},
        {"Fri Jul 23 12:00:00 UTC 2021", "2021-07-23T12:00:00Z"},
        {"Fri Jul 23 2021 12:00:00 GMT+0100 (British Summer Time)", "2021-07-23T12:00:00+01:00"},
        /* names of months */
        {"23 July 2021 12:00 GMT", "2021-07-23T12:00:00Z"},
        {"23 September 2021 12:00 GMT", "2021-09-23T12:00:00Z"},
        {"23 Sept 2021 12:00 GMT", "2021-09-23T12:00:00Z"},
        {"23 Sep. 2021 12:00 GMT", "2021-09-23T12:00:00Z"},
        {"5 May 2021", "2021-05-05"},
        {"29 February 2020", "2020-02-29"},
        /* as people write */
        {"July 23, 2021", "2021-07-23"},
        {"July 23rd, 2021 3:04 PM", "2021-07-23T15:04:00Z"},
        {"July 1st 2021 12:30 am", "2021-07-01T00:30:00Z"},
        {"July 2nd 2021 12:30pm EST", "2021-07-02T12:30:00-05:00"},
        {"Friday, July 23, 2021 at 3:04 PM", "2021-07-23T15:04:00Z"},
        {"23-Jul-2021", "2021-07-23"},
        {"2021-Jul-23", "2021-07-23"},
        {"23. July 2021", "2021-07-23"},
        {"23.07.2021", "2021-07-23"},
        {"3.7.2021 12:00", "2021-07-03T12:00:00Z"},
        {"23.07.21 12:00:01", "2021-07-23T12:00:01Z"},
        /* no time, no zone */
        {"Fri, 23 Jul 2021", "2021-07-23"},
        {"Fri, 23 Jul 2021 GMT", "2021-07-23"},
        {"Fri, 23 Jul 2021 12:00:00", "2021-07-23T12:00:00Z"},
        /* zones */
        {"23 Jul 2021 12:00:00 UT", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 UTC", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 Z", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 EST", "2021-07-23T12:00:00-05:00"},
        {"23 Jul 2021 12:00:00 EDT", "2021-07-23T12:00:00-04:00"},
        {"23 Jul 2021 12:00:00 CST", "2021-07-23T12:00:00-06:00"},
        {"23 Jul 2021 12:00:00 CDT", "2021-07-23T12:00:00-05:00"},
        {"23 Jul 2021 12:00:00 MST", "2021-07-23T12:00:00-07:00"},
        {"23 Jul 2021 12:00:00 MDT", "2021-07-23T12:00:00-06:00"},
        {"23 Jul 2021 12:00:00 PST", "2021-07-23T12:00:00-08:00"},
        {"23 Jul 2021 12:00:00 PDT", "2021-07-23T12:00:00-07:00"},
        {"23 Jul 2021 12:00:00 CEST", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 12:00:00 MSK", "2021-07-23T12:00:00+03:00"},
        {"23 Jul 2021 12:00:00 A", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 y", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 XYZ", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 -0330", "2021-07-23T12:00:00-03:30"},
        {"23 Jul 2021 12:00:00 -0000", "2021-07-23T12:00:00Z"},
        {"23 Jul 2021 12:00:00 +05:45", "2021-07-23T12:00:00+05:45"},
        {"23 Jul 2021 12:00:00 +2", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 12:00:00 +02", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 12:00:00 +230", "2021-07-23T12:00:00+02:30"},
        {"23 Jul 2021 12:00:00 GMT+2", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 12:00:00 UTC +02:00", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 12:00:00 EST -0500", "2021-07-23T12:00:00-05:00"},
        {"23 Jul 2021 12:00:00+0200", "2021-07-23T12:00:00+02:00"},
        {"23 Jul 2021 00:30:00 +0200", "2021-07-23T00:30:00+02:00"},
        /* ISO 8601, RFC 3339 */
        {"2021-07-23T12:00:00Z", "2021-07-23T12:00:00Z"},
        {"2021-07-23t12:00:00z", "2021-07-23T12:00:00Z"},
        {"2021-07-23T12:00:00+01:00", "2021-07-23T12:00:00+01:00"},
        {"2021-07-23T12:00:00+0100", "2021-07-23T12:00:00+01:00"},
        {"2021-07-23T12:00:00+01", "2021-07-23T12:00:00+01:00"},
        {"2021-07-23T12:00:00 +01:00", "2021-07-23T12:00:00+01:00"},
        {"2021-07-23 12:00:00", "2021-07-23T12:00:00Z"},
        {"2021-07-23 12:00:00 UTC", "2021-07-23T12:00:00Z"},
        {"2021-07-23 12:00:00 EST", "2021-07-23T12:00:00-05:00"},
        {"2021-07-23T12:00", "2021-07-23T12:00:00Z"},
        {"2021-07-23T12:00Z", "2021-07-23T12:00:00Z"},
        {"2021-07-23T12:00:00", "2021-07-23T12:00:00Z"},
        {"2021-07-23T12:00:00.5Z", "2021-07-23T12:00:00.500Z"},
        {"2021-07-23T12:00:00,5Z", "2021-07-23T12:00:00.500Z"},
        {"2021-07-23T12:00:00.123456789Z", "2021-07-23T12:00:00.123456Z"},
        {"2021-07-23T24:00:00Z", "2021-07-24T00:00:00Z"},
        {"2021-07-23", "2021-07-23"},
        {"2021-07-23T", "2021-07-23"},
        {"2021-07-23Z", "2021-07-23"},
        {"2021-07-23+01:00", "2021-07-23"},
        {"2021-7-3", "2021-07-03"},
        {"2021/07/23", "2021-07-23"},
        {"2021/7/3 1:02:03", "2021-07-03T01:02:03Z"},
        {"2021.07.23 12:00", "2021-07-23T12:00:00Z"},
        {"20210723", "2021-07-23"},
        {"20210723T120000Z", "2021-07-23T12:00:00Z"},
        {"20210723T1200+0100", "2021-07-23T12:00:00+01:00"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *read = read_date(cases[i][0]);
        if (strcmp(read, cases[i][1]) != 0)
            fail_msg("\"%s\" is read as %s, not %s", cases[i][0], read, cases[i][1]);
    }
}

#define NO_FORM "no date in a known form: "
#define NO_DAY  "there is no such day: "
#define NO_TIME "there is no such time: "

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", NO_FORM "\"\""},
        {" ", NO_FORM "\" \""},
        {"yesterday", NO_FORM "\"yesterday\""},
        {"-", NO_FORM "\"-\""},
        {"(23 Jul 2021)", NO_FORM "\"(23 Jul 2021)\""},
        {"1627041600", NO_FORM "\"1627041600\""},
        {"2021", NO_FORM "\"2021\""},
        {"2021-07", NO_FORM "\"2021-07\""},
        {"2021-W29-5", NO_FORM "\"2021-W29-5\""},
        {"2021-204", NO_FORM "\"2021-204\""},
        {"2021-07/23", NO_FORM "\"2021-07/23\""},
        {"2021-07-23T12", NO_FORM "\"2021-07-23T12\""},
        {"2021-07-23T12:0", NO_FORM "\"2021-07-23T12:0\""},
        {"2021-07-23T12:00:00+24:00", NO_FORM "\"2021-07-23T12:00:00+24:00\""},
        {"2021-07-23T12:00:00+01:0", NO_FORM "\"2021-07-23T12:00:00+01:0\""},
        {"2021-07-23T12:00:00ZZ top", NO_FORM "\"2021-07-23T12:00:00ZZ top\""},
        {"2021-07-23T12:00:00Z and more", NO_FORM "\"2021-07-23T12:00:00Z and more\""},
        {"-0001-11-30T00:00:00+00:00", NO_FORM "\"-0001-11-30T00:00:00+00:00\""},
        {"12021-07-23", NO_FORM "\"12021-07-23\""},
        {"03/04/2021", NO_FORM "\"03/04/2021\""},
        {"23/07/2021", NO_FORM "\"23/07/2021\""},
        {"23 Juli 2021 12:00", NO_FORM "\"23 Juli 2021 12:00\""},
        {"23 Ju 2021", NO_FORM "\"23 Ju 2021\""},
        {"Jul 2021", NO_FORM "\"Jul 2021\""},
        {"23 Jul 12:00", NO_FORM "\"23 Jul 12:00\""},
        {"23 Jul 2021 2022", NO_FORM "\"23 Jul 2021 2022\""},
        {"23 Jul 2021 12:00 13:00", NO_FORM "\"23 Jul 2021 12:00 13:00\""},
        {"23 Jul Aug 2021", NO_FORM "\"23 Jul Aug 2021\""},
        {"23 Jul 2021 12:00 GMT EST", NO_FORM "\"23 Jul 2021 12:00 GMT EST\""},
        {"23 Jul 2021 12:00 London", NO_FORM "\"23 Jul 2021 12:00 London\""},
        {"23 Jul 2021 12:00 +0100 +0200", NO_FORM "\"23 Jul 2021 12:00 +0100 +0200\""},
        {"23 Jul 2021 12:00 +2400", NO_FORM "\"23 Jul 2021 12:00 +2400\""},
        {"23 Jul 2021 1200 GMT", NO_FORM "\"23 Jul 2021 1200 GMT\""},
        {"23 Jul 2021\x01 12:00 GMT", NO_FORM "\"23 Jul 2021  12:00 GMT\""},
        {"31 Feb 2021 12:00 GMT", NO_DAY "\"31 Feb 2021 12:00 GMT\""},
        {"Mon, 29 Feb 2021", NO_DAY "\"Mon, 29 Feb 2021\""},
        {"0 Jul 2021", NO_DAY "\"0 Jul 2021\""},
        {"32 Jul 2021", NO_DAY "\"32 Jul 2021\""},
        {"2021-02-29", NO_DAY "\"2021-02-29\""},
        {"2021-13-01", NO_DAY "\"2021-13-01\""},
        {"31.04.2021", NO_DAY "\"31.04.2021\""},
        {"0000-00-00 00:00:00", NO_DAY "\"0000-00-00 00:00:00\""},
        {"23 Jul 0000", NO_DAY "\"23 Jul 0000\""},
        {"23 Jul 2021 25:00 GMT", NO_TIME "\"23 Jul 2021 25:00 GMT\""},
        {"23 Jul 2021 24:01 GMT", NO_TIME "\"23 Jul 2021 24:01 GMT\""},
        {"23 Jul 2021 12:60 GMT", NO_TIME "\"23 Jul 2021 12:60 GMT\""},
        {"23 Jul 2021 12:00:61 GMT", NO_TIME "\"23 Jul 2021 12:00:61 GMT\""},
        {"23 Jul 2021 13:00 pm", NO_TIME "\"23 Jul 2021 13:00 pm\""},
        {"23 Jul 2021 0:10 am", NO_TIME "\"23 Jul 2021 0:10 am\""},
        {"2021-07-23T24:00:00.1Z", NO_TIME "\"2021-07-23T24:00:00.1Z\""},
        {"0001-01-01T00:00:00+01:00", "beyond the years 1 to 9999: \"0001-01-01T00:00:00+01:00\""},
        {"9999-12-31T24:00:00Z", "beyond the years 1 to 9999: \"9999-12-31T24:00:00Z\""},
        {"9999-12-31T23:59:59-01:00", "beyond the years 1 to 9999: \"9999-12-31T23:59:59-01:00\""},
        {"Once upon a time there was a feed whose dates were told as stories, each longer than the one "
         "before",
         NO_FORM "\"Once upon a time there was a feed whose dates were told as s...\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *read = read_date(cases[i][0]);
        if (strcmp(read, cases[i][1]) != 0)
            fail_msg("\"%s\" gives %s, not %s", cases[i][0], read, cases[i][1]);
    }
}

static void any_text_is_taken(void **state)
{
    (void)state;
    g_autofree char *digits = g_strnfill(100000, '9');
    g_autofree char *brackets = g_strnfill(100000, '(');
    g_autofree char *read = read_date(digits);
    g_autofree char *other = read_date(brackets);
    assert_true(g_str_has_prefix(read, NO_FORM));
    assert_true(g_str_has_prefix(other, NO_FORM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(any_text_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
