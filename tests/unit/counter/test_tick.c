/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "common/tick_json.h"
#include "counter/preview.h"
#include "counter/rules_fixture.h"
#include "counter/tick.h"

static Tick *tick_on(const CounterRule *rule, const char *date)
{
    return counter_tick(rule, date_of(date), zone_first_instant(rule->zone, date_of(date)));
}

static char *print(const Tick *tick)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    return json_write(tick_to_json(tick, doc), NULL);
}

/* The very text that consumers see, as another reader understands it. */
static void test_a_whole_tick(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from(
        "since = 2018-03-04\ntime-zone = Europe/London\nmilestones = 1238\n"
        "label.en = {days, plural, one {# day has} other {# days have}} passed since the harbour opened\n"
        "label.ru = {days, plural, one {# день} few {# дня} many {# дней} other {# дня}}\n");
    g_autoptr(Tick) tick = counter_tick(rule, date_of("2021-07-24"), instant_of("2021-07-23T23:00:00.250Z"));
    g_autofree char *written = print(tick);
    json_t *object = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
    g_autofree char *text = json_dumps(object, 0);
    json_decref(object);
    assert_string_equal(
        text, "{\"counter\": \"x\", \"revision\": 1, \"days\": 1238, \"date\": \"2021-07-24\", \"since\": "
              "\"2018-03-04\", "
              "\"until\": null, \"time_zone\": \"Europe/London\", \"label\": {\"en\": \"1,238 days have "
              "passed since the "
              "harbour opened\", \"ru\": \"1\u00a0238 дней\"}, \"elapsed\": {\"years\": 3, \"months\": 4, "
              "\"days\": 20}, "
              "\"anniversary\": null, \"milestone\": true, \"effective_at\": \"2021-07-23T23:00:00Z\", "
              "\"next_at\": "
              "\"2021-07-24T23:00:00Z\", \"emitted_at\": \"2021-07-23T23:00:00.250Z\", \"late\": false}");
}

static void test_days_of_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *date;
        int32_t days;
    } cases[] = {
        {"since = 2018-03-04\ntime-zone = Europe/London\n", "2021-07-24", 1238},
        {"since = 2018-03-12\ntime-zone = Europe/London\n", "2021-07-24", 1230},
        {"since = 2018-03-04\n", "2018-03-04", 0},
        {"since = 2018-03-04\n", "2018-03-01", -3},
        {"until = 2018-03-04\n", "2018-03-01", 3},
        {"until = 2018-03-04\n", "2018-03-04", 0},
        {"until = 2018-03-04\n", "2018-03-05", -1},
        {"since = 0001-01-01\n", "9999-12-30", 3652057},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(CounterRule) rule = rule_from(cases[i].lines);
        g_autoptr(Tick) tick = tick_on(rule, cases[i].date);
        assert_int_equal(tick->days, cases[i].days);
        bool down = g_str_has_prefix(cases[i].lines, "until");
        assert_int_equal(*tick->since == '\0', down);
        assert_int_equal(*tick->until == '\0', !down);
    }
}

static void test_anniversaries_and_milestones(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *date;
        unsigned anniversary;
        bool milestone;
    } cases[] = {
        {"since = 2018-03-04\nmilestones = every year\n", "2021-03-04", 3, true},
        {"since = 2018-03-04\nmilestones = every 2 years\n", "2021-03-04", 3, false},
        {"since = 2018-03-04\n", "2021-03-04", 3, false},
        {"since = 2018-03-04\nmilestones = every year\n", "2018-03-04", 0, false},
        {"since = 2018-03-04\nmilestones = every year\n", "2017-03-04", 0, false},
        {"since = 2018-03-04\nmilestones = every 100 days\n", "2018-06-12", 0, true},
        {"since = 2020-02-29\nmilestones = every year\n", "2021-03-01", 1, true},
        {"since = 2020-02-29\nleap-day = feb28\nmilestones = every year\n", "2021-02-28", 1, true},
        {"since = 2020-02-29\nleap-day = feb28\nmilestones = every year\n", "2021-03-01", 0, false},
        {"until = 2030-01-01\nmilestones = every year\n", "2026-01-01", 0, true},
        {"until = 2030-01-01\nmilestones = every year\n", "2031-01-01", 0, false},
        {"until = 2030-01-01\nmilestones = 0, 100\n", "2029-09-23", 0, true},
        {"until = 2030-01-01\nmilestones = 0, 100\n", "2030-01-01", 0, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(CounterRule) rule = rule_from(cases[i].lines);
        g_autoptr(Tick) tick = tick_on(rule, cases[i].date);
        if (tick->anniversary != cases[i].anniversary || tick->milestone != cases[i].milestone)
            fail_msg("%s on %s: %u, %d", cases[i].lines, cases[i].date, tick->anniversary, tick->milestone);
    }
}

