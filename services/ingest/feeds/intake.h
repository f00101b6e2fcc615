/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a feed to jobs for the engine: its items, which statements they are (identity.h), and which
 * of them there is something to store of. Pure; time is an argument.
 *
 * An item is handed in when it is new or when the feed says something else of it than before. What an editor did to its
 * statement meanwhile, a correction or a withdrawal, is not undone by a feed that still says the same. What is withheld, as
 * something is scheduled, is handed in at each poll until it is decided; what was published here meanwhile stands then. */
#ifndef DAYWIRE_INGEST_FEEDS_INTAKE_H
#define DAYWIRE_INGEST_FEEDS_INTAKE_H

#include "common/formats/feed.h"
#include "ingest/feeds/identity.h"
#include "ingest/feeds/settings.h"
#include "ingest/job.h"
#include "ingest/submission_limits.h"

typedef struct FeedIntake FeedIntake;

typedef struct {
    const FeedSettings *feed;
    const char *charset; /* NULL: not told */
    const char *url;     /* where it came from */
    Instant now;
    SubmissionLimits limits;
} FeedOrigin;

/* NULL with INVALID or TOO_LARGE: it is no feed, or a broken one. `origin->feed` must outlive it. */
FeedIntake *feed_intake_new(const FeedOrigin *origin, const void *data, size_t size, GError **error)
    MUST_CHECK;
void feed_intake_free(FeedIntake *intake); /* NULL is fine */

const FeedHead *feed_intake_head(const FeedIntake *intake);

/* The items' names, for looking up what is known of them. */
unsigned feed_intake_count(const FeedIntake *intake);
const FeedIdentity *feed_intake_item(const FeedIntake *intake, unsigned index);

/* Once. `known` (of FeedKnown *, taken over): all that is known under these names. `first`: of the first poll, where
 * what is not among the newest `initial` items is passed over, now and later. */
void feed_intake_resolve(FeedIntake *intake, GPtrArray *known, bool first);

/* The next items as a job with at most `max` of them, which has their FeedChanges; without items when there is no
 * more to store. */
Job *feed_intake_next(FeedIntake *intake, unsigned max);
bool feed_intake_has_more(const FeedIntake *intake);

typedef struct {
    unsigned items;
    unsigned refused;
    unsigned unchanged;
    unsigned passed_over; /* in this document, at the first poll */
} FeedCounts;

/* After feed_intake_resolve(). */
FeedCounts feed_intake_counts(const FeedIntake *intake);

/* The sentence about the refused item; NULL when there are not so many. g_free it. */
char *feed_intake_refusal(const FeedIntake *intake, unsigned index);

#endif
