/* SPDX-License-Identifier: Apache-2.0 */
/* Days and months have a sign here: they grow from `since` on, and shrink to zero at `until`. */
#include "counter/value.h"

static CivilDate origin_of(const CounterRule *rule)
{
    return rule->has_since ? rule->since : rule->until;
}

static int32_t count(const CounterRule *rule, CivilDate from, CivilDate to)
{
    return rule->weekdays ? weekdays_between(rule->weekdays, from, to) : to - from;
}

static int32_t days_on(const CounterRule *rule, CivilDate date)
{
    if (rule->has_since)
        return count(rule, rule->since, date);
    return rule->stays_at_zero && date > rule->until ? 0 : count(rule, date, rule->until);
}

static int with_sign(const CounterRule *rule, int months)
{
    return rule->has_since ? months : -months;
}

/* Complete ones. */
static int months_by(const CounterRule *rule, CivilDate date)
{
    return with_sign(rule, elapsed_months(origin_of(rule), date, rule->leap_day));
}

/* Those that are complete on the very date, else 0. */
static int months_on(const CounterRule *rule, CivilDate date)
{
    return with_sign(rule, elapsed_months_on(origin_of(rule), date, rule->leap_day));
}

/* Counted from where the milestones are counted from. Before `since` there are none: from the date on. */
static Elapsed elapsed_on(const CounterRule *rule, CivilDate date)
{
    CivilDate reached = rule->stays_at_zero ? MIN(date, rule->until) : date;
    if (rule->has_since && date < rule->since)
        return elapsed_between(date, rule->since, rule->leap_day);
    return elapsed_between(origin_of(rule), reached, rule->leap_day);
}

/* A number of days that lasts, as weekdays do over a weekend, is met on its first date only; zero is the counter's own
 * date. */
static bool is_milestone(const CounterRule *rule, CivilDate date, int32_t days, int months)
{
    bool is_first =
        days == 0 ? date == origin_of(rule) : !rule->weekdays || weekdays_has(rule->weekdays, date);
    return milestones_has(rule->milestones, is_first ? days : -1, months);
}

CounterValue counter_value(const CounterRule *rule, CivilDate date)
{
    int months = months_on(rule, date);
    CounterValue value = {
        .days = days_on(rule, date),
        .elapsed = elapsed_on(rule, date),
    };
    if (rule->has_since && rule->has_until)
        value.remaining = count(rule, date, rule->until);
    if (rule->has_since && months > 0 && months % MONTHS_PER_YEAR == 0)
        value.anniversary = months / MONTHS_PER_YEAR;
    value.is_milestone = is_milestone(rule, date, value.days, months);
    return value;
}

MilestoneRange counter_milestone_range(const CounterRule *rule)
{
    CivilDate origin = origin_of(rule);
    /* A number that lasts since before `starts` was met there: those after it can be milestones. */
    CivilDate before = rule->starts - 1;
    CivilDate near = rule->has_since ? rule->starts : rule->ends;
    CivilDate far = rule->has_since ? rule->ends : rule->starts;
    bool near_is_whole = months_on(rule, near) == months_by(rule, near);
    return (MilestoneRange){
        .days_least = rule->has_since ? days_on(rule, before) + 1 : days_on(rule, rule->ends),
        .days_most = rule->has_since ? days_on(rule, rule->ends) : days_on(rule, before) - 1,
        .months_least = MAX(months_by(rule, near) + (near_is_whole ? 0 : 1), 1),
        .months_most = MAX(months_by(rule, far), 0),
        .has_zero = origin >= rule->starts && origin <= rule->ends,
    };
}
