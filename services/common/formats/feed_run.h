/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of one feed: what the readers have in common, and how an entry becomes a statement. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_RUN_H
#define DAYWIRE_COMMON_FORMATS_FEED_RUN_H

#include "common/formats/feed.h"
#include "common/formats/feed_entry.h"

typedef struct {
    const FeedContext *context;
    FeedFunction each;
    void *user;
    FeedHead *ret_head;
    /* What the reader finds of the feed itself, before feed_run_begin(): */
    FeedHead head;
    char *link;     /* by feed_link(); NULL: none */
    char *language; /* as it stands there; NULL: none */
    char *author;   /* of items that name none; NULL: none */
    FeedDate date;
    bool dated;
    /* By feed_run_begin(): */
    char *source;
    GHashTable *seen; /* guid and link of what was given -> SeenItem */
} FeedRun;

void feed_run_clear(FeedRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedRun, feed_run_clear)

/* The feed's own title, from plain text: in one line, bounded, without control characters. The first one
 * counts; takes over `text`, NULL is none. */
void feed_run_set_title(FeedRun *run, char *text);

/* What relative links of the feed are resolved against; "": nothing. */
const char *feed_run_base(const FeedRun *run);

/* Once the feed cannot fail any more; fills *ret_head. */
void feed_run_begin(FeedRun *run);
/* Gives one item; false: the receiver wants no more. */
bool feed_run_give(FeedRun *run, FeedEntry *entry);

/* The readers. `text` is UTF-8; false as feed_read(). */
bool feed_read_xml(const char *text, FeedRun *run, GError **error) MUST_CHECK;
bool feed_read_json(const char *text, FeedRun *run, GError **error) MUST_CHECK;

/* Sets TOO_LARGE. Always false. */
bool feed_too_large(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
