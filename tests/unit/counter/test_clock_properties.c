/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of any rule whatever the clock does: a bus that is a set of dates, and a clock that goes on by microseconds
 * or weeks, stands, and is set back. */
#include "unit.h"

#include "counter/any_rule.h"
#include "counter/rules_fixture.h"
#include "counter/schedule.h"

#define ROUNDS 150
#define STEPS  40
#define MANY   1000
#define HOUR   (3600 * INSTANT_SECOND)
#define DAY    (24 * HOUR)

typedef struct {
    AnyRule subject;
    const CounterRule *rule;
    GPtrArray *rules;
    Ledger *ledger;
    CatchUp catch_up;
    bool goes_back;     /* the clock, now and then */
    bool is_taken_away; /* the rule, now and then, for a moment */
    GHashTable *seen;   /* of CivilDate as pointers: dates of all ticks */
    GHashTable *events; /* "date/revision" of all ticks */
    CivilDate first;    /* date with a tick; CIVIL_DATE_MAX: none */
    CivilDate last;     /* of the latest tick, of a counter that is there */
    CivilDate furthest; /* date since the first tick */
    bool is_there;
    Instant removed_at;
    Instant wake_at;
} Run;

static void run_init(Run *run, CatchUp catch_up, bool goes_back, bool is_taken_away)
{
    *run = (Run){
        .subject = any_rule(any_date()),
        .rules = g_ptr_array_new(),
        .ledger = ledger_new(),
        .catch_up = catch_up,
        .goes_back = goes_back,
        .is_taken_away = is_taken_away,
        .seen = g_hash_table_new(NULL, NULL),
        .events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .first = CIVIL_DATE_MAX,
        .furthest = CIVIL_DATE_MIN,
    };
    run->rule = run->subject.rule;
    g_ptr_array_add(run->rules, run->subject.rule);
}

static void run_clear(Run *run)
{
    any_rule_clear(&run->subject);
    g_ptr_array_unref(run->rules);
    ledger_free(run->ledger);
    g_hash_table_unref(run->seen);
    g_hash_table_unref(run->events);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

#define expect(run, what, condition)                                                                         \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s\n%s, catch-up %s", what, (run)->subject.text,                                       \
                     (run)->catch_up == CATCH_UP_ALL ? "all" : "latest");                                    \
    } while (0)

static bool shows(const Run *run, CivilDate date)
{
    return date >= run->rule->starts && date <= run->rule->ends;
}

static void note_tick(Run *run, const Tick *tick)
{
    CivilDate date = date_of(tick->date);
    bool is_new = g_hash_table_add(run->seen, GINT_TO_POINTER(date));
    bool is_event = g_hash_table_add(run->events, g_strdup_printf("%s/%u", tick->date, tick->revision));
    expect(run, "a tick of a date on which it does not show", shows(run, date));
    expect(run, "a date twice with one revision", is_event);
    expect(run, "back in date", !run->is_there || date > run->last);
    /* With `latest` the clock can be set back behind an end that it should not have reached: then it comes back. */
    if (!run->is_taken_away && (run->catch_up == CATCH_UP_ALL || !run->goes_back))
        expect(run, "a date twice", is_new && tick->revision == 1);
    run->is_there = true;
    run->last = date;
    run->first = MIN(run->first, date);
    assert_true(ledger_add(run->ledger, tick, NULL));
}

static void note_removal(Run *run, Instant now)
{
    expect(run, "removed without being there", run->is_there);
    run->is_there = false;
    run->removed_at = now;
    ledger_remove(run->ledger, run->rule->id, now);
}

/* Writes and notes as the service does, `limit` at a time. */
static void ask(Run *run, const GPtrArray *rules, Instant now, guint limit)
{
    do {
        g_autoptr(Schedule) schedule = schedule_new(rules, run->ledger, now, run->catch_up, limit);
        for (guint i = 0; i < schedule->entries->len; i++) {
            const ScheduleEntry *entry = schedule->entries->pdata[i];
            if (entry->tick)
                note_tick(run, entry->tick);
            else
                note_removal(run, now);
        }
        run->wake_at = schedule->wake_at;
    } while (run->wake_at <= now);
}

