/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/schedule.h"

#define MINUTE        (INT64_C(60) * INSTANT_SECOND)
#define JITTER_SHARE  10 /* a tenth of the interval at most */
#define FAILURES_MAX  1000000
#define HOURS_A_DAY   24
#define DAYS_A_WEEK   7
#define MONDAY_OFFSET 3 /* 1970-01-01 was a Thursday */

const char *feed_outcome_name(FeedOutcome outcome)
{
    static const char *const names[FEED_OUTCOMES] = {
        [FEED_TAKEN] = "taken",
        [FEED_NOT_MODIFIED] = "not_modified",
        [FEED_GONE] = "gone",
        [FEED_ASKED_TO_WAIT] = "asked_to_wait",
        [FEED_REFUSED] = "refused",
        [FEED_UNREACHABLE] = "unreachable",
        [FEED_FORBIDDEN] = "forbidden",
        [FEED_TOO_LARGE] = "too_large",
        [FEED_UNREADABLE] = "unreadable",
        [FEED_NOT_STORED] = "not_stored",
    };

    return names[outcome];
}

FeedOutcome feed_outcome_of_status(int status)
{
    switch (status) {
    case 410:
        return FEED_GONE;
    case 429:
    case 503:
        return FEED_ASKED_TO_WAIT;
    default:
        return FEED_REFUSED;
    }
}

/* ---- how long ---- */

/* 0 to `most`, another one for each feed and poll. */
static Instant jitter(const char *name, Instant now, Instant most)
{
    guint64 mixed = ((guint64)g_str_hash(name) << 32 ^ (guint64)now) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    return most <= 0 ? 0 : (Instant)(mixed >> 1) % (most + 1);
}

static Instant interval(const FeedState *state, const FeedSettings *feed)
{
    return MAX(feed->every, MIN((Instant)state->ttl_minutes * MINUTE, FEED_TTL_MAX));
}

/* The first failure costs nothing: most pass. */
static Instant back_off(const FeedState *state, const FeedSettings *feed)
{
    Instant delay = interval(state, feed);
    Instant most = MAX(delay, FEED_BACK_OFF_MAX);

    for (unsigned i = 1; i < state->failures && delay < most; i++)
        delay *= 2;
    return MIN(delay, most);
}

static bool is_skipped(const FeedState *state, Instant hour)
{
    int64_t hours = hour / FEED_HOUR;
    unsigned of_day = (unsigned)(hours % HOURS_A_DAY);
    unsigned day = (unsigned)((hours / HOURS_A_DAY + MONDAY_OFFSET) % DAYS_A_WEEK);

    return (state->skip_hours >> of_day & 1) != 0 || (state->skip_days >> day & 1) != 0;
}

/* The first moment from `at` on that is not in a skipped hour; `at` itself when there is none. */
static Instant pass_over(const FeedState *state, Instant at)
{
    Instant hour = at - at % FEED_HOUR;

    if (at <= 0 || !is_skipped(state, hour))
        return at;
    for (int i = 0; i < HOURS_A_DAY * DAYS_A_WEEK; i++) {
        hour += FEED_HOUR;
        if (!is_skipped(state, hour))
            return hour + jitter(state->name, at, 10 * MINUTE);
    }
    return at;
}

/* ---- what follows from a poll ---- */

static bool is_failure(FeedOutcome outcome)
{
    return outcome != FEED_TAKEN && outcome != FEED_NOT_MODIFIED;
}

static Instant delay_after(const FeedState *state, const FeedSettings *feed, const FeedPoll *poll)
{
    if (!is_failure(poll->outcome) || poll->outcome == FEED_NOT_STORED)
        return interval(state, feed);
    if (poll->retry_after > 0)
        return MAX(interval(state, feed), MIN(poll->retry_after, FEED_RETRY_AFTER_MAX));
    return back_off(state, feed);
}

/* A move from https to http is followed and not remembered: anybody on the way could have made it. */
static bool is_downgrade(const char *from, const char *to)
{
    return g_str_has_prefix(from, "https:") && !g_str_has_prefix(to, "https:");
}

/* An address that fails is not forgotten, since the network may be what failed, and the old place may be there no
 * more: the two are asked in turn. */
static void note_move(FeedState *state, const FeedPoll *poll, Instant now)
{
    bool answered = !is_failure(poll->outcome);

    if (answered && poll->moved_to && !is_downgrade(state->url, poll->moved_to)) {
        feed_state_set(&state->moved_to, poll->moved_to);
        if (!state->asked_moved)
            state->moved_at = now;
    } else if (answered && !state->asked_moved) {
        feed_state_set(&state->moved_to, ""); /* the configured one answers by itself again */
        state->moved_at = 0;
    } else if (!answered && !state->asked_moved && *state->moved_to) {
        state->moved_at = now; /* it was asked again, and is of no use */
    }
}

void feed_schedule_polled(FeedState *state, const FeedSettings *feed, const FeedPoll *poll, Instant now)
{
    bool failed = is_failure(poll->outcome);

    state->polled_at = now;
    state->status = poll->status;
    state->asked_moved = *state->moved_to != '\0' && strcmp(poll->asked, state->moved_to) == 0;
    feed_state_set(&state->error, failed ? poll->error : "");
    if (!failed)
        state->succeeded_at = now;
    state->failures = failed ? MIN(state->failures, FAILURES_MAX - 1) + 1 : 0;
    if (poll->outcome != FEED_NOT_STORED)
        note_move(state, poll, now);
    /* That the place it moved to is gone says nothing of the one that is configured. */
    if (poll->outcome == FEED_GONE && !state->asked_moved) {
        state->gone = true;
        state->next_at = FEED_NEVER;
        return;
    }
    Instant due = now + delay_after(state, feed, poll) + jitter(state->name, now, feed->every / JITTER_SHARE);
    state->next_at = pass_over(state, due);
    state->wait = state->next_at - now;
}

const char *feed_schedule_url(const FeedState *state, const FeedSettings *feed, Instant now)
{
    bool ask_moved = now < state->moved_at + FEED_MOVED_TRUST;

    if (*state->moved_to == '\0')
        return feed->url;
    if (state->failures > 0)
        ask_moved = !state->asked_moved;
    return ask_moved ? state->moved_to : feed->url;
}

Instant feed_schedule_due(FeedState *state, Instant now)
{
    if (state->gone)
        return FEED_NEVER;
    state->next_at = MIN(state->next_at, now + state->wait);
    return state->next_at;
}
