/* SPDX-License-Identifier: Apache-2.0 */
/* The newest statements for feed readers: Atom (RFC 4287) and JSON Feed 1.1, with the same content. An entry is known by
 * the address of its page, so that a correction replaces what a reader has, and a withdrawal replaces the text by its
 * reason. Pure; any thread. */
#ifndef DAYWIRE_GATEWAY_SYNDICATION_H
#define DAYWIRE_GATEWAY_SYNDICATION_H

#include "common/model.h"
#include "gateway/site.h"

#define SYNDICATION_ATOM_PATH "/feed.atom"
#define SYNDICATION_JSON_PATH "/feed.json"

/* All is borrowed. */
typedef struct {
    const Site *site;
    const char *site_url; /* without a slash at its end */
    const char *query;    /* of the first page: "" or "?tag=x"; tells the feed from others of this site */
    const char *page;     /* of this page; for Atom alone, JSON Feed has no place for it */
    const char *next;     /* of the next one; NULL: this is the last */
    const GPtrArray *statements; /* of Statement, newest first; withdrawn ones are told by their note */
} Syndication;

/* New: g_bytes_unref them. */
GBytes *syndication_to_atom(const Syndication *feed);
GBytes *syndication_to_json(const Syndication *feed);

#endif
