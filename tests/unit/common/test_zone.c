/* SPDX-License-Identifier: Apache-2.0 */
/* Zones of the system's tzdata by name; compare_zones.py goes through all of them. */
#include "unit.h"

#include <glib/gstdio.h>

#include "common/error.h"
#include "common/zone.h"
#include "folder.h"

static Zone *open_zone(const char *name)
{
    g_autoptr(GError) error = NULL;
    Zone *zone = zone_new(name, &error);
    if (!zone)
        fail_msg("%s", error->message);
    return zone;
}

static CivilDate date_of(const char *text)
{
    CivilDate date = 0;
    assert_true(civil_date_parse(text, &date));
    return date;
}

static Instant instant_of(const char *text)
{
    Instant instant = 0;
    assert_true(instant_parse(text, &instant, NULL));
    return instant;
}

static const struct {
    const char *zone, *date, *first;
} beginnings[] = {
    {"UTC", "1900-01-01", "1900-01-01T00:00:00Z"},
    {"Europe/London", "2021-01-24", "2021-01-24T00:00:00Z"},
    {"Europe/London", "2021-07-24", "2021-07-23T23:00:00Z"},
    /* clocks went from 00:00 to 01:00, hence no midnight */
    {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
    {"Asia/Beirut", "2023-03-26", "2023-03-25T22:00:00Z"},
    {"Asia/Beirut", "2023-03-30", "2023-03-29T21:00:00Z"},
    {"Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z"},
    {"America/Santiago", "2060-09-05", "2060-09-05T04:00:00Z"},
    /* from 23:30 to 00:30, and from 00:00 to 00:15 for good */
    {"America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"},
    {"Asia/Kathmandu", "1986-01-01", "1985-12-31T18:30:00Z"},
    /* from 00:00 back to 23:00: the date begins an hour later than its eve promised */
    {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},
    {"Africa/Cairo", "2023-10-27", "2023-10-26T22:00:00Z"},
    {"Asia/Beirut", "2023-10-29", "2023-10-28T22:00:00Z"},
    /* from 02:00 back to 01:00, for good */
    {"Europe/Moscow", "2014-10-26", "2014-10-25T20:00:00Z"},
    {"Europe/Moscow", "2014-10-27", "2014-10-26T21:00:00Z"},
    /* from 01:00 back to 00:00: midnight twice, the first one counts */
    {"America/Havana", "2021-11-07", "2021-11-07T04:00:00Z"},
    /* from 00:01 back to 23:01 of the day before: the date begins, ends and goes on */
    {"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},
    {"America/St_Johns", "2010-11-08", "2010-11-08T03:30:00Z"},
    /* the date line moved, and a date was skipped */
    {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
    {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
    {"Pacific/Kiritimati", "1994-12-30", "1994-12-30T10:00:00Z"},
    {"Pacific/Kiritimati", "1995-01-01", "1994-12-31T10:00:00Z"},
    /* or came twice; or a date began, ended and came back for the most of a day */
    {"America/Sitka", "1867-10-18", "1867-10-17T09:01:13Z"},
    {"America/Sitka", "1867-10-19", "1867-10-18T09:01:13Z"},
    {"Pacific/Kwajalein", "1969-09-30", "1969-09-29T13:00:00Z"},
    {"Pacific/Kwajalein", "1969-10-01", "1969-10-01T12:00:00Z"},
    /* offsets with seconds */
    {"Africa/Monrovia", "1950-01-01", "1950-01-01T00:44:30Z"},
    {"Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30Z"},
    {"Asia/Kolkata", "1870-01-01", "1869-12-31T18:38:50Z"},
    /* after the last transition of the file; in Dublin, summer time is the standard */
    {"Europe/London", "2499-07-01", "2499-06-30T23:00:00Z"},
    {"Europe/Dublin", "2040-07-01", "2040-06-30T23:00:00Z"},
    {"Europe/Dublin", "2040-12-01", "2040-12-01T00:00:00Z"},
    {"Antarctica/Troll", "2050-07-01", "2050-06-30T22:00:00Z"},
    {"Africa/Cairo", "2500-04-30", "2500-04-29T22:00:00Z"},
    {"Europe/Moscow", "2500-06-01", "2500-05-31T21:00:00Z"},
    {"Australia/Lord_Howe", "2100-01-01", "2099-12-31T13:00:00Z"},
};

static void test_dates_begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        g_autoptr(Zone) zone = open_zone(beginnings[i].zone);
        char text[INSTANT_TEXT_MAX];
        CivilDate date = date_of(beginnings[i].date);
        Instant first = zone_first_instant(zone, date);
        if (!g_str_equal(instant_format(first, 0, text), beginnings[i].first))
            fail_msg("%s %s begins at %s, not at %s", beginnings[i].zone, beginnings[i].date,
                     beginnings[i].first, text);
        assert_int_equal(zone_date_at(zone, first), date);
        assert_true(zone_date_at(zone, first - 1) < date);
    }
}

static void test_skipped_dates(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *before, *skipped, *next;
    } skips[] = {
        {"Pacific/Apia", "2011-12-29", "2011-12-30", "2011-12-31"},
        {"Pacific/Fakaofo", "2011-12-29", "2011-12-30", "2011-12-31"},
        {"Pacific/Kiritimati", "1994-12-30", "1994-12-31", "1995-01-01"},
        {"Pacific/Kwajalein", "1993-08-20", "1993-08-21", "1993-08-22"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(skips); i++) {
        g_autoptr(Zone) zone = open_zone(skips[i].zone);
        CivilDate next = date_of(skips[i].next);
        assert_int_equal(zone_next_date(zone, date_of(skips[i].before)), next);
        assert_int_equal(zone_next_date(zone, date_of(skips[i].skipped)), next);
        assert_int_equal(zone_first_instant(zone, date_of(skips[i].skipped)), zone_first_instant(zone, next));
    }
}

static void test_what_the_wall_shows(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *at, *date;
        int offset;
    } walls[] = {
        {"Europe/London", "2021-07-23T22:59:59.999999Z", "2021-07-23", 3600},
        {"Europe/London", "2021-07-23T23:00:00Z", "2021-07-24", 3600},
        {"America/St_Johns", "2010-11-07T02:30:59Z", "2010-11-07", -9000},
        {"America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-06", -12600},
        {"America/St_Johns", "2010-11-07T03:30:00Z", "2010-11-07", -12600},
        {"Africa/Monrovia", "1950-01-01T00:44:29Z", "1949-12-31", -2670},
        {"UTC", "1969-12-31T23:59:59.999999Z", "1969-12-31", 0},
        {"UTC", "0001-01-01T00:00:00Z", "0001-01-01", 0},
        {"Pacific/Kiritimati", "9999-12-31T23:00:00Z", "9999-12-31", 50400}, /* bounded */
        {"Pacific/Pago_Pago", "0001-01-01T00:00:00Z", "0001-01-01", 45432},  /* its first offset */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(walls); i++) {
        g_autoptr(Zone) zone = open_zone(walls[i].zone);
        char text[CIVIL_DATE_TEXT_MAX];
        assert_string_equal(civil_date_format(zone_date_at(zone, instant_of(walls[i].at)), text),
                            walls[i].date);
        assert_int_equal(zone_offset(zone, instant_of(walls[i].at)), walls[i].offset);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const good[] = {"UTC", "Europe/London", "Etc/GMT+5", "America/Argentina/Buenos_Aires",
                                       "EST5EDT"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(Zone) zone = open_zone(good[i]);
        assert_string_equal(zone_name(zone), good[i]);
    }
    static const char *const bad[] = {"",
                                      "Mars/Olympus",
                                      "+01:00",
                                      "GMT0BST,M3.5.0/1,M10.5.0",
                                      "/etc/passwd",
                                      "/usr/share/zoneinfo/Europe/London",
                                      "Europe/../Europe/London",
                                      "../zoneinfo/Europe/London",
                                      "Europe",
                                      "Europe/",
                                      "Europe//London",
                                      "Europe/London ",
                                      "Europe/London\n",
                                      "posix/Europe/London",
                                      "right/Europe/London",
                                      "posixrules",
                                      "localtime",
                                      "tzdata.zi",
                                      "iso3166.tab"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        if (zone_new(bad[i], &error))
            fail_msg("'%s' was taken for a zone", bad[i]);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    }
}

/* A folder of one's own: $TZDIR. */
static void test_other_folder(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    char *folder = folder_new();
    g_autofree char *path = g_build_filename(folder, "Quay", NULL);
    g_autofree char *fifo = g_build_filename(folder, "Fifo", NULL);
    assert_true(g_file_set_contents(path, "TZif, or so it says", -1, NULL));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_setenv("TZDIR", folder, TRUE);

    g_autoptr(Zone) utc = open_zone("UTC"); /* it needs none */
    assert_int_equal(zone_first_instant(utc, 18832), instant_of("2021-07-24T00:00:00Z"));
    assert_null(zone_new("Europe/London", &error));
    assert_non_null(strstr(error->message, folder));
    g_clear_error(&error);
    assert_null(zone_new("Quay", &error));
    g_autofree char *message = g_strdup_printf("time zone Quay: %s: it is no compiled time zone", path);
    assert_string_equal(error->message, message);
    g_clear_error(&error);
    assert_null(zone_new("Fifo", &error)); /* and does not wait for a writer */
    g_clear_error(&error);

    g_unsetenv("TZDIR");
    folder_remove(folder);
}

/* Of any zone, with a fixed seed: dates follow each other, each begins when the one before has ended, and
 * every instant between belongs to it or, where clocks go back over midnight, to its eve. */
static void test_dates_follow_each_other(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/London",     "America/Sao_Paulo", "Pacific/Apia",
                                        "Pacific/Kwajalein", "America/St_Johns",  "Antarctica/Troll",
                                        "Asia/Gaza",         "Africa/Casablanca", "Europe/Dublin"};
    g_autoptr(GRand) random = g_rand_new_with_seed(20210724);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Zone) zone = open_zone(names[i]);
        for (int round = 0; round < 2000; round++) {
            CivilDate date = g_rand_int_range(random, date_of("1880-01-01"), date_of("2500-01-01"));
            Instant first = zone_first_instant(zone, date);
            CivilDate existing = zone_date_at(zone, first);
            CivilDate next = zone_next_date(zone, date);
            Instant end = zone_first_instant(zone, next);
            assert_true(existing >= date && next > date && next <= date + 2);
            assert_true(end > first || existing > date);
            Instant within = first + (Instant)(g_rand_double(random) * (double)(end - first));
            CivilDate shown = zone_date_at(zone, within);
            assert_true(shown >= existing - 1 && shown < MAX(next, existing + 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_begin),         cmocka_unit_test(test_skipped_dates),
        cmocka_unit_test(test_what_the_wall_shows), cmocka_unit_test(test_names),
        cmocka_unit_test(test_other_folder),        cmocka_unit_test(test_dates_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
