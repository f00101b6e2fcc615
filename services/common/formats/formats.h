/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of what people have: turn the bytes of a file, feed or request into statements. The format is told
 * from the content. Any thread. A new format is one more file beside this one and one more row in formats.c. */
#ifndef DAYWIRE_COMMON_FORMATS_FORMATS_H
#define DAYWIRE_COMMON_FORMATS_FORMATS_H

#include "common/instant.h"
#include "common/model.h"

typedef struct {
    const char *source; /* of statements that name none; NULL or "": a feed's are of its host */
    Instant now;        /* dates items of feeds that carry no date */
} FormatContext;

typedef struct {
    unsigned line;        /* where the item begins, from 1; 0: unknown */
    Statement *statement; /* valid (statement_rules.h), or NULL: refused */
    char *field;          /* when refused: the field at fault, may be NULL */
    char *reason;         /* when refused: a sentence */
    bool undated;         /* of a feed, without a date of its own: see FeedItem in feed.h */
} FormatItem;

/* Called for each item, in the order of the file. `item` belongs to the reader. Return false to stop. */
typedef bool (*FormatFunction)(const FormatItem *item, void *user);

/* False with INVALID or TOO_LARGE when the file as a whole cannot be read in any format; refused items are not an
 * error. A feed gives its items as a poll of it with that source does: feed_item_id() is their id. */
bool formats_read_from(const void *data, size_t size, const FormatContext *context, FormatFunction each,
                       void *user, GError **error) MUST_CHECK;

/* The same now, for no source in particular. */
bool formats_read(const void *data, size_t size, FormatFunction each, void *user, GError **error) MUST_CHECK;

#endif