static void expect_quiet(const Run *run, Instant now)
{
    g_autoptr(Schedule) schedule = schedule_new(run->rules, run->ledger, now, run->catch_up, MANY);
    expect(run, "something is due before it wakes", schedule->entries->len == 0);
    expect(run, "it wakes at another time", schedule->wake_at == run->wake_at);
}

/* Whether its last date had a tick and was over when it was removed, and the clock was set back to it. */
static bool is_over(const Run *run, CivilDate today)
{
    return run->goes_back && run->first != CIVIL_DATE_MAX && run->last >= today &&
           counter_date_at(run->rule, run->removed_at) > run->rule->ends &&
           zone_next_date(run->rule->zone, run->last) > run->rule->ends;
}

/* What must hold after each answer. */
static void check_state(Run *run, Instant now)
{
    CivilDate today = counter_date_at(run->rule, now);
    if (run->first != CIVIL_DATE_MAX)
        run->furthest = MAX(run->furthest, today);
    if (run->is_there)
        expect(run, "not there today", run->last >= today && shows(run, run->last));
    else
        expect(run, "not there, and it shows", !shows(run, today) || is_over(run, today));
    expect_quiet(run, now);
    if (run->wake_at == INT64_MAX) {
        expect(run, "it never wakes again", !run->is_there && today > run->rule->ends);
        return;
    }
    expect_quiet(run, run->wake_at - 1);
    expect_quiet(run, now + (run->wake_at - now) / 1000 * any_number(0, 999));
}

static Instant step_forward(const Run *run, Instant now)
{
    switch (any_number(0, 4)) {
    case 0:
        return now + any_number(0, 3);
    case 1:
        return now + any_number(0, 100) * HOUR;
    case 2:
        return now + any_number(0, 20) * DAY + any_number(0, 999999);
    default:
        return run->wake_at == INT64_MAX
                   ? now + DAY
                   : run->wake_at + any_number(0, 1) * any_number(0, 90) * INSTANT_SECOND;
    }
}

static Instant step_back(Instant now)
{
    static const Instant units[] = {1, INSTANT_SECOND, HOUR, DAY, 30 * DAY};
    return now - units[any_number(0, 4)] * any_number(1, 3);
}

/* With `all` no date between the first tick and now is missing. */
static void check_none_lost(const Run *run)
{
    CivilDate last = MIN(run->furthest, run->rule->ends);
    for (CivilDate date = run->first; date <= last; date = zone_next_date(run->rule->zone, date))
        expect(run, "a date is lost", g_hash_table_contains(run->seen, GINT_TO_POINTER(date)));
}

/* It is removed while the configuration is without it, and comes back with it. */
static void take_away(Run *run, Instant now)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    ask(run, none, now, MANY);
    expect(run, "there without a rule", !run->is_there);
}

static void check_run(CatchUp catch_up, bool goes_back, bool is_taken_away)
{
    g_auto(Run) run;
    run_init(&run, catch_up, goes_back, is_taken_away);
    CivilDate middle = run.rule->has_since ? run.rule->since : run.rule->until;
    Instant now = zone_first_instant(run.rule->zone, middle + any_number(-60, 30));
    for (int i = 0; i < STEPS; i++) {
        if (is_taken_away && any_number(0, 3) == 0)
            take_away(&run, now);
        ask(&run, run.rules, now, (guint)any_number(1, 30));
        check_state(&run, now);
        now = goes_back && any_number(0, 3) == 0 ? step_back(now) : step_forward(&run, now);
    }
    if (catch_up == CATCH_UP_ALL && !is_taken_away)
        check_none_lost(&run);
}

static void test_any_clock(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (unsigned kind = 0; kind < 8; kind++)
            check_run(kind & 1 ? CATCH_UP_ALL : CATCH_UP_LATEST, kind & 2, kind & 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_clock)};
    return cmocka_run_group_tests(tests, any_rule_setup, any_rule_teardown);
}
