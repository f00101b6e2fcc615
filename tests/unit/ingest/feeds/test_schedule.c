/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/feeds/schedule.h"

#define URL    "https://example.org/feed"
#define MOVED  "https://www.example.org/feed"
#define MINUTE (60 * INSTANT_SECOND)

/* A Wednesday, 12:00. */
#define NOON (INT64_C(1704888000) * INSTANT_SECOND)

static const FeedSettings quarter = {.name = (char *)"harbour", .url = (char *)URL, .every = 15 * MINUTE};

static FeedPoll outcome(FeedOutcome what)
{
    return (FeedPoll){.outcome = what, .status = 0, .error = "it does not work", .asked = URL};
}

/* next_at - now after a poll, without the jitter, which must be within bounds. */
static Instant delay(FeedState *state, const FeedSettings *feed, FeedPoll poll, Instant now, Instant expected)
{
    feed_schedule_polled(state, feed, &poll, now);
    Instant waited = state->next_at - now;
    if (waited < expected || waited > expected + feed->every / 10)
        fail_msg("%.1f minutes instead of %.1f", (double)waited / MINUTE, (double)expected / MINUTE);
    return waited;
}

static void test_outcomes_of_status(void **state)
{
    static const struct {
        int status;
        FeedOutcome outcome;
    } cases[] = {{410, FEED_GONE},    {429, FEED_ASKED_TO_WAIT}, {503, FEED_ASKED_TO_WAIT},
                 {404, FEED_REFUSED}, {403, FEED_REFUSED},       {500, FEED_REFUSED},
                 {204, FEED_REFUSED}, {302, FEED_REFUSED},       {502, FEED_REFUSED}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(feed_outcome_of_status(cases[i].status), cases[i].outcome);
}

static void test_a_new_feed_is_due(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    assert_true(feed_schedule_due(feed, NOON) <= NOON);
    assert_string_equal(feed_schedule_url(feed, &quarter, NOON), URL);
}

static void test_success_and_jitter(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
    g_autoptr(GHashTable) different = g_hash_table_new(g_direct_hash, g_direct_equal);

    (void)state;
    for (int i = 0; i < 100; i++)
        g_hash_table_add(different,
                         (gpointer)delay(feed, &quarter, outcome(i % 2 ? FEED_TAKEN : FEED_NOT_MODIFIED),
                                         NOON + i * MINUTE, 15 * MINUTE));
    assert_in_range(g_hash_table_size(different), 90, 100);
    assert_true(feed->succeeded_at == NOON + 99 * MINUTE && feed->polled_at == feed->succeeded_at);
    assert_string_equal(feed->error, "");
}

static void test_back_off(void **state)
{
    static const FeedOutcome failures[] = {FEED_REFUSED,   FEED_UNREACHABLE, FEED_FORBIDDEN,
                                           FEED_TOO_LARGE, FEED_UNREADABLE,  FEED_ASKED_TO_WAIT};
    static const int minutes[] = {15, 30, 60, 120, 240, 360, 360, 360};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
        g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
        for (size_t k = 0; k < G_N_ELEMENTS(minutes); k++) {
            delay(feed, &quarter, outcome(failures[i]), NOON, minutes[k] * MINUTE);
            assert_int_equal(feed->failures, k + 1);
        }
        assert_string_equal(feed->error, "it does not work");
        assert_true(feed->succeeded_at == 0);
        delay(feed, &quarter, outcome(FEED_TAKEN), NOON, 15 * MINUTE);
        assert_int_equal(feed->failures, 0);
        assert_string_equal(feed->error, "");
    }
}

static void test_back_off_of_slow_feeds(void **state)
{
    const FeedSettings daily = {.name = (char *)"harbour", .url = (char *)URL, .every = 24 * 60 * MINUTE};
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    for (int i = 0; i < 5; i++)
        delay(feed, &daily, outcome(FEED_UNREACHABLE), NOON, 24 * 60 * MINUTE);
    feed->failures = G_MAXINT;
    delay(feed, &quarter, outcome(FEED_UNREACHABLE), NOON, 360 * MINUTE);
}

static void test_our_own_failure_does_not_back_off(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    for (int i = 0; i < 5; i++)
        delay(feed, &quarter, outcome(FEED_NOT_STORED), NOON, 15 * MINUTE);
}

