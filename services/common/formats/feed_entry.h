/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader finds of one item. Between the readers of feeds and feed_run.h. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_ENTRY_H
#define DAYWIRE_COMMON_FORMATS_FEED_ENTRY_H

#include "common/formats/feed_date.h"

/* All texts are g_malloc'd or NULL, never blank. Plain text but for the body. */
typedef struct {
    unsigned line;
    char *guid;
    char *link; /* by feed_link() */
    char *title;
    char *summary;      /* of any length */
    char *summary_html; /* where `summary` comes from; NULL: from plain text */
    char *body;
    bool body_is_html;
    char *language; /* as it stands there */
    GString *authors;
    GPtrArray *tags;
    FeedDate date;
    bool dated;
    const char *field; /* at fault, static; NULL: none */
    char *reason;      /* a sentence without the field */
} FeedEntry;

void feed_entry_init(FeedEntry *entry, unsigned line);
void feed_entry_clear(FeedEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedEntry, feed_entry_clear)

/* These take over what they are given, and put back what feed_repair() has set aside; NULL and blank texts are
 * nothing. */

/* Without the white space around; the first text counts. */
void feed_entry_set(char **field, char *text);
void feed_entry_add_tag(FeedEntry *entry, char *text);
/* "mail@example.org (Name)", "Name <mail@example.org>", "Name"; an address alone is nobody's name. */
void feed_entry_add_author(FeedEntry *entry, char *text);
/* The first one that can be read counts; when there are some and none can be, the item is refused. */
void feed_entry_add_date(FeedEntry *entry, char *text);
/* The first fault counts. */
void feed_entry_refuse(FeedEntry *entry, const char *field, const char *reason);

#endif