static const struct {
    const char *lines, *date;
    int32_t days, remaining;
    unsigned anniversary;
    bool milestone;
} values[] = {
    /* both dates: days since the one, what remains to the other */
    {"since = 2026-03-02\nuntil = 2026-03-12\n", "2026-03-05", 3, 7, 0, false},
    {"since = 2026-03-02\nuntil = 2026-03-12\n", "2026-03-01", -1, 11, 0, false},
    {"since = 2026-03-02\nuntil = 2026-03-12\n", "2026-03-14", 12, -2, 0, false},
    {"since = 2025-03-02\nuntil = 2026-03-12\nmilestones = every year\n", "2026-03-02", 365, 10, 1, true},
    /* after zero */
    {"until = 2026-03-12\nmilestones = 0\n", "2026-03-13", -1, 0, 0, false},
    {"until = 2026-03-12\nmilestones = 0\nafter-zero = hold\n", "2026-03-11", 1, 0, 0, false},
    {"until = 2026-03-12\nmilestones = 0\nafter-zero = hold\n", "2026-03-12", 0, 0, 0, true},
    {"until = 2026-03-12\nmilestones = 0\nafter-zero = hold\n", "2028-03-12", 0, 0, 0, false},
    /* months */
    {"since = 2026-01-31\nmilestones = every month\n", "2026-03-01", 29, 0, 0, true},
    {"since = 2026-01-31\nmilestones = every month\nleap-day = feb28\n", "2026-02-28", 28, 0, 0, true},
    {"since = 2026-01-31\nmilestones = every 2 months\n", "2026-03-01", 29, 0, 0, false},
    {"since = 2026-01-31\nmilestones = every 12 months\n", "2027-01-31", 365, 0, 1, true},
    {"until = 2026-03-31\nmilestones = every month\n", "2026-03-01", 30, 0, 0, true},
    /* weekdays: a Monday; over a weekend a number is met on its first date only */
    {"since = 2026-03-02\ncount = weekdays\nmilestones = 4\n", "2026-03-06", 4, 0, 0, true},
    {"since = 2026-03-02\ncount = weekdays\nmilestones = 4\n", "2026-03-07", 4, 0, 0, false},
    {"since = 2026-03-02\ncount = weekdays\nmilestones = every 5 days\n", "2026-03-09", 5, 0, 0, true},
    {"since = 2026-03-01\ncount = weekdays\nmilestones = 0\n", "2026-03-01", 0, 0, 0, true},
    {"since = 2026-03-01\ncount = weekdays\nmilestones = 0\n", "2026-02-28", 0, 0, 0, false},
    {"since = 2026-03-02\nuntil = 2026-03-16\ncount = weekdays\n", "2026-03-06", 4, 6, 0, false},
    {"until = 2026-03-16\ncount = weekdays\nmilestones = 5\n", "2026-03-09", 5, 0, 0, true},
    {"until = 2026-03-16\ncount = weekdays\nmilestones = 5\n", "2026-03-15", 1, 0, 0, false},
    {"until = 2026-03-16\ncount = weekdays\n", "2026-03-18", -2, 0, 0, false},
    {"until = 2026-03-16\ncount = weekdays\nafter-zero = hold\n", "2026-03-18", 0, 0, 0, false},
    {"since = 2025-03-01\ncount = weekdays\nmilestones = every year\n", "2026-03-01", 260, 0, 1, true},
};

/* Each tick is one that readers of the JSON take. */
static void assert_is_read(const Tick *tick)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autofree char *text = print(tick);
    g_autoptr(yyjson_doc) doc = json_read(text, strlen(text), 1, &error);
    g_autoptr(Tick) again = doc ? tick_from_json(yyjson_doc_get_root(doc), &field, &error) : NULL;
    if (!again)
        fail_msg("%s", error->message);
    assert_true(counter_tick_same_content(tick, again));
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(CounterRule) rule = rule_from(values[i].lines);
        g_autoptr(Tick) tick = tick_on(rule, values[i].date);
        if (tick->days != values[i].days || tick->remaining != values[i].remaining ||
            tick->anniversary != values[i].anniversary || tick->milestone != values[i].milestone)
            fail_msg("%s on %s: %d, %d, %u, %d", values[i].lines, values[i].date, tick->days, tick->remaining,
                     tick->anniversary, tick->milestone);
        assert_is_read(tick);
    }
}

