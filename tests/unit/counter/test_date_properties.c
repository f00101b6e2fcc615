/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of any rule on any date. Days are counted with GDate, and dates read off a clock with GDateTime: they have
 * no code in common with ours. */
#include "unit.h"

#include "counter/any_rule.h"
#include "counter/rules_fixture.h"
#include "counter/tick.h"
#include "counter/value.h"

#define ROUNDS 300
#define HOUR   (3600 * INSTANT_SECOND)

static GDate gdate_of(CivilDate date)
{
    GDate day;
    char text[CIVIL_DATE_TEXT_MAX];
    g_date_clear(&day, 1);
    g_date_set_parse(&day, civil_date_format(date, text));
    assert_true(g_date_valid(&day));
    return day;
}

static int days_between(CivilDate from, CivilDate to)
{
    GDate first = gdate_of(from), second = gdate_of(to);
    return g_date_days_between(&first, &second);
}

static void check_days(const AnyRule *subject, const Tick *tick, CivilDate date)
{
    const CounterRule *rule = subject->rule;
    int expected = rule->has_since ? count_by_hand(subject, rule->since, date)
                                   : count_by_hand(subject, date, rule->until);
    if (rule->stays_at_zero)
        expected = MAX(expected, 0);
    if (tick->days != expected)
        fail_msg("%s on %s: %d days, not %d", subject->text, tick->date, tick->days, expected);
    if (!rule->weekdays && !rule->stays_at_zero)
        assert_int_equal(expected,
                         rule->has_since ? days_between(rule->since, date) : days_between(date, rule->until));
    if (rule->has_since && rule->has_until && tick->remaining != count_by_hand(subject, date, rule->until))
        fail_msg("%s on %s: %d remain", subject->text, tick->date, tick->remaining);
}

/* On from the earlier date, or back from the date that is counted down to; GDate has the last day of a short month, as
 * feb28. */
static void check_elapsed(const AnyRule *subject, const Tick *tick, CivilDate date)
{
    const CounterRule *rule = subject->rule;
    CivilDate origin = rule->has_since ? rule->since : rule->until;
    CivilDate reached = rule->stays_at_zero ? MIN(date, origin) : date;
    const Daywire__V1__Elapsed *elapsed = tick->elapsed;
    int months = (int)(elapsed->years * 12 + elapsed->months), days = (int)elapsed->days;
    assert_true(elapsed->months <= 11 && elapsed->days <= 30);
    if (rule->leap_day != LEAP_DAY_FEB28)
        return;
    bool back = !rule->has_since && reached < origin;
    GDate day = gdate_of(back ? origin : MIN(origin, reached));
    if (back)
        g_date_subtract_months(&day, (guint)months);
    else
        g_date_add_months(&day, (guint)months);
    char text[CIVIL_DATE_TEXT_MAX];
    g_date_strftime(text, sizeof(text), "%Y-%m-%d", &day);
    CivilDate end = back ? reached : MAX(origin, reached);
    if (date_of(text) + (back ? -days : days) != end)
        fail_msg("%s on %s: %d months, %d days", subject->text, tick->date, months, days);
}

/* Whether the date is `months` whole ones after `since`, or before `until`, as its milestones have it. */
static bool is_whole(CounterRule *rule, CivilDate date, int months)
{
    g_autofree char *text = g_strdup_printf("every %d months", months);
    rule->milestones = milestones_parse(text, NULL);
    bool whole = counter_value(rule, date).is_milestone;
    g_clear_pointer(&rule->milestones, milestones_free);
    return whole;
}

/* What is elapsed is whole months on the dates of the milestones and on no other, and as many as they say. */
static void test_elapsed_agrees_with_milestones(void **state)
{
    (void)state;
    int whole = 0;
    for (int round = 0; round < ROUNDS; round++) {
        g_auto(AnyRule) subject = any_rule(any_date());
        CounterRule *rule = subject.rule;
        CivilDate origin = rule->has_since ? rule->since : rule->until;
        for (int i = 1; i < 800; i++) {
            CivilDate date = rule->has_since ? origin + i : origin - i;
            char text[CIVIL_DATE_TEXT_MAX];
            Elapsed elapsed = counter_value(rule, date).elapsed;
            int months = elapsed.years * 12 + elapsed.months;
            bool good = elapsed.days == 0 ? is_whole(rule, date, months) && !is_whole(rule, date, months + 1)
                                          : !is_whole(rule, date, 1);
            if (!good)
                fail_msg("%s on %s: %d months, %d days", subject.text, civil_date_format(date, text), months,
                         elapsed.days);
            whole += elapsed.days == 0;
        }
    }
    assert_int_equal(whole, ROUNDS * 26);
}

