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
    assert_false(harbour->counts_down);
    assert_int_equal(harbour->origin, date_of("2018-03-04"));
    assert_string_equal(zone_name(harbour->zone), "Europe/London");
    assert_int_equal(harbour->leap_day, LEAP_DAY_FEB28);
    assert_true(milestones_has(harbour->milestones, 1000, 0));
    assert_int_equal(harbour->labels->len, 2);
    assert_true(bridge->counts_down);
    assert_int_equal(bridge->origin, date_of("2030-01-01"));
    assert_string_equal(zone_name(bridge->zone), "UTC");
    assert_int_equal(bridge->leap_day, LEAP_DAY_MAR1);
    assert_null(bridge->milestones);
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
    {"[counter a]\nlabel.en = x\n",
     "[counter a] lacks its date: since = YYYY-MM-DD to count from it, or until = "
     "YYYY-MM-DD to count down"},
    {"[counter a]\n",
     "[counter a] lacks its date: since = YYYY-MM-DD to count from it, or until = YYYY-MM-DD to count "
     "down"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\nuntil = 2021-01-01\n",
     "FILE:4: [counter a] until: a counter has since or until, not both"},
    {"[counter a]\nsince = 2020-01-01\n",
     "[counter a] has nothing to say: add label.en = ..., or another language's"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = x\n\nmilestones = every 5 weeks\n",
     "FILE:5: [counter a] milestones: \"every 5 weeks\" is no milestone; those are: every 100 days, every "
     "month, every 5 "
     "years, 1000"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = {dayz, plural, other {#}}\n",
     "FILE:3: [counter a] label.en: the argument \"dayz\" is unknown, did you mean \"days\"?, at character "
     "2: dayz, "
     "plural, other {#}}"},
    {"[counter a]\nsince = 2020-01-01\nlabel.en = {until}\n",
     "FILE:3: [counter a] label.en: the argument \"until\" is not there: the counter has \"since\", at "
     "character 2: "
     "until}"},
    {"[counter a]\nuntil = 2020-01-01\nlabel.en = {since}\n",
     "FILE:3: [counter a] label.en: the argument \"since\" is not there: the counter has \"until\", at "
     "character 2: "
     "since}"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_rule),
        cmocka_unit_test(test_no_counters),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