static void test_fields_of_the_rule(void **state)
{
    (void)state;
    g_autoptr(CounterRule) plain = rule_from("since = 2026-03-02\n");
    g_autoptr(CounterRule) rule = rule_from("since = 2026-03-02\nuntil = 2026-03-12\ncount = weekdays\n"
                                            "group = Ferries\norder = 3\n");
    g_autoptr(Tick) simple = tick_on(plain, "2026-03-05");
    g_autoptr(Tick) tick = tick_on(rule, "2026-03-05");
    assert_string_equal(tick->since, "2026-03-02");
    assert_string_equal(tick->until, "2026-03-12");
    assert_string_equal(tick->count, "weekdays");
    assert_string_equal(tick->group, "Ferries");
    assert_int_equal(tick->order, 3);
    assert_string_equal(simple->count, "");
    assert_string_equal(simple->group, "");
    assert_int_equal(simple->order, 0);
}

/* At zero the elapsed time stays too. */
static void test_elapsed_at_zero(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("until = 2026-03-12\nafter-zero = hold\n");
    g_autoptr(Tick) before = tick_on(rule, "2026-03-10");
    g_autoptr(Tick) after = tick_on(rule, "2027-05-01");
    assert_int_equal(before->elapsed->days, 2);
    assert_int_equal(after->elapsed->years + after->elapsed->months + after->elapsed->days, 0);
}

static void test_only_where_it_shows(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("since = 2026-03-02\nstarts = 2026-03-10\nends = 2026-03-12\n");
    assert_null(counter_tick(rule, date_of("2026-03-09"), 0));
    assert_null(counter_tick(rule, date_of("2026-03-13"), 0));
    g_autoptr(Tick) first = tick_on(rule, "2026-03-10");
    g_autoptr(Tick) last = tick_on(rule, "2026-03-12");
    assert_int_equal(first->days, 8);
    assert_int_equal(last->days, 10);
}

