/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule against a bus that is a list: what is written is noted in the ledger, and written down here.
 */
#include "unit.h"

#include "counter/rules_fixture.h"
#include "counter/schedule.h"
#include "counter/zone_fixture.h"

#define MANY 1000

#define LONDON "[counter london]\nsince = 2018-03-04\ntime-zone = Europe/London\nlabel.en = {days}\n"
#define APIA   "[counter apia]\nsince = 2011-12-01\ntime-zone = Pacific/Apia\nlabel.en = {days}\n"

/* Plans, writes and notes as the service does; the plan's text is "id date/revision[ late]" or "id removed",
 * one after the other. */
static char *run(const GPtrArray *rules, Ledger *ledger, Instant now, CatchUp catch_up, guint limit,
                 Instant *ret_wake_at)
{
    g_autoptr(Schedule) schedule = schedule_new(rules, ledger, now, catch_up, limit);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < schedule->entries->len; i++) {
        const ScheduleEntry *entry = schedule->entries->pdata[i];
        g_string_append_printf(text, "%s%s ", i ? "; " : "", entry->counter);
        if (entry->tick) {
            g_string_append_printf(text, "%s/%u%s", entry->tick->date, entry->tick->revision,
                                   entry->tick->late ? " late" : "");
            assert_string_equal(entry->counter, entry->tick->counter);
            assert_int_equal(instant_from_timestamp(entry->tick->emitted_at), now);
            assert_true(ledger_add(ledger, entry->tick, NULL));
        } else {
            g_string_append(text, "removed");
            ledger_remove(ledger, entry->counter, now);
        }
    }
    if (ret_wake_at)
        *ret_wake_at = schedule->wake_at;
    return g_string_free(text, FALSE);
}

static void expect(const GPtrArray *rules, Ledger *ledger, const char *now, CatchUp catch_up,
                   const char *expected)
{
    g_autofree char *text = run(rules, ledger, instant_of(now), catch_up, MANY, NULL);
    if (!g_str_equal(text, expected))
        fail_msg("at %s: \"%s\", not \"%s\"", now, text, expected);
    g_autofree char *again = run(rules, ledger, instant_of(now), catch_up, MANY, NULL);
    assert_string_equal(again, ""); /* never twice */
}

static void test_one_a_date(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2021-07-23T12:00:00Z", CATCH_UP_LATEST, "london 2021-07-23/1 late");
    expect(rules, ledger, "2021-07-23T22:59:59.999999Z", CATCH_UP_LATEST, "");
    expect(rules, ledger, "2021-07-23T23:00:00Z", CATCH_UP_LATEST, "london 2021-07-24/1");
    expect(rules, ledger, "2021-07-24T22:59:59Z", CATCH_UP_LATEST, "");
    expect(rules, ledger, "2021-07-24T23:01:00Z", CATCH_UP_LATEST, "london 2021-07-25/1");
}

static void test_catch_up(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON APIA);
    g_autoptr(Ledger) latest = ledger_new();
    g_autoptr(Ledger) all = ledger_new();
    const char *first = "london 2011-12-28/1 late; apia 2011-12-28/1 late";
    expect(rules, latest, "2011-12-28T12:00:00+13:00", CATCH_UP_LATEST,
           "london 2011-12-27/1 late; apia 2011-12-27/1 late");
    expect(rules, all, "2011-12-28T11:00:00Z", CATCH_UP_ALL, first);
    expect(rules, latest, "2012-01-01T00:00:30Z", CATCH_UP_LATEST,
           "london 2012-01-01/1; apia 2012-01-01/1 late");
    expect(
        rules, all, "2012-01-01T00:00:30Z", CATCH_UP_ALL,
        "london 2011-12-29/1 late; london 2011-12-30/1 late; london 2011-12-31/1 late; london 2012-01-01/1; "
        "apia 2011-12-29/1 late; apia 2011-12-31/1 late; apia 2012-01-01/1 late");
}

static void test_a_new_counter_has_no_past(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2021-07-24T12:00:00Z", CATCH_UP_ALL, "london 2021-07-24/1 late");
}

