/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/schedule.h"

#include <string.h>

typedef struct {
    Schedule *schedule;
    const Ledger *ledger;
    Instant now;
    CatchUp catch_up;
    guint limit;
} Planner;

static void entry_free(gpointer data)
{
    ScheduleEntry *entry = data;
    g_free(entry->counter);
    tick_free(entry->tick);
    g_free(entry);
}

static bool is_full(const Planner *planner)
{
    return planner->schedule->entries->len >= planner->limit;
}

static void wake_at(const Planner *planner, Instant instant)
{
    planner->schedule->wake_at = MIN(planner->schedule->wake_at, instant);
}

/* False when there is no place left: then the rest is for the next call, at once. Takes over `tick`. */
static bool add(const Planner *planner, const char *counter, Tick *tick)
{
    if (is_full(planner)) {
        tick_free(tick);
        wake_at(planner, planner->now);
        return false;
    }
    ScheduleEntry *entry = g_new(ScheduleEntry, 1);
    *entry = (ScheduleEntry){.counter = g_strdup(counter), .tick = tick};
    g_ptr_array_add(planner->schedule->entries, entry);
    return true;
}

static bool add_date(const Planner *planner, const CounterRule *rule, CivilDate date,
                     const LedgerEntry *known)
{
    Tick *tick = counter_tick(rule, date, planner->now);
    if (!tick)
        return true; /* no such date in this zone, or not one on which it shows: nothing to say */
    tick->revision = ledger_new_revision(known, date);
    return add(planner, rule->id, tick);
}

/* Whether its last date had its tick and was over when it was removed: then the clock was set back since. */
static bool is_over(const CounterRule *rule, const LedgerEntry *known)
{
    return known->removed && zone_next_date(rule->zone, known->date) > rule->ends &&
           counter_date_at(rule, known->removed_at) > rule->ends;
}

/* The tick of a counter that is new, or that comes back after its removal. */
static void plan_new(const Planner *planner, const CounterRule *rule, CivilDate today,
                     const LedgerEntry *known)
{
    if (!known || !is_over(rule, known))
        (void)add_date(planner, rule, today, known);
}

/* From the date after `last` to `today`, or today's alone. False when there is no place for all of them. */
static bool plan_next(const Planner *planner, const CounterRule *rule, CivilDate today,
                      const LedgerEntry *last)
{
    if (planner->catch_up == CATCH_UP_LATEST)
        return add_date(planner, rule, today, last);
    CivilDate latest = MIN(today, rule->ends);
    CivilDate date = zone_next_date(rule->zone, MAX(last->date, rule->starts - 1));
    for (; date <= latest; date = zone_next_date(rule->zone, date))
        if (!add_date(planner, rule, date, last))
            return false;
    return true;
}

static void plan_correction(const Planner *planner, const CounterRule *rule, const LedgerEntry *last)
{
    g_autoptr(Tick) tick = counter_tick(rule, last->date, planner->now);
    if (!tick || counter_tick_same_content(tick, last->tick))
        return;
    tick->revision = last->tick->revision + 1;
    (void)add(planner, rule->id, g_steal_pointer(&tick));
}

/* A counter with a tick. False when the rule says that it shows no more, or not yet: then its removal is planned. */
static bool plan_shown(const Planner *planner, const CounterRule *rule, CivilDate today,
                       const LedgerEntry *last)
{
    bool in_time = last->date >= today || plan_next(planner, rule, today, last);
    if (!counter_shows(rule, MAX(today, last->date))) {
        if (in_time)
            (void)add(planner, rule->id, NULL);
        return false;
    }
    if (last->date >= today)
        plan_correction(planner, rule, last);
    if (last->date - today > 1)
        planner->schedule->ahead = rule->id;
    return true;
}

static void wake_at_date(const Planner *planner, const CounterRule *rule, CivilDate date)
{
    wake_at(planner, zone_first_instant(rule->zone, date));
}

static void plan_rule(const Planner *planner, const CounterRule *rule)
{
    const LedgerEntry *last = ledger_find(planner->ledger, rule->id);
    CivilDate today = counter_date_at(rule, planner->now);
    CivilDate reached = today;
    if (last && !last->removed && plan_shown(planner, rule, today, last))
        reached = MAX(today, last->date);
    else if (counter_shows(rule, today))
        plan_new(planner, rule, today, last);
    CivilDate next = zone_next_date(rule->zone, reached);
    if (reached < rule->starts)
        wake_at_date(planner, rule, rule->starts);
    else if (reached <= rule->ends && next > reached) /* else the calendar ends */
        wake_at_date(planner, rule, next);
}

static void plan_rules(const Planner *planner, const GPtrArray *rules)
{
    guint planned = 0;
    for (; planned < rules->len && !is_full(planner); planned++)
        plan_rule(planner, rules->pdata[planned]);
    if (planned < rules->len)
        wake_at(planner, planner->now);
}

static void plan_removals(const Planner *planner, const GPtrArray *rules)
{
    g_autoptr(GPtrArray) counters = ledger_counters(planner->ledger);
    g_autoptr(GHashTable) kept = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rules->len; i++)
        g_hash_table_add(kept, ((const CounterRule *)rules->pdata[i])->id);
    for (guint i = 0; i < counters->len; i++)
        if (!g_hash_table_contains(kept, counters->pdata[i]) && !add(planner, counters->pdata[i], NULL))
            return;
}

Schedule *schedule_new(const GPtrArray *rules, const Ledger *ledger, Instant now, CatchUp catch_up,
                       guint limit)
{
    Schedule *schedule = g_new0(Schedule, 1);
    schedule->entries = g_ptr_array_new_with_free_func(entry_free);
    schedule->wake_at = INT64_MAX;
    Planner planner = {schedule, ledger, now, catch_up, limit};
    plan_rules(&planner, rules);
    plan_removals(&planner, rules);
    return schedule;
}

void schedule_free(Schedule *schedule)
{
    if (!schedule)
        return;
    g_ptr_array_unref(schedule->entries);
    g_free(schedule);
}
