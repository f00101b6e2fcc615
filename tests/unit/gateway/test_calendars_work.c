/* SPDX-License-Identifier: Apache-2.0 */
/* How much the calendars' thread does: at a stop, once a calendar is full, and when it is asked for again. Rules cost here what the test says. */
#include "unit.h"

#include <stdatomic.h>

#include "common/config_fixture.h"
#include "counter/calendar.h"
#include "counter/preview.h"
#include "counter/tick.h"
#include "gateway/calendar_cache.h"
#include "gateway/calendars.h"
#include "gateway/reply.h"

#define COUNTERS    100
#define WAITING     8
#define RULE_US     10000
#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define DAY         (86400 * INSTANT_SECOND)
#define NOON        (INT64_C(20833) * DAY + DAY / 2)

static Config *config;
static atomic_int walked, made, refused; /* rules, calendars, requests */
static atomic_int rule_us, rule_events;

/* --- in place of the counters' and the exchange's --- */

void counter_preview_rule(const CounterRule *rule, const PreviewRange *range, CounterPreviewFunction function,
                          void *user)
{
    (void)range;
    g_autoptr(Tick) tick = counter_tick(rule, rule->since + 365, NOON);
    bool wanted = true;
    atomic_fetch_add(&walked, 1);
    g_usleep((gulong)atomic_load(&rule_us));
    for (int i = 0; i < atomic_load(&rule_events) && wanted; i++)
        wanted = function(tick, user);
}

void reply_send(HttpRequest *request, const Reply *reply, GBytes *body)
{
    (void)request;
    (void)body;
    assert_int_equal(reply->status, 200);
    atomic_fetch_add(&made, 1);
}

void http_respond_problem(HttpRequest *request, int status, const char *detail, const char *field)
{
    (void)request;
    (void)detail;
    (void)field;
    assert_int_equal(status, 503);
    atomic_fetch_add(&refused, 1);
}

/* --- */

static int setup(void **state)
{
    if (fixture_setup(state) != 0)
        return -1;
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < COUNTERS; i++)
        g_string_append_printf(text, "[counter c%d]\nsince = 2021-03-04\nlabel.en = {days}\n", i);
    g_string_append(text, "[counter tokyo]\nsince = 2021-03-04\ntime-zone = Asia/Tokyo\nlabel.en = {days}\n");
    config = fixture_load(text->str, NULL);
    return 0;
}

static int teardown(void **state)
{
    config_free(config);
    return fixture_teardown(state);
}

static Calendars *start(int cost_us, int events)
{
    g_autoptr(GError) error = NULL;
    walked = made = refused = 0;
    rule_us = cost_us;
    rule_events = events;
    Calendars *calendars = calendars_start(config, "Harbour Office", NULL, &error);
    g_assert_no_error(error);
    return calendars;
}

static void await(const atomic_int *number, int least)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    while (atomic_load(number) < least) {
        assert_true(g_get_monotonic_time() < end);
        g_usleep(1000);
    }
}

static void ask(Calendars *calendars, const char *counter, const char *language, Instant now)
{
    calendars_answer(calendars, NULL, counter, language, now);
}

static void test_a_stop_makes_no_calendar_more(void **state)
{
    (void)state;
    Calendars *calendars = start(RULE_US, 1);
    for (int i = 0; i < WAITING; i++)
        ask(calendars, NULL, NULL, NOON);
    await(&walked, 1);
    calendars_stop(calendars);
    assert_int_equal(made, 0);
    assert_int_equal(refused, WAITING);
    assert_true(walked <= COUNTERS);
}

static void test_a_full_calendar_is_ready(void **state)
{
    (void)state;
    Calendars *calendars = start(0, CALENDAR_EVENTS_MAX / 2 + 1);
    ask(calendars, NULL, NULL, NOON);
    await(&made, 1);
    assert_int_equal(walked, 2);
    calendars_stop(calendars);
}

/* How many rules it takes. */
static int work(Calendars *calendars, const char *counter, const char *language, Instant now)
{
    int before = walked;
    int answered = made;
    ask(calendars, counter, language, now);
    await(&made, answered + 1);
    return walked - before;
}

static void test_it_is_kept_until_a_date_begins(void **state)
{
    (void)state;
    Calendars *calendars = start(0, 1);
    const Instant evening = NOON + 6 * 3600 * INSTANT_SECOND; /* midnight in Tokyo is 15:00 UTC */
    assert_int_equal(work(calendars, "c1", NULL, NOON), 1);
    assert_int_equal(work(calendars, "c1", NULL, NOON), 0);
    assert_int_equal(work(calendars, "c1", NULL, NOON + DAY / 2 - 1), 0);
    assert_int_equal(work(calendars, "c1", NULL, NOON + DAY / 2), 1);
    assert_int_equal(work(calendars, "c1", NULL, NOON), 1); /* a clock that was set back */
    assert_int_equal(work(calendars, "c1", "en", NOON), 1);
    assert_int_equal(work(calendars, "c2", "en", NOON), 1);
    assert_int_equal(work(calendars, "tokyo", NULL, NOON), 1);
    assert_int_equal(work(calendars, "tokyo", NULL, evening), 1);
    assert_int_equal(work(calendars, "tokyo", NULL, NOON + DAY / 2), 1); /* another stamp */
    assert_int_equal(work(calendars, "c1", NULL, evening), 0);
    assert_int_equal(work(calendars, NULL, NULL, NOON), COUNTERS + 1);
    assert_int_equal(work(calendars, NULL, NULL, NOON), 0);
    assert_int_equal(work(calendars, NULL, NULL, evening), COUNTERS + 1);
    calendars_stop(calendars);
}

static void test_new_rules_are_taken(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    Calendars *calendars = start(0, 1);
    assert_int_equal(work(calendars, "c1", NULL, NOON), 1);
    assert_true(calendars_reload(calendars, config, &error));
    assert_int_equal(work(calendars, "c1", NULL, NOON), 1);
    calendars_stop(calendars);
}

static void test_few_are_kept(void **state)
{
    (void)state;
    CalendarCache *cache = calendar_cache_new();
    g_autoptr(GBytes) small = g_bytes_new_static("x", 1);
    g_autoptr(GBytes) large = g_bytes_new_take(g_malloc0(CALENDAR_CACHE_BYTES_MAX), CALENDAR_CACHE_BYTES_MAX);
    for (int i = 0; i <= CALENDAR_CACHE_ENTRIES_MAX; i++) {
        g_autofree char *id = g_strdup_printf("c%d", i);
        calendar_cache_put(cache, id, NULL, small, 0, 1);
    }
    assert_null(calendar_cache_find(cache, "c0", NULL, 0));
    GBytes *last = calendar_cache_find(cache, "c48", NULL, 0);
    assert_ptr_equal(last, small);
    g_bytes_unref(last);
    calendar_cache_put(cache, "large", NULL, large, 0, 1);
    calendar_cache_put(cache, "large", NULL, large, 0, 1);
    assert_null(calendar_cache_find(cache, "c48", NULL, 0));
    last = calendar_cache_find(cache, "large", NULL, 0);
    assert_ptr_equal(last, large);
    g_bytes_unref(last);
    calendar_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stop_makes_no_calendar_more),
        cmocka_unit_test(test_a_full_calendar_is_ready),
        cmocka_unit_test(test_it_is_kept_until_a_date_begins),
        cmocka_unit_test(test_new_rules_are_taken),
        cmocka_unit_test(test_few_are_kept),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