static void test_clock_set_back(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(Ledger) ledger = ledger_new();
    Instant wake_at = 0;
    expect(rules, ledger, "2021-07-24T12:00:00Z", CATCH_UP_ALL, "london 2021-07-24/1 late");
    expect(rules, ledger, "2021-07-23T12:00:00Z", CATCH_UP_ALL, "");
    expect(rules, ledger, "2020-01-01T12:00:00Z", CATCH_UP_ALL, "");
    g_autofree char *nothing =
        run(rules, ledger, instant_of("2020-01-01T12:00:00Z"), CATCH_UP_ALL, MANY, &wake_at);
    assert_int_equal(wake_at, instant_of("2021-07-24T23:00:00Z")); /* not before its next date */
    expect(rules, ledger, "2021-07-24T13:00:00Z", CATCH_UP_ALL, "");
    expect(rules, ledger, "2021-07-24T23:00:00Z", CATCH_UP_ALL, "london 2021-07-25/1");
}

/* The operator is told of a counter that is silent because its last tick is of a far date. */
static void test_ahead(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2099-01-01T12:00:00Z", CATCH_UP_LATEST, "london 2099-01-01/1 late");
    g_autoptr(Schedule) eve =
        schedule_new(rules, ledger, instant_of("2098-12-31T12:00:00Z"), CATCH_UP_LATEST, MANY);
    assert_null(eve->ahead);
    g_autoptr(Schedule) before =
        schedule_new(rules, ledger, instant_of("2098-12-30T12:00:00Z"), CATCH_UP_LATEST, MANY);
    assert_string_equal(before->ahead, "london");
}

static void test_corrections(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(GPtrArray) relabelled = rules_from(LONDON "label.de = {days}\n");
    g_autoptr(GPtrArray) moved = rules_from("[counter london]\nsince = 2018-03-04\ntime-zone = Asia/Tokyo\n"
                                            "label.en = {days}\n");
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2021-07-24T12:00:00Z", CATCH_UP_LATEST, "london 2021-07-24/1 late");
    expect(relabelled, ledger, "2021-07-24T12:01:00Z", CATCH_UP_LATEST, "london 2021-07-24/2 late");
    expect(rules, ledger, "2021-07-24T12:02:00Z", CATCH_UP_LATEST, "london 2021-07-24/3 late");
    /* of a later date only the new text is written */
    expect(relabelled, ledger, "2021-07-25T12:00:00Z", CATCH_UP_LATEST, "london 2021-07-25/1 late");
    /* east, where it is the next date already, and back: never an earlier date */
    expect(moved, ledger, "2021-07-25T16:00:00Z", CATCH_UP_LATEST, "london 2021-07-26/1 late");
    expect(rules, ledger, "2021-07-25T16:00:00Z", CATCH_UP_LATEST, "london 2021-07-26/2");
    expect(rules, ledger, "2021-07-25T23:00:00Z", CATCH_UP_LATEST, "");
    expect(rules, ledger, "2021-07-26T23:00:00Z", CATCH_UP_LATEST, "london 2021-07-27/1");
}

/* The file of a zone was replaced: the date ends at another instant, and readers are told. */
static void test_a_changed_zone(void **state)
{
    (void)state;
    const char *lines = "[counter quay]\nsince = 2018-03-04\ntime-zone = Quay\nlabel.en = {days}\n";
    Instant now = g_get_real_time(), first_wake = 0, then_wake = 0;
    g_autoptr(Ledger) ledger = ledger_new();
    zone_fixture_setup();
    zone_fixture_add("Quay", 43200);
    g_autoptr(GPtrArray) rules = rules_from(lines);
    g_autofree char *first = run(rules, ledger, now, CATCH_UP_LATEST, MANY, &first_wake);
    g_autoptr(GPtrArray) equal = rules_from(lines);
    zone_fixture_add("Quay", 43200 + 1800);
    g_autoptr(GPtrArray) changed = rules_from(lines);
    zone_fixture_teardown();

    assert_true(g_str_has_suffix(first, "/1 late"));
    g_autofree char *nothing = run(equal, ledger, now, CATCH_UP_LATEST, MANY, NULL);
    g_autofree char *corrected = run(changed, ledger, now, CATCH_UP_LATEST, MANY, &then_wake);
    g_autofree char *again = run(changed, ledger, now, CATCH_UP_LATEST, MANY, NULL);
    assert_string_equal(nothing, "");
    assert_true(g_str_has_suffix(corrected, "/2 late"));
    assert_memory_equal(corrected, first, strlen("quay 2021-07-24"));
    assert_string_equal(again, "");
    assert_in_range(first_wake - then_wake, 1799 * INSTANT_SECOND, 1801 * INSTANT_SECOND);
}

