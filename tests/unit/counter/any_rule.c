/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/any_rule.h"

#include "unit.h"

#include "counter/rules_fixture.h"

#define HOLIDAYS 200 /* in the years of any_date() */

static GRand *dice;
static GPtrArray *zones;     /* of char * */
static GHashTable *holidays; /* of CivilDate as pointers */

/* All that have a place on the map. */
static void read_zones(void)
{
    const char *folder = g_getenv("TZDIR");
    g_autofree char *path = g_build_filename(folder ? folder : "/usr/share/zoneinfo", "zone.tab", NULL);
    g_autofree char *table = NULL;
    assert_true(g_file_get_contents(path, &table, NULL, NULL));
    zones = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);
        if (**line != '#' && g_strv_length(columns) >= 3)
            g_ptr_array_add(zones, g_strdup(columns[2]));
    }
    assert_true(zones->len > 300);
}

static void make_holidays(void)
{
    g_autoptr(GString) file = g_string_new(NULL);
    holidays = g_hash_table_new(NULL, NULL);
    for (int i = 0; i < HOLIDAYS * 10; i++) {
        char text[CIVIL_DATE_TEXT_MAX];
        CivilDate date = any_date() + any_number(-500, 500);
        g_hash_table_add(holidays, GINT_TO_POINTER(date));
        g_string_append_printf(file, "%s\n", civil_date_format(date, text));
    }
    rules_write_holidays(file->str, file->len);
}

int any_rule_setup(void **state)
{
    const char *given = g_getenv("DAYWIRE_SEED");
    guint32 seed = given ? (guint32)g_ascii_strtoull(given, NULL, 10) : g_random_int();
    print_message("DAYWIRE_SEED=%u\n", seed);
    dice = g_rand_new_with_seed(seed);
    if (rules_setup(state) != 0)
        return -1;
    read_zones();
    make_holidays();
    return 0;
}

int any_rule_teardown(void **state)
{
    g_rand_free(dice);
    g_ptr_array_unref(zones);
    g_hash_table_unref(holidays);
    return rules_teardown(state);
}

int any_number(int least, int most)
{
    return g_rand_int_range(dice, least, most + 1);
}

CivilDate any_date(void)
{
    return any_number(date_of("1950-01-01"), date_of("2035-01-01"));
}

static void append_date(GString *lines, const char *key, CivilDate date)
{
    char text[CIVIL_DATE_TEXT_MAX];
    g_string_append_printf(lines, "%s = %s\n", key, civil_date_format(date, text));
}

static void append_dates(GString *lines, CivilDate middle)
{
    static const char *const after_zero[] = {"count", "hold", "end"};
    int kind = any_number(0, 2);
    CivilDate since = middle + any_number(-400, 100), until = since + any_number(0, 500);
    CivilDate starts = middle + any_number(-40, 20);
    if (kind != 0)
        append_date(lines, "since", since);
    if (kind != 1)
        append_date(lines, "until", until);
    if (kind == 0) {
        g_string_append_printf(lines, "after-zero = %s\n", after_zero[any_number(0, 2)]);
        starts = MIN(starts, until);
    }
    if (any_number(0, 1))
        append_date(lines, "starts", starts);
    if (any_number(0, 1))
        append_date(lines, "ends", starts + any_number(0, 90));
}

AnyRule any_rule(CivilDate middle)
{
    AnyRule result = {0};
    GString *lines = g_string_new(NULL);
    bool weekdays = any_number(0, 1);
    result.has_holidays = weekdays && any_number(0, 1);
    append_dates(lines, middle);
    g_string_append_printf(lines, "time-zone = %s\n",
                           (char *)zones->pdata[any_number(0, (int)zones->len - 1)]);
    g_string_append_printf(lines, "%s%s", weekdays ? "count = weekdays\n" : "",
                           result.has_holidays ? "holidays = holidays\n" : "");
    g_string_append(lines, any_number(0, 1) ? "leap-day = feb28\n" : "");
    result.rule = rule_from(lines->str);
    result.text = g_string_free(lines, FALSE);
    return result;
}

void any_rule_clear(AnyRule *subject)
{
    counter_rule_free(subject->rule);
    g_free((char *)subject->text);
}

static bool is_counted(const AnyRule *subject, CivilDate date)
{
    GDate day;
    char text[CIVIL_DATE_TEXT_MAX];
    if (!subject->rule->weekdays)
        return true;
    if (subject->has_holidays && g_hash_table_contains(holidays, GINT_TO_POINTER(date)))
        return false;
    g_date_clear(&day, 1);
    g_date_set_parse(&day, civil_date_format(date, text));
    return g_date_get_weekday(&day) <= G_DATE_FRIDAY;
}

int count_by_hand(const AnyRule *subject, CivilDate from, CivilDate to)
{
    int count = 0;
    for (CivilDate date = MIN(from, to) + 1; date <= MAX(from, to); date++)
        count += is_counted(subject, date);
    return from <= to ? count : -count;
}
