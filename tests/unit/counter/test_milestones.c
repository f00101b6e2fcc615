/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/milestones.h"

static const struct {
    const char *list;
    int32_t days;
    int months;
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
    {"every year", 365, 12, true},
    {"every year", 366, 0, false},
    {"every year", -365, -12, false},
    {"every 5 years", 1826, 60, true},
    {"every 5 years", 2191, 72, false},
    {"every 100 days, every year, 1000, 2500", 2500, 0, true},
    {"every 100 days, every year, 1000, 2500", 1826, 60, true},
    {"every year", 396, 13, false},
    {"every month", 31, 1, true},
    {"every month", 32, 0, false},
    {"every month", -31, -1, false},
    {"every 6 months", 181, 6, true},
    {"every 6 months", 212, 7, false},
    {"every 100 days", -1, 0, false},
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
        if (milestones_has(milestones, cases[i].days, cases[i].months) != cases[i].hit)
            fail_msg("\"%s\" at %d days, %d months", cases[i].list, cases[i].days, cases[i].months);
    }
    assert_false(milestones_has(NULL, 1000, 12));
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
                                      "every monthss",
                                      "every mont",
                                      "every 0 months",
                                      "every 119988 months",
                                      "every 9999 years",
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

static void test_what_never_comes(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        MilestoneRange range;
        const char *message; /* NULL: it comes */
    } ranges[] = {
        {"100, 200", {100, 200, 1, 0, false}, NULL},
        {"100, 201", {100, 200, 1, 0, false}, "201 never comes between the counter's dates"},
        {"99", {100, 200, 1, 0, false}, "99 never comes between the counter's dates"},
        {"0", {-5, 0, 1, 0, true}, NULL},
        {"0", {0, 5, 1, 0, false}, "0 never comes between the counter's dates"},
        {"every 50 days", {-7, 50, 1, 0, true}, NULL},
        {"every 50 days", {51, 100, 1, 0, false}, NULL},
        {"every 50 days", {51, 99, 1, 3, false}, "every 50 days never comes between the counter's dates"},
        {"every 50 days", {-100, 0, 1, 0, true}, "every 50 days never comes between the counter's dates"},
        {"every month", {0, 30, 1, 1, false}, NULL},
        {"every month", {0, 30, 2, 1, false}, "every month never comes between the counter's dates"},
        {"every 2 years", {0, 700, 1, 23, true}, "every 2 years never comes between the counter's dates"},
        {"every 2 years", {0, 731, 1, 24, true}, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Milestones) milestones = milestones_parse(ranges[i].list, NULL);
        if (milestones_check(milestones, &ranges[i].range, &error) != !ranges[i].message)
            fail_msg("%s: %s", ranges[i].list, error ? error->message : "taken");
        if (error)
            assert_string_equal(error->message, ranges[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_what_never_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
