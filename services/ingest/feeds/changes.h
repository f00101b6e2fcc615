/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of a feed in the transaction that stores its items, so that neither is there without the other. */
#ifndef DAYWIRE_INGEST_FEEDS_CHANGES_H
#define DAYWIRE_INGEST_FEEDS_CHANGES_H

#include "ingest/feeds/identity.h"
#include "ingest/feeds/state.h"

typedef struct {
    char *feed;       /* its name */
    GPtrArray *items; /* of FeedKnown *: new ones, and those that are not as they were */
    FeedState *state; /* NULL: of a poll that has not stored all of its items yet */
} FeedChanges;

FeedChanges *feed_changes_new(const char *feed);
/* The item of this id was not decided upon, with this latest revision (0: none): it is to be handed in again. */
void feed_changes_withhold(FeedChanges *changes, const char *id, uint32_t latest);
void feed_changes_free(FeedChanges *changes); /* NULL is fine */

#endif