static void test_values(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        CivilDate middle = any_date();
        g_auto(AnyRule) subject = any_rule(middle);
        for (int i = 0; i < 10; i++) {
            CivilDate date = middle + any_number(-100, 700);
            g_autoptr(Tick) tick =
                counter_tick(subject.rule, date, zone_first_instant(subject.rule->zone, date));
            if (!tick)
                continue;
            check_days(&subject, tick, date);
            check_elapsed(&subject, tick, date);
        }
    }
}

static bool comes(CounterRule *rule)
{
    for (CivilDate date = rule->starts; date <= rule->ends; date++)
        if (counter_value(rule, date).is_milestone)
            return true;
    return false;
}

/* A milestone is refused when it comes on no date, and then alone. */
static void test_milestones_come(void **state)
{
    (void)state;
    static const char *const units[] = {"days", "months", "years"};
    int refused = 0, taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
        g_auto(AnyRule) subject = any_rule(any_date());
        CounterRule *rule = subject.rule;
        MilestoneRange range = counter_milestone_range(rule);
        if (rule->starts == TICK_DATE_MIN || rule->ends == TICK_DATE_MAX)
            continue; /* too many dates to look at each */
        for (int i = 0; i < 20; i++) {
            g_autofree char *text = i < 10 ? g_strdup_printf("%d", any_number(0, 150))
                                           : g_strdup_printf("every %d %s", any_number(1, 20), units[i % 3]);
            rule->milestones = milestones_parse(text, NULL);
            bool good = milestones_check(rule->milestones, &range, NULL);
            if (good != comes(rule))
                fail_msg("%s: %s is %s", subject.text, text, good ? "taken" : "refused");
            refused += !good;
            taken += good;
            g_clear_pointer(&rule->milestones, milestones_free);
        }
    }
    assert_true(refused > 50 && taken > 50);
}

static CivilDate date_on_clock(GTimeZone *zone, Instant instant)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(instant / INSTANT_SECOND);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    g_autofree char *text = g_date_time_format(local, "%Y-%m-%d");
    return date_of(text);
}

/* The date with the next change of clocks soon after its midnight, where there is one within a year, or else `date`. */
static CivilDate near_a_change(const Zone *zone, CivilDate date)
{
    for (CivilDate next = date; next < date + 366; next++) {
        Instant midnight = zone_first_instant(zone, next);
        if (zone_offset(zone, midnight) != zone_offset(zone, midnight + 2 * HOUR))
            return next;
    }
    return date;
}

/* Each tick begins where the one before ends, when the clock shows its date for the first time. */
static void test_dates_follow_each_other(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        g_auto(AnyRule) subject = any_rule(any_date());
        const CounterRule *rule = subject.rule;
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(zone_name(rule->zone));
        CivilDate first = MAX(rule->starts, date_of("1970-02-01")),
                  last = MIN(rule->ends, date_of("2036-01-01"));
        if (first > last)
            continue;
        CivilDate date = MAX(near_a_change(rule->zone, any_number(first, last)) - 5, first);
        Instant before = INT64_MIN;
        for (int i = 0; i < 30; i++, date = zone_next_date(rule->zone, date)) {
            g_autoptr(Tick) tick = counter_tick(rule, date, 0);
            if (!tick)
                continue;
            Instant effective_at = instant_from_timestamp(tick->effective_at);
            Instant next_at = instant_from_timestamp(tick->next_at);
            Instant length = any_number(0, 1) ? next_at - effective_at : 2 * HOUR;
            Instant inside = effective_at + any_number(0, 999) * length / 1000;
            assert_true(next_at > effective_at);
            if (before != INT64_MIN && effective_at != before)
                fail_msg("%s on %s: does not follow the date before", subject.text, tick->date);
            if (date_on_clock(zone, effective_at) != date ||
                date_on_clock(zone, effective_at - INSTANT_SECOND) >= date)
                fail_msg("%s on %s: does not begin then", subject.text, tick->date);
            assert_int_equal(counter_date_at(rule, inside), date);
            before = next_at;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_elapsed_agrees_with_milestones),
        cmocka_unit_test(test_milestones_come),
        cmocka_unit_test(test_dates_follow_each_other),
    };
    return cmocka_run_group_tests(tests, any_rule_setup, any_rule_teardown);
}