static void test_removal(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) both = rules_from(LONDON APIA);
    g_autoptr(GPtrArray) one = rules_from(APIA);
    g_autoptr(Ledger) ledger = ledger_new();
    Instant wake_at = 0;
    expect(both, ledger, "2021-07-24T12:00:00Z", CATCH_UP_ALL,
           "london 2021-07-24/1 late; apia 2021-07-25/1 late");
    expect(one, ledger, "2021-07-24T12:01:00Z", CATCH_UP_ALL, "london removed");
    /* back on the same date: a revision that no reader has met; and on a later one, without the dates between
     */
    expect(both, ledger, "2021-07-24T12:02:00Z", CATCH_UP_ALL, "london 2021-07-24/2 late");
    expect(one, ledger, "2021-07-24T12:03:00Z", CATCH_UP_ALL, "london removed");
    expect(both, ledger, "2021-07-26T11:00:00Z", CATCH_UP_ALL,
           "london 2021-07-26/1 late; apia 2021-07-26/1 late; apia 2021-07-27/1");
    g_autoptr(GPtrArray) none = rules_from("[gateway]\n");
    g_autofree char *text =
        run(none, ledger, instant_of("2021-07-26T12:00:00Z"), CATCH_UP_ALL, MANY, &wake_at);
    assert_string_equal(text, "apia removed; london removed");
    assert_int_equal(wake_at, instant_of("2021-07-26T12:00:00Z") > 0 ? INT64_MAX : 0);
}

#define SEASON                                                                                               \
    "[counter ferry]\nsince = 2026-01-01\ntime-zone = Europe/London\nstarts = 2026-04-10\nends = "           \
    "2026-04-12\n"                                                                                           \
    "label.en = {days}\n"

static void expect_wake(const GPtrArray *rules, const Ledger *ledger, const char *now, const char *expected)
{
    g_autoptr(Schedule) schedule = schedule_new(rules, ledger, instant_of(now), CATCH_UP_ALL, MANY);
    assert_int_equal(schedule->wake_at, expected ? instant_of(expected) : INT64_MAX);
}

static void test_a_season(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(SEASON);
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2026-02-01T12:00:00Z", CATCH_UP_ALL, "");
    expect_wake(rules, ledger, "2026-02-01T12:00:00Z", "2026-04-09T23:00:00Z");
    expect(rules, ledger, "2026-04-09T22:59:59.999999Z", CATCH_UP_ALL, "");
    expect(rules, ledger, "2026-04-09T23:00:00Z", CATCH_UP_ALL, "ferry 2026-04-10/1");
    expect(rules, ledger, "2026-04-10T23:00:00Z", CATCH_UP_ALL, "ferry 2026-04-11/1");
    expect(rules, ledger, "2026-04-11T23:00:00Z", CATCH_UP_ALL, "ferry 2026-04-12/1");
    expect(rules, ledger, "2026-04-12T22:59:59.999999Z", CATCH_UP_ALL, "");
    expect_wake(rules, ledger, "2026-04-12T22:59:59Z", "2026-04-12T23:00:00Z");
    expect(rules, ledger, "2026-04-12T23:00:00Z", CATCH_UP_ALL, "ferry removed");
    expect_wake(rules, ledger, "2026-04-12T23:00:00Z", NULL);
    expect(rules, ledger, "2027-04-11T12:00:00Z", CATCH_UP_ALL, "");
    /* the clock set back to the last date, and over the first one */
    expect(rules, ledger, "2026-04-12T12:00:00Z", CATCH_UP_ALL, "");
    expect(rules, ledger, "2026-04-01T12:00:00Z", CATCH_UP_ALL, "");
}