static void test_retry_after(void **state)
{
    static const struct {
        FeedOutcome outcome;
        Instant asked, waited;
    } cases[] = {
        {FEED_ASKED_TO_WAIT, 2 * FEED_HOUR, 2 * FEED_HOUR},
        {FEED_REFUSED, 2 * FEED_HOUR, 2 * FEED_HOUR},
        {FEED_ASKED_TO_WAIT, INSTANT_SECOND, 15 * MINUTE},          /* does not shorten */
        {FEED_ASKED_TO_WAIT, 365 * FEED_DAY, FEED_RETRY_AFTER_MAX}, /* is bounded */
        {FEED_TAKEN, 2 * FEED_HOUR, 15 * MINUTE},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
        FeedPoll poll = outcome(cases[i].outcome);
        poll.retry_after = cases[i].asked;
        delay(feed, &quarter, poll, NOON, cases[i].waited);
    }
}

static void test_ttl_only_lengthens(void **state)
{
    static const struct {
        unsigned ttl, minutes;
    } cases[] = {{0, 15}, {5, 15}, {60, 60}, {1440, 1440}, {G_MAXUINT, 1440}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
        feed->ttl_minutes = cases[i].ttl;
        delay(feed, &quarter, outcome(FEED_TAKEN), NOON, cases[i].minutes * MINUTE);
    }
}

static void test_skipped_hours_and_days(void **state)
{
    static const struct {
        const char *name;
        uint32_t hours;
        uint8_t days; /* bit 0: Monday */
        int hour;     /* from NOON on, of the hour in which it is polled */
    } cases[] = {
        {"none", 0, 0, 0},
        {"another hour", 1U << 15, 0, 0},
        {"this hour", 1U << 12, 0, 1},
        {"three hours", 7U << 12, 0, 3},
        {"over midnight", 0xfffU << 12 | 1, 0, 13},
        {"all but the hour before", 0xffffffU & ~(1U << 11), 0, 23},
        {"Wednesday", 0, 1 << 2, 12},
        {"another day", 0, 1 << 1, 0},
        {"Wednesday and the first hour of Thursday", 1, 1 << 2, 13},
        {"all days but Tuesday", 0, 0x7f & ~(1 << 1), 12 + 5 * 24},
        {"all hours: it cannot mean that", 0xffffffU, 0, 0},
        {"all days", 0, 0x7f, 0},
        {"all days but Tuesday, all hours but the last", 0xffffffU & ~(1U << 23), 0x7f & ~(1 << 1),
         12 + 5 * 24 + 23},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
        FeedPoll poll = outcome(FEED_TAKEN);
        feed->skip_hours = cases[i].hours;
        feed->skip_days = cases[i].days;
        feed_schedule_polled(feed, &quarter, &poll, NOON);
        if ((feed->next_at - NOON) / FEED_HOUR != cases[i].hour)
            fail_msg("%s: in %.1f hours", cases[i].name, (double)(feed->next_at - NOON) / FEED_HOUR);
    }
}

static void test_gone_ends_it(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
    FeedPoll poll = outcome(FEED_GONE);

    (void)state;
    poll.status = 410;
    feed_schedule_polled(feed, &quarter, &poll, NOON);
    assert_true(feed->gone);
    assert_int_equal(feed->status, 410);
    assert_true(feed_schedule_due(feed, NOON + 1000 * FEED_DAY) == FEED_NEVER);
    feed_state_restart(feed, MOVED);
    assert_false(feed->gone);
    assert_string_equal(feed->url, MOVED);
    assert_true(feed_schedule_due(feed, NOON) <= NOON);
}

static void test_another_url_starts_again(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    feed_state_set(&feed->etag, "\"1\"");
    feed_state_set(&feed->last_modified, "x");
    feed_state_set(&feed->digest, "x");
    feed_state_set(&feed->moved_to, MOVED);
    feed->failures = 3;
    feed->begun = true;
    feed_state_restart(feed, MOVED);
    assert_string_equal(feed->name, "harbour");
    assert_string_equal(feed->etag, "");
    assert_string_equal(feed->last_modified, "");
    assert_string_equal(feed->digest, "");
    assert_string_equal(feed->moved_to, "");
    assert_int_equal(feed->failures, 0);
    assert_true(feed->begun);
}

static void poll_at(FeedState *feed, Instant now, FeedOutcome what, const char *asked, const char *moved_to)
{
    FeedPoll poll = outcome(what);

    assert_string_equal(feed_schedule_url(feed, &quarter, now), asked);
    poll.asked = asked;
    poll.moved_to = moved_to;
    feed_schedule_polled(feed, &quarter, &poll, now);
}

