/* SPDX-License-Identifier: Apache-2.0 */
/* How much the calendars' thread does: at a stop, and once a calendar is full. Rules cost here what the test says. */
#include "unit.h"

#include <stdatomic.h>

#include "common/config_fixture.h"
#include "counter/calendar.h"
#include "counter/preview.h"
#include "counter/tick.h"
#include "gateway/calendars.h"
#include "gateway/reply.h"

#define COUNTERS    100
#define WAITING     8
#define RULE_US     10000
#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define NOON        (INT64_C(1800000000) * INSTANT_SECOND)

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
    assert_true(walked < COUNTERS);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stop_makes_no_calendar_more),
        cmocka_unit_test(test_a_full_calendar_is_ready),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