static void test_a_season_missed(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(SEASON);
    g_autoptr(Ledger) all = ledger_new();
    g_autoptr(Ledger) latest = ledger_new();
    g_autoptr(Ledger) few = ledger_new();
    Instant wake_at = 0;
    expect(rules, all, "2026-04-10T12:00:00Z", CATCH_UP_ALL, "ferry 2026-04-10/1 late");
    expect(rules, latest, "2026-04-10T12:00:00Z", CATCH_UP_LATEST, "ferry 2026-04-10/1 late");
    expect(rules, few, "2026-04-10T12:00:00Z", CATCH_UP_ALL, "ferry 2026-04-10/1 late");
    expect(rules, all, "2026-05-01T12:00:00Z", CATCH_UP_ALL,
           "ferry 2026-04-11/1 late; ferry 2026-04-12/1 late; ferry removed");
    expect(rules, latest, "2026-05-01T12:00:00Z", CATCH_UP_LATEST, "ferry removed");
    /* the removal comes last, also when there is no place for it */
    static const char *const one_by_one[] = {"ferry 2026-04-11/1 late", "ferry 2026-04-12/1 late",
                                             "ferry removed", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(one_by_one); i++) {
        Instant now = instant_of("2026-05-01T12:00:00Z");
        g_autofree char *text = run(rules, few, now, CATCH_UP_ALL, 1, &wake_at);
        assert_string_equal(text, one_by_one[i]);
        assert_int_equal(wake_at <= now, i < 2);
    }
}

/* A step back over the first date takes nothing away, and one forth and back over the last gives nothing twice. */
static void test_a_season_and_the_clock(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(SEASON);
    g_autoptr(Ledger) ledger = ledger_new();
    expect(rules, ledger, "2026-04-10T12:00:00Z", CATCH_UP_LATEST, "ferry 2026-04-10/1 late");
    expect(rules, ledger, "2026-04-09T12:00:00Z", CATCH_UP_LATEST, "");
    expect_wake(rules, ledger, "2026-04-09T12:00:00Z", "2026-04-10T23:00:00Z");
    expect(rules, ledger, "2026-06-01T12:00:00Z", CATCH_UP_LATEST, "ferry removed");
    /* that was wrong: it goes on, with the dates that it had not */
    expect(rules, ledger, "2026-04-11T12:00:00Z", CATCH_UP_LATEST, "ferry 2026-04-11/1 late");
}

static void test_a_changed_season(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) season = rules_from(SEASON);
    g_autoptr(GPtrArray) later =
        rules_from("[counter ferry]\nsince = 2026-01-01\nstarts = 2026-05-01\nlabel.en = {days}\n");
    g_autoptr(GPtrArray) shorter =
        rules_from("[counter ferry]\nsince = 2026-01-01\ntime-zone = Europe/London\n"
                   "ends = 2026-04-10\nlabel.en = {days}\n");
    g_autoptr(Ledger) ledger = ledger_new();
    expect(season, ledger, "2026-04-10T12:00:00Z", CATCH_UP_ALL, "ferry 2026-04-10/1 late");
    expect(later, ledger, "2026-04-10T12:01:00Z", CATCH_UP_ALL, "ferry removed");
    expect_wake(later, ledger, "2026-04-10T12:01:00Z", "2026-05-01T00:00:00Z");
    expect(season, ledger, "2026-04-11T12:02:00Z", CATCH_UP_ALL, "ferry 2026-04-11/1 late");
    expect(shorter, ledger, "2026-04-11T12:03:00Z", CATCH_UP_ALL, "ferry removed");
    /* made longer again: it comes back, on the same date with another revision */
    expect(season, ledger, "2026-04-11T12:04:00Z", CATCH_UP_ALL, "ferry 2026-04-11/2 late");
    /* a tick of a date beyond the new end, and the clock before it: both at once, and then rest */
    expect(shorter, ledger, "2026-04-10T12:00:00Z", CATCH_UP_ALL, "ferry removed; ferry 2026-04-10/3 late");
}

static void test_after_zero(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) ends =
        rules_from("[counter gate]\nuntil = 2026-04-10\nafter-zero = end\nlabel.en = {days}\n");
    g_autoptr(GPtrArray) holds =
        rules_from("[counter gate]\nuntil = 2026-04-10\nafter-zero = hold\nlabel.en = {days}\n");
    g_autoptr(Ledger) ended = ledger_new();
    g_autoptr(Ledger) held = ledger_new();
    expect(ends, ended, "2026-04-10T00:00:00Z", CATCH_UP_ALL, "gate 2026-04-10/1");
    expect(ends, ended, "2026-04-11T00:00:00Z", CATCH_UP_ALL, "gate removed");
    expect(holds, held, "2026-04-10T00:00:00Z", CATCH_UP_ALL, "gate 2026-04-10/1");
    expect(holds, held, "2026-04-11T00:00:00Z", CATCH_UP_ALL, "gate 2026-04-11/1");
    assert_int_equal(ledger_find(held, "gate")->tick->days, 0);
}

