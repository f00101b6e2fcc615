/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches feeds over HTTP, several at a time, on the thread that calls. A server is a stranger: what it sends is
 * bounded in time, in size also when it is compressed, in headers and in redirects, and each address that is
 * connected to is looked at (address.h). Only http and https, without cookies, passwords and the proxies of
 * the environment. */
#ifndef DAYWIRE_INGEST_FEEDS_FETCH_H
#define DAYWIRE_INGEST_FEEDS_FETCH_H

#include "ingest/feeds/schedule.h"

typedef struct FeedFetcher FeedFetcher;

/* `limits` must outlive it. */
FeedFetcher *feed_fetcher_new(const FeedLimits *limits, GError **error) MUST_CHECK;
void feed_fetcher_free(FeedFetcher *fetcher); /* NULL is fine; drops what is under way */

typedef struct {
    const char *url;
    const char *etag; /* this and the next: what is known of it, "" for nothing */
    const char *last_modified;
    void *user; /* comes back with the answer */
} FeedRequest;

/* Copies what it needs. FAILED: libcurl does not take it. At most `max_at_once` should be under way. */
bool feed_fetcher_start(FeedFetcher *fetcher, const FeedRequest *request, GError **error) MUST_CHECK;
unsigned feed_fetcher_running(const FeedFetcher *fetcher);

/* Waits until something can be done, was woken, or the time has passed; and does it. */
void feed_fetcher_wait(FeedFetcher *fetcher, int timeout_ms);
/* Any thread. */
void feed_fetcher_wake(FeedFetcher *fetcher);

typedef struct {
    void *user;
    char *url; /* that was asked */
    /* TAKEN: with a body, which is to be read; NOT_MODIFIED; or what went wrong */
    FeedOutcome outcome;
    int status;      /* 0: no answer */
    char *error;     /* a sentence, when something went wrong */
    char *moved_to;  /* where redirects led, all of them permanent; else NULL */
    char *final_url; /* where the body came from */
    char *charset;   /* of the Content-Type; NULL: not told */
    char *etag;      /* "": none; so is the next */
    char *last_modified;
    Instant retry_after; /* microseconds; 0: not told */
    GByteArray *body;
} FeedAnswer;

/* One that is finished, oldest first: clear it. False: there is none. */
bool feed_fetcher_take(FeedFetcher *fetcher, FeedAnswer *ret_answer);
void feed_answer_clear(FeedAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedAnswer, feed_answer_clear)

#endif
