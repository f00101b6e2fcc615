/* SPDX-License-Identifier: Apache-2.0 */
/* Private to syndication_atom.c and syndication_json.c: what both say of a statement. */
#ifndef DAYWIRE_GATEWAY_SYNDICATION_ENTRY_H
#define DAYWIRE_GATEWAY_SYNDICATION_ENTRY_H

#include "gateway/syndication.h"

typedef struct {
    const Statement *statement;
    bool withdrawn;    /* only what is here may be shown */
    const char *title; /* static, or the statement's */
    char *url;         /* of its page; also what it is known by */
    char *content;     /* HTML */
    char published
        [INSTANT_TEXT_MAX]; /* RFC 3339; the beginning of its date in UTC when no more is known; or "" */
    char updated[INSTANT_TEXT_MAX];
} SyndicationEntry;

void syndication_entry_init(SyndicationEntry *entry, const Syndication *feed, const Statement *statement);
void syndication_entry_clear(SyndicationEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SyndicationEntry, syndication_entry_clear)

/* When its latest revision was accepted, as far as is known. */
Instant syndication_updated_at(const Statement *statement);

/* The site's with what follows. g_free it. */
char *syndication_url(const Syndication *feed, const char *path, const char *query);

#endif
