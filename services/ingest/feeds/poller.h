/* SPDX-License-Identifier: Apache-2.0 */
/* Polls the feeds of the configuration on a thread of its own: when one is due it is fetched, read, and handed to the
 * engine in jobs of bounded size. The last of a document's jobs carries the feed's new state, so that what the next
 * poll begins with (validators) is stored with the items or not at all. */
#ifndef DAYWIRE_INGEST_FEEDS_POLLER_H
#define DAYWIRE_INGEST_FEEDS_POLLER_H

#include "ingest/engine.h"
#include "ingest/feeds/state.h"

typedef struct FeedPoller FeedPoller;

/* Reads the states of all feeds and begins. INVALID: the configuration (settings.h); else the errors of
 * store.h. The engine must outlive feed_poller_stop(). */
FeedPoller *feed_poller_start(const Config *config, Engine *engine, GError **error) MUST_CHECK;
/* Before engine_stop(): waits for what the engine has of it, and drops what is being fetched. NULL is fine. */
void feed_poller_stop(FeedPoller *poller);
void feed_poller_free(FeedPoller *poller); /* stopped; NULL is fine */

/* Any thread, from here on. Copies of all states, in the order of the configuration (of FeedState *). */
GPtrArray *feed_poller_states(FeedPoller *poller);

/* Polls the feed as soon as can be. NOT_FOUND: there is no such feed; CONFLICT: it is gone. */
bool feed_poller_poll_now(FeedPoller *poller, const char *name, GError **error) MUST_CHECK;

#endif
