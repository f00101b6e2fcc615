/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds in the store (store.h): their states, and under which guids and links their items were seen. */
#ifndef DAYWIRE_INGEST_STORE_FEEDS_H
#define DAYWIRE_INGEST_STORE_FEEDS_H

#include "ingest/feeds/changes.h"
#include "ingest/store/store.h"

/* Names of an item that are kept, the newest; and that are read for one guid or link. */
#define FEED_NAMES_KEPT 8
#define FEED_NAMES_READ 100

/* Within a transaction. */
bool store_write_feed(Store *store, const FeedChanges *changes, GError **error) MUST_CHECK;

typedef struct FeedReader FeedReader;

/* One thread, after the Store has been opened. */
FeedReader *feed_reader_open(const char *path, GError **error) MUST_CHECK;
void feed_reader_close(FeedReader *reader); /* NULL is fine */

/* NOT_FOUND: the feed was never polled. */
FeedState *feed_reader_state(FeedReader *reader, const char *name, GError **error) MUST_CHECK;

typedef enum { FEED_BY_GUID, FEED_BY_LINK, FEED_BY_ID } FeedLookup;

/* Appends what is known under one guid, link (of feed_identity_key()) or id, newest first, to `known` (of FeedKnown *). */
bool feed_reader_known(FeedReader *reader, FeedLookup by, const char *feed, const char *value,
                       GPtrArray *known, GError **error) MUST_CHECK;

#endif