static void test_a_permanent_move_is_remembered(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    poll_at(feed, NOON, FEED_TAKEN, URL, MOVED);
    poll_at(feed, NOON + FEED_HOUR, FEED_NOT_MODIFIED, MOVED, NULL);
    poll_at(feed, NOON + FEED_DAY, FEED_TAKEN, MOVED, "https://example.net/");
    poll_at(feed, NOON + 2 * FEED_DAY, FEED_TAKEN, "https://example.net/", NULL);
    /* asked again at the configured place, which has not forgotten */
    poll_at(feed, NOON + FEED_MOVED_TRUST, FEED_TAKEN, URL, MOVED);
    poll_at(feed, NOON + FEED_MOVED_TRUST + FEED_DAY, FEED_TAKEN, MOVED, NULL);
    /* and which answers by itself later */
    poll_at(feed, NOON + 2 * FEED_MOVED_TRUST, FEED_TAKEN, URL, NULL);
    poll_at(feed, NOON + 2 * FEED_MOVED_TRUST + FEED_DAY, FEED_TAKEN, URL, NULL);
}

static void test_both_places_are_asked_when_one_fails(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    poll_at(feed, NOON, FEED_TAKEN, URL, MOVED);
    poll_at(feed, NOON + 1 * FEED_HOUR, FEED_UNREACHABLE, MOVED, NULL);
    poll_at(feed, NOON + 2 * FEED_HOUR, FEED_UNREACHABLE, URL, NULL);
    poll_at(feed, NOON + 3 * FEED_HOUR, FEED_GONE, MOVED, NULL); /* of the new place alone */
    assert_false(feed->gone);
    poll_at(feed, NOON + 4 * FEED_HOUR, FEED_REFUSED, URL, NULL);
    poll_at(feed, NOON + 5 * FEED_HOUR, FEED_TAKEN, MOVED, NULL);
    poll_at(feed, NOON + 6 * FEED_HOUR, FEED_TAKEN, MOVED, NULL);
    /* The old place is there no more: asked once, and not for a while. */
    poll_at(feed, NOON + 8 * FEED_DAY, FEED_UNREACHABLE, URL, NULL);
    poll_at(feed, NOON + 9 * FEED_DAY, FEED_TAKEN, MOVED, NULL);
    poll_at(feed, NOON + 10 * FEED_DAY, FEED_TAKEN, MOVED, NULL);
    poll_at(feed, NOON + 16 * FEED_DAY, FEED_GONE, URL, NULL);
    assert_true(feed->gone);
}

static void test_a_move_to_http_is_not_remembered(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);

    (void)state;
    poll_at(feed, NOON, FEED_TAKEN, URL, "http://example.org/feed");
    poll_at(feed, NOON + FEED_HOUR, FEED_TAKEN, URL, NULL);
}

static void test_a_clock_set_back_does_not_stall(void **state)
{
    g_autoptr(FeedState) feed = feed_state_new("harbour", URL);
    Instant waited = delay(feed, &quarter, outcome(FEED_TAKEN), NOON, 15 * MINUTE);
    Instant then = NOON - 1000 * FEED_DAY;

    (void)state;
    assert_true(feed_schedule_due(feed, NOON + MINUTE) == NOON + waited);
    assert_true(feed_schedule_due(feed, then) == then + waited);
    assert_true(feed_schedule_due(feed, then + 5 * MINUTE) == then + waited);
    assert_true(feed_schedule_due(feed, then + 20 * MINUTE) == then + waited);
    assert_true(feed_schedule_due(feed, then - FEED_DAY) == then - FEED_DAY + waited);
    /* forwards: due at once */
    assert_true(feed_schedule_due(feed, NOON + FEED_DAY) < NOON + FEED_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes_of_status),
        cmocka_unit_test(test_a_new_feed_is_due),
        cmocka_unit_test(test_success_and_jitter),
        cmocka_unit_test(test_back_off),
        cmocka_unit_test(test_back_off_of_slow_feeds),
        cmocka_unit_test(test_our_own_failure_does_not_back_off),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_ttl_only_lengthens),
        cmocka_unit_test(test_skipped_hours_and_days),
        cmocka_unit_test(test_gone_ends_it),
        cmocka_unit_test(test_another_url_starts_again),
        cmocka_unit_test(test_a_permanent_move_is_remembered),
        cmocka_unit_test(test_both_places_are_asked_when_one_fails),
        cmocka_unit_test(test_a_move_to_http_is_not_remembered),
        cmocka_unit_test(test_a_clock_set_back_does_not_stall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
