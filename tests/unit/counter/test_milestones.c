/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/milestones.h"

static const struct {
    const char *list;
    int32_t days;
    int years;
    bool hit;
} cases[] = {
    {"1000", 1000, 0, true},
    {"1000", 999, 0, false},
    {"1000", 2000, 0, false},
    {"0", 0, 0, true},
    {"every 100 days", 100, 0, true},
    {"every 100 days", 1200, 0, true},
    {"every 100 days", 1238, 0, false},
    {"every 100 days", 0, 0, false},
    {"every 100 days", -100, 0, false},
    {"every day", 1, 0, true},
    {"every year", 365, 1, true},
    {"every year", 366, 0, false},
    {"every year", -365, -1, false},
    {"every 5 years", 1826, 5, true},
    {"every 5 years", 2191, 6, false},
    {"every 100 days, every year, 1000, 2500", 2500, 0, true},
    {"every 100 days, every year, 1000, 2500", 1826, 5, true},
    {" every\t100  days ,7", 7, 0, true},
    {"every 100 days, every year, 1000, 2500", 1238, 0, false},
};

static void test_hits(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Milestones) milestones = milestones_parse(cases[i].list, &error);
        if (!milestones)
            fail_msg("%s", error->message);
        if (milestones_has(milestones, cases[i].days, cases[i].years) != cases[i].hit)
            fail_msg("\"%s\" at %d days, %d years", cases[i].list, cases[i].days, cases[i].years);
    }
    assert_false(milestones_has(NULL, 1000, 1));
}

static void test_mistakes(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "1000,",
                                      ",1000",
                                      "every",
                                      "every 0 days",
                                      "every -1 days",
                                      "every 100",
                                      "every 100 weeks",
                                      "100 days",
                                      "every hundred days",
                                      "every 100 days 7",
                                      "every 100 days or so",
                                      "Every 100 days",
                                      "-5",
                                      "+5",
                                      "1.5",
                                      "1e3",
                                      "3652059",
                                      "99999999999999999999"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        if (milestones_parse(bad[i], &error))
            fail_msg("'%s' was taken for milestones", bad[i]);
        assert_non_null(strstr(error->message, "is no milestone; those are: every 100 days"));
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *many = g_strdup("1");
    for (int i = 0; i < 64; i++) {
        char *longer = g_strconcat(many, ",1", NULL);
        g_free(many);
        many = longer;
    }
    assert_null(milestones_parse(many, &error));
    assert_string_equal(error->message, "more than 64 milestones");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