/* The configuration loses a counter for a moment, on its last date and on others. */
static void test_back_at_once(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) ends =
        rules_from("[counter gate]\nuntil = 2026-04-10\nafter-zero = end\nlabel.en = {days}\n");
    g_autoptr(GPtrArray) none = rules_from("[gateway]\n");
    g_autoptr(Ledger) ledger = ledger_new();
    expect(ends, ledger, "2026-04-10T08:00:00Z", CATCH_UP_ALL, "gate 2026-04-10/1 late");
    expect(none, ledger, "2026-04-10T09:00:00Z", CATCH_UP_ALL, "gate removed");
    expect(ends, ledger, "2026-04-10T09:01:00Z", CATCH_UP_ALL, "gate 2026-04-10/2 late");
    expect(ends, ledger, "2026-04-11T00:00:00Z", CATCH_UP_ALL, "gate removed");
    expect(none, ledger, "2026-04-11T09:00:00Z", CATCH_UP_ALL, "");
    expect(ends, ledger, "2026-04-10T12:00:00Z", CATCH_UP_ALL, ""); /* over; the clock was set back */
}

/* A zone further west, and a clock that was a day ahead: dates come again, each with a revision of its own. */
static void test_dates_that_come_again(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) east = rules_from(
        "[counter ferry]\nsince = 2026-01-01\ntime-zone = Pacific/Kiritimati\nlabel.en = {days}\n");
    g_autoptr(GPtrArray) west = rules_from("[counter ferry]\nsince = 2026-01-01\nlabel.en = {days}\n");
    g_autoptr(GPtrArray) none = rules_from("[gateway]\n");
    g_autoptr(Ledger) ledger = ledger_new();
    expect(east, ledger, "2026-04-09T12:00:00Z", CATCH_UP_ALL, "ferry 2026-04-10/1 late");
    expect(east, ledger, "2026-04-10T10:00:00Z", CATCH_UP_ALL, "ferry 2026-04-11/1");
    expect(none, ledger, "2026-04-10T12:00:00Z", CATCH_UP_ALL, "ferry removed");
    expect(west, ledger, "2026-04-10T12:01:00Z", CATCH_UP_ALL, "ferry 2026-04-10/2 late");
    expect(west, ledger, "2026-04-11T00:00:00Z", CATCH_UP_ALL, "ferry 2026-04-11/3");
    expect(west, ledger, "2026-04-12T00:00:00Z", CATCH_UP_ALL, "ferry 2026-04-12/1");
}

