/* SPDX-License-Identifier: Apache-2.0 */
/* One poll of one feed, from the server's answer to what is stored: reads the document, hands it to the engine in jobs
 * of bounded size, one after the other, and notes how it ended. All on the poller's thread.
 *
 * A feed is being fetched, or being stored, or at rest. Its state changes when it comes to rest. When the engine stores
 * nothing (the database fails, too much is waiting) the state stays as it was but for its next poll: the document is
 * then fetched and looked at again. */
#ifndef DAYWIRE_INGEST_FEEDS_POLL_H
#define DAYWIRE_INGEST_FEEDS_POLL_H

#include <pthread.h>
#include <stdatomic.h>

#include "ingest/engine.h"
#include "ingest/feeds/fetch.h"
#include "ingest/feeds/intake.h"
#include "ingest/feeds/metrics.h"
#include "ingest/store/feeds.h"

/* What all polls share. */
typedef struct {
    Engine *engine;
    FeedReader *reader;
    SubmissionLimits limits;
    /* Of the feeds' states, which other threads read. Not a GMutex: ThreadSanitizer does not see those. */
    pthread_mutex_t lock;
    /* Of every job; `user` is its Feed. */
    void (*finished)(Job *job, JobOutcome outcome, const GError *failure);
    unsigned jobs; /* with the engine */
    void *user;
} FeedPolls;

typedef enum { AT_REST, FETCHING, STORING } FeedPhase;

typedef struct {
    FeedPolls *polls;
    const FeedSettings *settings;
    FeedMetrics metrics;
    FeedState *state; /* written under the lock */
    FeedPhase phase;
    FeedOutcome outcome; /* STORING, and the next three */
    FeedState *next;     /* the state once all is stored */
    FeedIntake *intake;  /* NULL when there is only the state to store */
    bool last;           /* the job that carries the state is under way */
    atomic_bool asked;   /* to be polled now; any thread */
} Feed;

/* FETCHING: the answer is there. */
void feed_poll_answered(Feed *feed, FeedAnswer *answer);
/* STORING: the engine has finished the job. `failure` NULL: it is stored. */
void feed_poll_stored(Feed *feed, const Job *job, const char *failure);
/* What the poll would have stored is not stored. */
void feed_poll_give_up(Feed *feed, const char *reason);
/* Puts it to rest, and forgets what is under way. */
void feed_poll_drop(Feed *feed);

#endif
