/* SPDX-License-Identifier: Apache-2.0 */
/* Which statement an item of a feed is. Feeds change the guid of an item and keep its link, or use a guid again for
 * another link; neither must make a second statement of one item or hide an item behind another's statement.
 * Pure, any thread.
 *
 * The items of a document are looked at together, the surest answer first:
 *
 * 1. Guid and link are known together: it is that statement.
 * 2. The link is known: it is that statement, whatever the guid. A link that several items of the document have,
 *    or that led to several statements, says nothing by itself: title or time of publication must agree, too.
 * 3. The guid is known with another link: it is that statement when title or time of publication agree, and the old
 *    link is not in the document, where it would be another item's.
 * 4. Else the item is new. It gets the id that feed_item_id() makes, or, when another item has that, one that is
 *    made of its title and time as well.
 *
 * No two items get the same id. */
#ifndef DAYWIRE_INGEST_FEEDS_IDENTITY_H
#define DAYWIRE_INGEST_FEEDS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "common/instant.h"

/* An item that was seen before, under one of the pairs of guid and link that it had. All text is owned and not
 * NULL. */
typedef struct {
    int64_t sequence; /* the newer, the higher */
    char *guid;       /* this and the next as feed_identity_key() makes them; "": none */
    char *link;
    char *id;
    char *title;       /* this and the next as they were last */
    Instant published; /* 0: not told */
    char *date;        /* YYYY-MM-DD */
    char *digest;      /* of what the feed said of it last, as far as that is decided */
    bool passed_over;  /* it was there at the first poll and was not to be taken */
    /* Digest of what the feed says since, which was withheld as something is scheduled; NULL: nothing was */
    char *withheld;
    uint32_t withheld_at; /* the latest revision of the statement then; 0: there was none */
    char *before;         /* in a job: the digest that holds on when this is withheld; NULL: none */
} FeedKnown;

void feed_known_free(FeedKnown *known); /* NULL is fine */

typedef struct {
    /* of the document */
    const char *guid; /* this and the next as feed_identity_key() makes them; "": none */
    const char *link;
    const char *title;
    Instant published;    /* 0: not told */
    const char *fresh_id; /* of feed_item_id() */
    bool refused;         /* has no statement: only its guid and link count */
    /* the outcome */
    char *id;               /* owned; NULL: refused, or it cannot be told from another item */
    const FeedKnown *known; /* NULL: it is new */
} FeedIdentity;

/* A link or guid in the form in which it is compared: without http:// or https:// and without a slash at its end, since
 * sites move from one to the other. g_free it. */
char *feed_identity_key(const char *text);

/* Decides for all items of a document (of FeedIdentity). `known` (of FeedKnown *) is all that is known of this
 * feed under a guid, link or fresh id of the document, newest first; it must outlive the items. `feed` is its name. */
void feed_identity_resolve(const char *feed, GArray *items, const GPtrArray *known);

#endif
