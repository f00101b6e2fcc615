/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: RSS 0.9x and 2.0, RDF (RSS 0.90, 1.0), Atom 1.0 and 0.3, JSON Feed 1.0 and 1.1. Turns their bytes, as
 * they came from a server or a file, into statements. Pure, any thread.
 *
 * Nothing is fetched and nothing is expanded: no DTD, no external entity, no XInclude. A feed is parsed as a
 * whole before its first item is given, so that a broken one gives none.
 *
 * Encoding (RFC 7303, section 3.2): a byte order mark, else `charset`, else the XML declaration, else UTF-8.
 * Bytes that are no text in that encoding refuse the feed; nothing is replaced. JSON is UTF-8 (RFC 8259). */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_H
#define DAYWIRE_COMMON_FORMATS_FEED_H

#include "common/instant.h"
#include "common/model.h"

/* Beyond these the feed is refused with TOO_LARGE, the item for its guid alone. */
#define FEED_BYTES_MAX (32UL * 1024 * 1024)
#define FEED_ITEMS_MAX 20000
#define FEED_NODES_MAX 1000000 /* elements and attributes, or JSON values: bounds the memory */
#define FEED_DEPTH_MAX 200     /* of elements or JSON values within each other */
#define FEED_GUID_MAX  2000    /* bytes */

/* What a feed says of itself. Initialise with {0}. */
typedef struct {
    char *title;          /* plain text; "" when there is none */
    unsigned ttl_minutes; /* RSS <ttl>; 0: not given */
    uint32_t skip_hours;  /* bit h: not to be polled in hour h (0 to 23), UTC */
    uint8_t skip_days;    /* bit d: not to be polled on day d, 0 Monday ... 6 Sunday, UTC */
} FeedHead;

void feed_head_clear(FeedHead *head); /* frees what is in it and leaves {0} */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedHead, feed_head_clear)

/* All of it belongs to the reader and lives as long as the call. */
typedef struct {
    unsigned line; /* where the item begins, from 1; 0: unknown */
    /* What the feed calls the item: guid, Atom's and JSON Feed's id, rdf:about. An item with neither guid nor
     * link gets a guid here, "daywire:" and a hash: of title and date, or of title and text when it has no date
     * of its own. Of a refused item "" when it is not known. */
    const char *guid;
    const char *link; /* absolute, http or https, normalised; "" when there is none; also in statement->url */
    /* Valid (statement_rules.h) but without an id; NULL: refused. May be stolen: set NULL. */
    Statement *statement;
    /* The item carries no date. At first sight it has that of the feed, or of `now` when that is earlier, in
     * UTC, as a date without time. Both move from one reading to the next: for a statement that is known
     * already, call feed_keep_date(), or each day makes a revision. */
    bool undated;
    const char *field;  /* when refused: the field at fault, may be NULL */
    const char *reason; /* when refused: a sentence */
} FeedItem;

/* Called for each item in the order of the feed, in the thread of feed_read(). Return false to stop. */
typedef bool (*FeedFunction)(FeedItem *item, void *user);

typedef struct {
    const char *charset;  /* of the Content-Type header; NULL: none given */
    const char *base_url; /* what relative links are resolved against; NULL: none */
    const char *source;   /* of the statements; NULL or "": the host of the feed's own link, or of base_url */
    Instant now;
} FeedContext;

/* False with INVALID or TOO_LARGE, and no item given, when the whole is no feed or a broken one; the message
 * names the line. Refused items are no error. An item that is there twice, the same guid and link and the same
 * content, is given once; with other content the further one is refused. `ret_head` is filled before the first
 * item is given; clear it. */
bool feed_read(const void *data, size_t size, const FeedContext *context, FeedHead *ret_head,
               FeedFunction each, void *user, GError **error) MUST_CHECK;

/* The id of an item at first sight: the same for the same source and guid, or source and link when there is no
 * guid. Valid (id_is_valid). NULL when there is neither. g_free it. */
char *feed_item_id(const char *source, const char *guid, const char *link);

/* Gives `statement`, made from an undated item, the date of the one that is known under its id. */
void feed_keep_date(Statement *statement, const Statement *known);

#endif
