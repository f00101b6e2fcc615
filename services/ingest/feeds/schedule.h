/* SPDX-License-Identifier: Apache-2.0 */
/* When a feed is polled, and what is remembered of a poll. Pure; time is an argument.
 *
 * - Every poll is put off by a share of the interval that differs from poll to poll and feed to feed, so that
 *   feeds of one server, and many Daywires, do not ask together.
 * - Failures in a row double the interval, up to FEED_BACK_OFF_MAX or `every`, whichever is more.
 * - The feed's ttl only makes the interval longer. Hours and days on which it does not want to be polled (RSS
 *   2.0, skipHours and skipDays, UTC) are passed over, unless none would be left.
 * - Retry-After (RFC 9110, 10.2.3) is obeyed up to FEED_RETRY_AFTER_MAX, and does not shorten the interval.
 * - 410 ends the polls.
 * - The address that a permanent redirect (301, 308) named is asked from then on. The configured one is asked
 *   again when that fails, and every FEED_MOVED_TRUST. */
#ifndef DAYWIRE_INGEST_FEEDS_SCHEDULE_H
#define DAYWIRE_INGEST_FEEDS_SCHEDULE_H

#include "ingest/feeds/settings.h"
#include "ingest/feeds/state.h"

#define FEED_HOUR            (INT64_C(3600) * INSTANT_SECOND)
#define FEED_DAY             (24 * FEED_HOUR)
#define FEED_BACK_OFF_MAX    (6 * FEED_HOUR)
#define FEED_RETRY_AFTER_MAX (7 * FEED_DAY)
#define FEED_TTL_MAX         FEED_DAY
#define FEED_MOVED_TRUST     (7 * FEED_DAY)
#define FEED_NEVER           INT64_MAX

typedef enum {
    FEED_TAKEN,         /* 200, and the document was taken in */
    FEED_NOT_MODIFIED,  /* 304, or the same document again */
    FEED_GONE,          /* 410 */
    FEED_ASKED_TO_WAIT, /* 429, 503 */
    FEED_REFUSED,       /* any other status */
    FEED_UNREACHABLE,   /* no answer: name, connection, time-out, TLS */
    FEED_FORBIDDEN,     /* it leads to an address that it may not lead to */
    FEED_TOO_LARGE,
    FEED_UNREADABLE, /* no feed */
    FEED_NOT_STORED, /* our database; the feed is not to blame */
} FeedOutcome;

#define FEED_OUTCOMES (FEED_NOT_STORED + 1)

const char *feed_outcome_name(FeedOutcome outcome); /* "taken", ... */

/* Of an HTTP status other than 200 and 304. */
FeedOutcome feed_outcome_of_status(int status);

typedef struct {
    FeedOutcome outcome;
    int status;           /* 0: no answer */
    Instant retry_after;  /* how long it asks to be left alone, microseconds; 0: it does not say */
    const char *error;    /* a sentence, unless TAKEN or NOT_MODIFIED */
    const char *asked;    /* the address that was asked */
    const char *moved_to; /* where permanent redirects led; NULL: there was none, or a temporary one */
} FeedPoll;

/* Writes next_at and everything that depends on the outcome into `state`: polled_at, failures, gone, error,
 * status, succeeded_at, moved_to. What a document brings (validators, digest, ttl, ...) is set by the caller before. */
void feed_schedule_polled(FeedState *state, const FeedSettings *feed, const FeedPoll *poll, Instant now);

/* The address to ask now. */
const char *feed_schedule_url(const FeedState *state, const FeedSettings *feed, Instant now);

/* When the feed is due; FEED_NEVER for one that is gone. Call it with the clock as it is: when that was set
 * back, `next_at` comes nearer, so that nobody waits for the old time. */
Instant feed_schedule_due(FeedState *state, Instant now);

#endif