/* Apia skipped 30 December 2011: a season of it alone never comes, one that begins or ends with it does. */
static void test_a_season_of_a_skipped_date(void **state)
{
    (void)state;
    static const struct {
        const char *season, *before, *after;
    } cases[] = {
        {"starts = 2011-12-30\nends = 2011-12-30\n", "", ""},
        {"starts = 2011-12-29\nends = 2011-12-30\n", "apia 2011-12-29/1", "apia removed"},
        {"starts = 2011-12-30\nends = 2011-12-31\n", "", "apia 2011-12-31/1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *content = g_strconcat(APIA, cases[i].season, NULL);
        g_autoptr(GPtrArray) rules = rules_from(content);
        g_autoptr(Ledger) ledger = ledger_new();
        expect(rules, ledger, "2011-12-29T10:00:00Z", CATCH_UP_ALL, cases[i].before);
        expect_wake(rules, ledger, "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
        expect(rules, ledger, "2011-12-30T10:00:00Z", CATCH_UP_ALL, cases[i].after);
    }
}

/* Where clocks go back over midnight: one tick, and no busy waiting in the hour that comes twice. */
static void test_midnight_twice(void **state)
{
    (void)state;
    const char *lines =
        "[counter quay]\nsince = 2000-01-01\ntime-zone = America/St_Johns\nlabel.en = {days}\n";
    g_autoptr(GPtrArray) rules = rules_from(lines);
    g_autoptr(Ledger) ledger = ledger_new();
    g_autoptr(Ledger) fresh = ledger_new();
    expect(rules, ledger, "2010-11-07T02:00:00Z", CATCH_UP_ALL, "quay 2010-11-06/1 late");
    expect(rules, ledger, "2010-11-07T02:30:00Z", CATCH_UP_ALL, "quay 2010-11-07/1");
    for (int minute = 31; minute < 59; minute++) {
        g_autofree char *now = g_strdup_printf("2010-11-07T02:%d:00Z", minute);
        expect(rules, ledger, now, CATCH_UP_ALL, "");
    }
    Instant wake_at = 0, now = instant_of("2010-11-07T02:45:00Z");
    g_autofree char *text = run(rules, fresh, now, CATCH_UP_ALL, MANY, &wake_at);
    assert_string_equal(text, "quay 2010-11-07/1 late");
    assert_int_equal(wake_at, instant_of("2010-11-08T03:30:00Z"));
}

static void test_wake_at(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON APIA);
    g_autoptr(Ledger) ledger = ledger_new();
    Instant wake_at = 0;
    g_autofree char *text =
        run(rules, ledger, instant_of("2021-07-24T12:00:00Z"), CATCH_UP_ALL, MANY, &wake_at);
    assert_int_equal(wake_at, instant_of("2021-07-24T23:00:00Z")); /* London's; Apia's is at 11:00 */
    /* beyond the limit: at once */
    g_autoptr(Ledger) other = ledger_new();
    g_autofree char *first = run(rules, other, instant_of("2021-07-24T12:00:00Z"), CATCH_UP_ALL, 1, &wake_at);
    assert_string_equal(first, "london 2021-07-24/1 late");
    assert_true(wake_at <= instant_of("2021-07-24T12:00:00Z"));
    g_autofree char *second =
        run(rules, other, instant_of("2021-07-24T12:00:00Z"), CATCH_UP_ALL, 1, &wake_at);
    assert_string_equal(second, "apia 2021-07-25/1 late");
    assert_int_equal(wake_at, instant_of("2021-07-24T23:00:00Z"));
}

/* --- properties, fixed seeds --- */

static void append_each(GHashTable *seen, const char *text)
{
    g_auto(GStrv) entries = g_strsplit(text, "; ", -1);
    for (char **entry = entries; *entry; entry++) {
        if (**entry == '\0')
            continue;
        char *late = strstr(*entry, " late");
        if (late)
            *late = '\0';
        if (!g_hash_table_add(seen, g_strdup(*entry)))
            fail_msg("twice: %s", *entry);
    }
}

/* Any downtimes, limits and steps of the clock: with `all`, the same ticks as without any. */
static void test_any_split_gives_the_same(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON APIA "[counter quay]\nuntil = 2012-06-01\n"
                                                        "time-zone = America/St_Johns\nlabel.en = {days}\n");
    Instant start = instant_of("2010-10-20T05:00:00Z"), end = instant_of("2012-02-01T15:00:00Z");
    g_autoptr(GHashTable) expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(Ledger) whole = ledger_new();
    Instant wake_at = start;
    while (wake_at <= end) { /* always on time */
        Instant now = wake_at;
        g_autofree char *text = run(rules, whole, now, CATCH_UP_ALL, MANY, &wake_at);
        assert_true(wake_at > now);
        append_each(expected, text);
    }
    /* Apia's first date is a day earlier, its last a day later, and it skipped one. */
    assert_int_equal(g_hash_table_size(expected), 470 + 470 + 471);

    g_autoptr(GRand) random = g_rand_new_with_seed(20111230);
    for (int round = 0; round < 30; round++) {
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_autoptr(Ledger) ledger = ledger_new();
        Instant now = start;
        for (bool last = false; !last;) {
            last = now >= end;
            guint limit = (guint)g_rand_int_range(random, 1, 50);
            do {
                g_autofree char *text = run(rules, ledger, MIN(now, end), CATCH_UP_ALL, limit, &wake_at);
                append_each(seen, text);
            } while (wake_at <= MIN(now, end));
            if (g_rand_int_range(random, 0, 5) == 0)
                now -= g_rand_int_range(random, 0, 200000) * INSTANT_SECOND;
            now = MAX(now, start) + g_rand_int_range(random, 1, 20 * 86400) * INSTANT_SECOND;
        }
        assert_int_equal(g_hash_table_size(seen), g_hash_table_size(expected));
        GHashTableIter iterator;
        gpointer key = NULL;
        g_hash_table_iter_init(&iterator, expected);
        while (g_hash_table_iter_next(&iterator, &key, NULL))
            if (!g_hash_table_contains(seen, key))
                fail_msg("lost: %s", (char *)key);
    }
}

