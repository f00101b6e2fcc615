/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/rules_fixture.h"

static void test_a_whole_rule(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from("[counter harbour]\n"
                                            "since = 2018-03-04\n"
                                            "time-zone = Europe/London\n"
                                            "label.en = {days}\n"
                                            "label.ru = {days}\n"
                                            "milestones = every 100 days, 1000\n"
                                            "leap-day = feb28\n"
                                            "[counter bridge]\n"
                                            "until = 2030-01-01\n"
                                            "label.de = {days}\n");
    assert_int_equal(rules->len, 2);
    const CounterRule *harbour = rules->pdata[0], *bridge = rules->pdata[1];
    assert_string_equal(harbour->id, "harbour");
    assert_true(harbour->has_since && !harbour->has_until);
    assert_int_equal(harbour->since, date_of("2018-03-04"));
    assert_string_equal(zone_name(harbour->zone), "Europe/London");
    assert_int_equal(harbour->leap_day, LEAP_DAY_FEB28);
    assert_true(milestones_has(harbour->milestones, 1000, 0));
    assert_int_equal(harbour->labels->len, 2);
    assert_true(bridge->has_until && !bridge->has_since);
    assert_int_equal(bridge->until, date_of("2030-01-01"));
    assert_string_equal(zone_name(bridge->zone), "UTC");
    assert_int_equal(bridge->leap_day, LEAP_DAY_MAR1);
    assert_null(bridge->milestones);
}

static void test_zones_are_shared(void **state)
{
    (void)state;
    static const char text[] = "[counter a]\nsince = 2020-01-01\ntime-zone = Europe/London\nlabel.en = x\n"
                               "[counter b]\nsince = 2020-01-01\ntime-zone = Europe/Paris\nlabel.en = x\n"
                               "[counter c]\nsince = 2020-01-01\ntime-zone = Europe/London\nlabel.en = x\n";
    g_autoptr(GPtrArray) rules = rules_from(text);
    g_autoptr(Zone) london = zone_ref(((const CounterRule *)rules->pdata[0])->zone);
    assert_ptr_equal(((const CounterRule *)rules->pdata[2])->zone, london);
    assert_string_equal(zone_name(((const CounterRule *)rules->pdata[1])->zone), "Europe/Paris");
    /* A reload reads the files again. */
    g_autoptr(GPtrArray) again = rules_from(text);
    assert_ptr_not_equal(((const CounterRule *)again->pdata[0])->zone, london);
    g_ptr_array_set_size(rules, 0);
    assert_string_equal(zone_name(london), "Europe/London");
}

static void test_no_counters(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from("[gateway]\n");
    assert_int_equal(rules->len, 0);
}