/* Each language takes the nearest sentence and writes numbers its own way. */
static void test_sentences(void **state)
{
    (void)state;
    g_autoptr(GPtrArray) rules =
        rules_from("[counters]\nlanguages = de, de-CH, pt-BR, fr\n"
                   "[counter a]\nsince = 2020-03-02\nmilestones = every year\n"
                   "label = {days}\nlabel.de = {days} Tage, {weeks} Wochen\n"
                   "label.pt = {days} dias\n"
                   "milestone = {anniversary}!\nmilestone.pt-br = {anniversary} anos!\n");
    static const struct {
        const char *date, *de, *de_ch, *pt_br, *fr;
    } cases[] = {
        {"2023-03-01", "1.094 Tage, 156 Wochen", "1’094 Tage, 156 Wochen", "1.094 dias", "1\u202f094"},
        {"2023-03-02", "3!", "3!", "3 anos!", "3!"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Tick) tick = tick_on(rules->pdata[0], cases[i].date);
        assert_int_equal(tick->n_label, 4);
        assert_string_equal(tick_label(tick, "de"), cases[i].de);
        assert_string_equal(tick_label(tick, "de-CH"), cases[i].de_ch);
        assert_string_equal(tick_label(tick, "pt-BR"), cases[i].pt_br);
        assert_string_equal(tick_label(tick, "fr"), cases[i].fr);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *date, *effective_at, *next_at;
    } cases[] = {
        {"Europe/London", "2021-07-24", "2021-07-23T23:00:00Z", "2021-07-24T23:00:00Z"},
        {"America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
        {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
        {"Pacific/Kiritimati", "1994-12-30", "1994-12-30T10:00:00Z", "1994-12-31T10:00:00Z"},
        {"Pacific/Kiritimati", "1995-01-01", "1994-12-31T10:00:00Z", "1995-01-01T10:00:00Z"},
        {"Asia/Beirut", "2023-03-25", "2023-03-24T22:00:00Z", "2023-03-25T22:00:00Z"},
        {"Asia/Beirut", "2023-03-26", "2023-03-25T22:00:00Z", "2023-03-26T21:00:00Z"},
        {"Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z", "2023-04-28T21:00:00Z"},
        {"Africa/Cairo", "2023-10-26", "2023-10-25T21:00:00Z", "2023-10-26T22:00:00Z"},
        {"Europe/Moscow", "2014-10-26", "2014-10-25T20:00:00Z", "2014-10-26T21:00:00Z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *lines = g_strdup_printf("since = 2000-01-01\ntime-zone = %s\n", cases[i].zone);
        g_autoptr(CounterRule) rule = rule_from(lines);
        g_autoptr(Tick) tick = tick_on(rule, cases[i].date);
        assert_int_equal(instant_from_timestamp(tick->effective_at), instant_of(cases[i].effective_at));
        assert_int_equal(instant_from_timestamp(tick->next_at), instant_of(cases[i].next_at));
        assert_false(tick->late);
    }
}

static void test_late(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("since = 2000-01-01\n");
    g_autoptr(Tick) in_time = counter_tick(rule, date_of("2021-07-24"), instant_of("2021-07-24T00:01:00Z"));
    g_autoptr(Tick) late =
        counter_tick(rule, date_of("2021-07-24"), instant_of("2021-07-24T00:01:00.000001Z"));
    g_autoptr(Tick) very_late = counter_tick(rule, date_of("1800-01-01"), instant_of("2021-07-24T00:00:00Z"));
    assert_false(in_time->late);
    assert_int_equal(in_time->late_seconds, 0);
    assert_true(late->late);
    assert_int_equal(late->late_seconds, 60);
    assert_int_equal(very_late->late_seconds, UINT32_MAX);
}

static void test_no_such_date(void **state)
{
    (void)state;
    g_autoptr(CounterRule) apia = rule_from("since = 2000-01-01\ntime-zone = Pacific/Apia\n");
    assert_null(counter_tick(apia, date_of("2011-12-30"), 0));
    assert_null(counter_tick(apia, CIVIL_DATE_MIN, 0));
    assert_null(counter_tick(apia, CIVIL_DATE_MAX, 0));
}

/* Where clocks go back over midnight, a date that has begun stays begun. */
static void test_a_date_begins_once(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("since = 2000-01-01\ntime-zone = America/St_Johns\n");
    assert_int_equal(counter_date_at(rule, instant_of("2010-11-07T02:29:59Z")), date_of("2010-11-06"));
    assert_int_equal(counter_date_at(rule, instant_of("2010-11-07T02:30:00Z")), date_of("2010-11-07"));
    assert_int_equal(counter_date_at(rule, instant_of("2010-11-07T02:45:00Z")), date_of("2010-11-07"));
    assert_int_equal(counter_date_at(rule, instant_of("2010-11-08T03:30:00Z")), date_of("2010-11-08"));
}

/* --- any date, fixed seed --- */

static void test_properties(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/London", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo",
                                        "America/St_Johns"};
    g_autoptr(GRand) random = g_rand_new_with_seed(1230);
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
        g_autofree char *lines = g_strdup_printf("since = 2018-03-04\ntime-zone = %s\n", zones[i]);
        g_autoptr(CounterRule) rule = rule_from(lines);
        for (int round = 0; round < 20; round++) {
            CivilDate date = g_rand_int_range(random, date_of("1950-01-01"), date_of("2200-01-01"));
            date = zone_next_date(rule->zone, date);
            Instant next_at = zone_first_instant(rule->zone, date);
            for (int day = 0; day < 400; day++, date = zone_next_date(rule->zone, date)) {
                g_autoptr(Tick) tick = counter_tick(rule, date, next_at);
                assert_non_null(tick);
                assert_int_equal(tick->days, date - date_of("2018-03-04"));
                /* each begins where the one before ends, and ends later */
                assert_int_equal(instant_from_timestamp(tick->effective_at), next_at);
                assert_true(instant_from_timestamp(tick->next_at) > next_at);
                assert_int_equal(counter_date_at(rule, next_at), date);
                next_at = instant_from_timestamp(tick->next_at);
                assert_int_equal(counter_date_at(rule, next_at - 1), date);
            }
        }
    }
}

static void test_content(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule = rule_from("since = 2000-01-01\n");
    g_autoptr(CounterRule) other = rule_from("since = 2000-01-01\nlabel.en = {days}.\n");
    g_autoptr(Tick) first = tick_on(rule, "2021-07-24");
    g_autoptr(Tick) again = counter_tick(rule, date_of("2021-07-24"), instant_of("2021-07-24T12:00:00Z"));
    g_autoptr(Tick) different = tick_on(other, "2021-07-24");
    again->revision = 7;
    assert_true(again->late);
    assert_true(counter_tick_same_content(first, again));
    assert_false(counter_tick_same_content(first, different));
    again->next_at->seconds += 1800; /* the zone's rule was changed */
    assert_false(counter_tick_same_content(first, again));
}

/* --- preview --- */

static bool note(const Tick *tick, void *user)
{
    GString *seen = user;
    g_string_append_printf(seen, "%s %s %d%s;", tick->date, tick->counter, tick->days,
                           tick->late ? " late" : "");
    return !strstr(seen->str, "2012-01-02 b");
}

static void test_preview(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(Config) config =
        rules_config("[counter b]\nsince = 2011-12-01\ntime-zone = Pacific/Apia\nlabel.en = x\n"
                     "[counter alpha]\nuntil = 2012-01-01\nlabel.en = x\n");
    CivilDate from = date_of("2011-12-29"), to = date_of("2011-12-31");
    assert_true(counter_preview(config, &(PreviewRange){from, to, false}, NULL, note, seen, &error));
    assert_string_equal(seen->str, "2011-12-29 b 28;2011-12-29 alpha 3;2011-12-30 alpha 2;2011-12-31 b 30;"
                                   "2011-12-31 alpha 1;");
    g_string_truncate(seen, 0);
    assert_true(counter_preview(config, &(PreviewRange){from, from, false}, "alpha", note, seen, &error));
    assert_string_equal(seen->str, "2011-12-29 alpha 3;");
    g_string_truncate(seen, 0);
    assert_true(counter_preview(config, &(PreviewRange){date_of("2012-01-02"), TICK_DATE_MAX, false}, NULL,
                                note, seen, &error));
    assert_string_equal(seen->str, "2012-01-02 b 32;"); /* ended by the caller */

    assert_false(counter_preview(config, &(PreviewRange){from, to, false}, "alhpa", note, seen, &error));
    assert_string_equal(error->message,
                        "the configuration has no counter \"alhpa\"; did you mean \"alpha\"?");
    g_clear_error(&error);
    assert_false(counter_preview(config, &(PreviewRange){to, from, false}, NULL, note, seen, &error));
    assert_string_equal(error->message, "2011-12-29 is before 2011-12-31");
    g_clear_error(&error);
    assert_false(
        counter_preview(config, &(PreviewRange){CIVIL_DATE_MIN, to, false}, NULL, note, seen, &error));
    assert_string_equal(error->message, "ticks exist from 0001-01-02 to 9999-12-30");
}

static bool note_event(const Tick *tick, void *user)
{
    if (tick->milestone || tick->anniversary > 0)
        (void)note(tick, user);
    return true;
}

/* They are found without making the ticks of all dates, and are the same. */
static void test_preview_of_events(void **state)
{
    (void)state;
    g_autoptr(CounterRule) rule =
        rule_from("since = 2008-02-29\nuntil = 2031-01-01\ntime-zone = Pacific/Apia\nstarts = 2009-01-01\n"
                  "ends = 2030-12-31\nmilestones = every 500 days, every month, 1400\ncount = weekdays\n");
    PreviewRange range = {date_of("2008-01-01"), date_of("2032-12-31"), false};
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(GString) events = g_string_new(NULL);
    counter_preview_rule(rule, &range, note_event, all);
    range.events = true;
    counter_preview_rule(rule, &range, note_event, events);
    assert_string_equal(events->str, all->str);
    assert_non_null(strstr(all->str, "2009-03-01 x "));
    assert_null(strstr(all->str, "2008-03-"));
    assert_null(strstr(all->str, "2031-03-"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_tick),
        cmocka_unit_test(test_days_of_the_page),
        cmocka_unit_test(test_anniversaries_and_milestones),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_fields_of_the_rule),
        cmocka_unit_test(test_elapsed_at_zero),
        cmocka_unit_test(test_only_where_it_shows),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_no_such_date),
        cmocka_unit_test(test_a_date_begins_once),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_preview),
        cmocka_unit_test(test_preview_of_events),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