/* Whatever the clock does, a counter's dates only grow, and `latest` writes at most one a call. */
static void test_never_back(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules = rules_from(LONDON);
    g_autoptr(GRand) random = g_rand_new_with_seed(4711);
    g_autoptr(Ledger) ledger = ledger_new();
    CivilDate last = CIVIL_DATE_MIN;
    for (int round = 0; round < 5000; round++) {
        Instant now = instant_of("2021-01-01T00:00:00Z") +
                      g_rand_int_range(random, 0, 1000000000) * INSTANT_SECOND / 10;
        g_autoptr(Schedule) schedule = schedule_new(rules, ledger, now, CATCH_UP_LATEST, MANY);
        assert_true(schedule->wake_at > now);
        assert_true(schedule->entries->len <= 1);
        if (schedule->entries->len == 0)
            continue;
        const ScheduleEntry *entry = schedule->entries->pdata[0];
        CivilDate date = date_of(entry->tick->date);
        assert_true(date > last);
        assert_int_equal(entry->tick->revision, 1);
        last = date;
        assert_true(ledger_add(ledger, entry->tick, NULL));
    }
}

/* --- the ledger --- */

static void test_ledger_keeps_the_latest(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("since = 2000-01-01\n");
    g_autoptr(Ledger) ledger = ledger_new();
    static const struct {
        const char *date;
        unsigned revision;
        const char *latest;
        unsigned latest_revision;
    } steps[] = {
        {"2021-07-24", 1, "2021-07-24", 1}, {"2021-07-24", 2, "2021-07-24", 2},
        {"2021-07-24", 1, "2021-07-24", 2}, {"2021-07-23", 9, "2021-07-24", 2},
        {"2021-07-25", 1, "2021-07-25", 1}, {"2021-07-25", 1, "2021-07-25", 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(Tick) tick = counter_tick(rule, date_of(steps[i].date), 0);
        tick->revision = steps[i].revision;
        assert_true(ledger_add(ledger, tick, NULL));
        const LedgerEntry *entry = ledger_find(ledger, "x");
        assert_string_equal(entry->tick->date, steps[i].latest);
        assert_int_equal(entry->tick->revision, steps[i].latest_revision);
        assert_int_equal(entry->date, date_of(steps[i].latest));
    }
    g_autoptr(Tick) early = counter_tick(rule, date_of("2021-07-01"), 0);
    assert_int_equal(ledger_new_revision(NULL, date_of("2021-07-25")), 1);
    assert_int_equal(ledger_new_revision(ledger_find(ledger, "x"), date_of("2021-07-26")), 1);
    assert_int_equal(ledger_new_revision(ledger_find(ledger, "x"), date_of("2021-07-25")), 10);
    ledger_remove(ledger, "x", 0);
    ledger_remove(ledger, "never seen", 0);
    assert_true(ledger_find(ledger, "x")->removed);
    assert_true(ledger_add(ledger, early, NULL)); /* after a removal the past does not count */
    assert_false(ledger_find(ledger, "x")->removed);
    assert_int_equal(ledger_find(ledger, "x")->date, date_of("2021-07-01"));
    assert_int_equal(ledger_new_revision(ledger_find(ledger, "x"), date_of("2021-07-02")), 10);

    g_autoptr(GError) error = NULL;
    message_set_string(&early->date, "2021-02-30");
    assert_false(ledger_add(ledger, early, &error));
    assert_int_equal(ledger_find(ledger, "x")->date, date_of("2021-07-01"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_a_date),
        cmocka_unit_test(test_catch_up),
        cmocka_unit_test(test_a_new_counter_has_no_past),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_ahead),
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(test_a_changed_zone),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_a_season),
        cmocka_unit_test(test_a_season_missed),
        cmocka_unit_test(test_a_season_and_the_clock),
        cmocka_unit_test(test_a_changed_season),
        cmocka_unit_test(test_after_zero),
        cmocka_unit_test(test_back_at_once),
        cmocka_unit_test(test_dates_that_come_again),
        cmocka_unit_test(test_a_season_of_a_skipped_date),
        cmocka_unit_test(test_midnight_twice),
        cmocka_unit_test(test_wake_at),
        cmocka_unit_test(test_any_split_gives_the_same),
        cmocka_unit_test(test_never_back),
        cmocka_unit_test(test_ledger_keeps_the_latest),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