static const struct {
    const char *content, *message;
} mistakes[] = {
    {"[counters]\n\n[counter a]\nlabel.en = x\n",
     "FILE:3: [counter a] lacks its date: since = YYYY-MM-DD to count from it, or until = "
     "YYYY-MM-DD to count down"},
    {"[counter a]\n", "FILE:1: [counter a] lacks its date: since = YYYY-MM-DD to count from it, or until = "
                      "YYYY-MM-DD to count "
                      "down"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nuntil = 2019-12-31\n",
     "FILE:4: [counter a] until: it is before since"},
    /* after zero, and when it shows */
    {"[counter a]\nsince = 2020-01-01\nafter-zero = count\nlabel.en = x\n",
     "FILE:3: [counter a] after-zero: it is for a counter with until alone"},
    {"[counter a]\nsince = 2020-01-01\nuntil = 2021-01-01\nafter-zero = hold\nlabel.en = x\n",
     "FILE:4: [counter a] after-zero: it is for a counter with until alone"},
    {"[counter a]\nsince = 2020-01-01\nstarts = 2020-02-01\nends = 2020-01-31\nlabel.en = x\n",
     "FILE:4: [counter a] ends: it is before starts"},
    {"[counter a]\nsince = 2020-01-01\nstarts = 9999-12-31\nends = 9999-12-31\nlabel.en = x\n",
     "FILE:3: [counter a] starts: there are no ticks after 9999-12-30"},
    {"[counter a]\nsince = 2020-01-01\nstarts = 9999-12-31\nlabel.en = x\n",
     "FILE:3: [counter a] starts: there are no ticks after 9999-12-30"},
    {"[counter a]\nsince = 2020-01-01\nends = 0001-01-01\nlabel.en = x\n",
     "FILE:3: [counter a] ends: there are no ticks before 0001-01-02"},
    {"[counter a]\nuntil = 2020-01-01\nstarts = 2020-01-02\nafter-zero = end\nlabel.en = x\n",
     "FILE:4: [counter a] after-zero: the counter ends with until, before it starts"},
    /* milestones that never come */
    {"[counter a]\nuntil = 2020-01-11\nstarts = 2020-01-01\nmilestones = 10, 11\nlabel.en = x\n",
     "FILE:4: [counter a] milestones: 11 never comes between the counter's dates"},
    {"[counter a]\nsince = 2020-01-01\nends = 2020-12-31\nmilestones = every month, every year\nlabel.en = "
     "x\n",
     "FILE:4: [counter a] milestones: every year never comes between the counter's dates"},
    {"[counter a]\nsince = 2020-01-01\nstarts = 2020-01-02\nmilestones = 1, 0\nlabel.en = x\n",
     "FILE:4: [counter a] milestones: 0 never comes between the counter's dates"},
    /* weekdays */
    {"[counter a]\nsince = 2020-01-01\nholidays = holidays\nlabel.en = x\n",
     "FILE:3: [counter a] holidays: it is for a counter with count = weekdays"},
    {"[counter a]\nsince = 2020-01-01\ncount = weekdays\nholidays = none\nlabel.en = x\n",
     "FILE:4: [counter a] holidays: FOLDER/none: No such file or directory"},
    {"[counter a]\nsince = 2020-01-01\ncount = weekdays\nlabel.en = {weeks}\n",
     "FILE:4: [counter a] label.en: the argument \"weeks\" is not there: the counter has days, years, "
     "months, "
     "anniversary, date, since, at character 2: weeks}"},
    /* its place */
    {"[counter a]\nsince = 2020-01-01\ngroup = a\\nb\nlabel.en = x\n",
     "FILE:3: [counter a] group: 1 to 100 characters, no control characters"},
    /* languages */
    {"[counters]\nlanguages = en, pt-br, pt-BR\n[counter a]\nsince = 2020-01-01\nlabel = x\n",
     "FILE:2: [counters] languages: pt-BR is given twice"},
    {"[counters]\nlanguages = en,\n[counter a]\nsince = 2020-01-01\nlabel = x\n",
     "FILE:2: [counters] languages: \"\" is no language tag (en, de, pt-BR)"},
    {"[counters]\nlanguages = en, pt-BR\n[counter a]\nsince = 2020-01-01\nlabel.en = x\nlabel.pt-PT = x\n",
     "FILE:2: [counters] languages: counter a has no label for pt-BR: add label.pt-BR, or label for all "
     "languages"},
    {"[counters]\nlanguages = en\n[counter a]\nsince = 2020-01-01\nlabel.en = x\nlabel.de = {dayz}\n",
     "FILE:6: [counter a] label.de: the argument \"dayz\" is unknown, did you mean \"days\"?, at character "
     "2: dayz}"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nmilestone.en = x\n",
     "FILE:4: [counter a] milestone.en: it is for a counter with milestones"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nlabel.de = x\nmilestones = 7\nmilestone.en = x\n",
     "FILE:6: [counter a] milestone.en: counter a has no milestone for de: add milestone.de, or milestone "
     "for "
     "all languages"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nmilestones = 7\nmilestone = {until}\n",
     "FILE:5: [counter a] milestone: the argument \"until\" is not there: the counter has days, weeks, "
     "years, months, "
     "anniversary, date, since, at character 2: until}"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nmilestones = 7\nmilestone.en = x\nmilestone.EN = x\n",
     "FILE:6: [counter a] milestone.EN: there is a milestone for en already"},
    {"[counter a]\nsince = 2020-01-01\n",
     "FILE:1: [counter a] has nothing to say: add label.en = ..., or another language's"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\n\nmilestones = every 5 weeks\n",
     "FILE:5: [counter a] milestones: \"every 5 weeks\" is no milestone; those are: every 100 days, every "
     "month, every 5 "
     "years, 1000"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = {dayz, plural, other {#}}\n",
     "FILE:3: [counter a] label.en: the argument \"dayz\" is unknown, did you mean \"days\"?, at character "
     "2: dayz, "
     "plural, other {#}}"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = {until}\n",
     "FILE:3: [counter a] label.en: the argument \"until\" is not there: the counter has days, weeks, years, "
     "months, anniversary, date, since, at character 2: until}"},
    {"[counter a]\nuntil = 2020-01-01\nlabel.en = {since}\n",
     "FILE:3: [counter a] label.en: the argument \"since\" is not there: the counter has days, weeks, years, "
     "months, date, until, at character 2: since}"},
    {"[counter a]\nsince = 2020-01-01\nlabel.english = x\n",
     "FILE:3: [counter a] label.english: \"english\" is no language tag (en, de, pt-BR)"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en-gb = x\nlabel.en-GB = x\n",
     "FILE:4: [counter a] label.en-GB: there is a label for en-GB already"},
    {"[counter good]\nsince = 2020-01-01\nlabel.en = x\n[counter a]\nsince = 2020-01-01\nlabel.en = {days, "
     "plural, one "
     "{#}}\n",
     "FILE:6: [counter a] label.en: the form \"other\" is missing, which every plural must have, at "
     "character 1: {days, "
     "plural, one {#}}"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *message = rules_refusal(mistakes[i].content);
        assert_string_equal(message, mistakes[i].message);
    }
}

/* The first line that is wrong of a file of holidays. */
static void test_bad_holidays(void **state)
{
    (void)state;
    static const struct {
        const char *content, *line;
    } files[] = {
        {"2026-12-25\n2026-02-30\n", "2"},
        {"2026-12-25 Christmas\n", "1"},
        {"# a\n\n25.12.2026\n", "3"},
        {"2026-12-25, 2026-12-26", "1"},
    };
    const char *lines =
        "[counter a]\nsince = 2020-01-01\ncount = weekdays\nholidays = holidays\nlabel.en = x\n";
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *expected = g_strdup_printf(
            "FILE:4: [counter a] holidays: FOLDER/holidays:%s: a holiday is a day of the calendar as "
            "YYYY-MM-DD",
            files[i].line);
        rules_write_holidays(files[i].content, strlen(files[i].content));
        g_autofree char *message = rules_refusal(lines);
        assert_string_equal(message, expected);
    }
    static const char nul[] = "2026-12-25\0";
    rules_write_holidays(nul, sizeof(nul));
    g_autofree char *with_nul = rules_refusal(lines);
    assert_non_null(strstr(with_nul, "holidays:1: a holiday is"));
    g_autofree char *much = g_strnfill(65537, '\n');
    rules_write_holidays(much, strlen(much));
    g_autofree char *too_large = rules_refusal(lines);
    assert_string_equal(too_large, "FILE:4: [counter a] holidays: FOLDER/holidays: larger than 65536 bytes");
    g_autofree char *long_line = g_strnfill(1001, '#');
    rules_write_holidays(long_line, strlen(long_line));
    g_autofree char *too_long = rules_refusal(lines);
    assert_non_null(strstr(too_long, "holidays:1: a holiday is"));
}

static void test_holidays_are_read(void **state)
{
    (void)state;
    const char *content = "\xef\xbb\xbf# invented\r\n\r\n 2026-03-05 # a Thursday\r\n2026-03-03\n2026-03-03";
    rules_write_holidays(content, strlen(content));
    g_autoptr(GPtrArray) rules =
        rules_from("[counter a]\nsince = 2026-03-02\ncount = weekdays\nholidays = holidays\nlabel.en = x\n");
    const CounterRule *rule = rules->pdata[0];
    assert_int_equal(weekdays_between(rule->weekdays, rule->since, date_of("2026-03-09")), 3);
}

static void test_when_it_shows(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *starts, *ends;
    } cases[] = {
        {"since = 2020-01-01\n", "0001-01-02", "9999-12-30"},
        {"since = 2020-01-01\nstarts = 0001-01-01\nends = 9999-12-31\n", "0001-01-02", "9999-12-30"},
        {"since = 2020-01-01\nstarts = 2021-01-01\nends = 2021-01-01\n", "2021-01-01", "2021-01-01"},
        {"until = 2020-01-01\nafter-zero = end\n", "0001-01-02", "2020-01-01"},
        {"until = 2020-01-01\nafter-zero = end\nends = 2019-01-01\n", "0001-01-02", "2019-01-01"},
        {"until = 2020-01-01\nafter-zero = hold\nends = 2021-01-01\n", "0001-01-02", "2021-01-01"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(CounterRule) rule = rule_from(cases[i].lines);
        assert_int_equal(rule->starts, date_of(cases[i].starts));
        assert_int_equal(rule->ends, date_of(cases[i].ends));
        assert_int_equal(rule->stays_at_zero, strstr(cases[i].lines, "hold") != NULL);
    }
}

/* The languages of the rule's labels, in their order. */
static char *languages_of(const char *content)
{
    g_autoptr(GPtrArray) rules = rules_from(content);
    const CounterRule *rule = rules->pdata[0];
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < rule->labels->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", label_language(rule->labels->pdata[i]));
    return g_string_free(text, FALSE);
}

static void test_languages(void **state)
{
    (void)state;
    static const struct {
        const char *counters, *labels, *languages;
    } cases[] = {
        {"", "label.ru = x\nlabel.en-gb = x\n", "ru en-GB"},
        {"", "label = x\n", "en"},
        {"", "label.de = x\nlabel = x\n", "de"},
        {"[counters]\nlanguages = pt-br, zh-hant-tw,en\n", "label = x\n", "pt-BR zh-Hant-TW en"},
        {"[counters]\nlanguages = de\n", "label.de = x\nlabel.en = x\n", "de"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *content =
            g_strconcat(cases[i].counters, "[counter a]\nsince = 2020-01-01\n", cases[i].labels, NULL);
        g_autofree char *languages = languages_of(content);
        assert_string_equal(languages, cases[i].languages);
    }
}

static void test_too_many_languages(void **state)
{
    (void)state;
    g_autoptr(GString) content = g_string_new("[counters]\nlanguages = en");
    for (char letter = 'a'; letter <= 'z'; letter++)
        for (int group = 0; group < 3; group++)
            g_string_append_printf(content, ", %c%c%c", "xyz"[group], letter, letter);
    g_string_append(content, "\n[counter a]\nsince = 2020-01-01\nlabel = x\n");
    g_autofree char *message = rules_refusal(content->str);
    assert_string_equal(message, "FILE:2: [counters] languages: more than 64 languages");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_rule),       cmocka_unit_test(test_no_counters),
        cmocka_unit_test(test_zones_are_shared),   cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_bad_holidays),       cmocka_unit_test(test_holidays_are_read),
        cmocka_unit_test(test_when_it_shows),      cmocka_unit_test(test_languages),
        cmocka_unit_test(test_too_many_languages),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
