/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile HTML as a stream of events, read by libxml2 without a tree, without the network and without entities
 * of its own. Events are balanced: each start has its end, in the order of a tree; what is missing in the text
 * is added. The content of script and style is left out. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_READER_H
#define DAYWIRE_COMMON_MARKUP_HTML_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* More elements within each other, or attributes of one, are refused: libxml2's time grows with their square. */
#define HTML_DEPTH_MAX      256
#define HTML_ATTRIBUTES_MAX 1000

typedef struct {
    /* Lower-case names of HTML's elements and attributes as they come. `attributes`: name and value in turn, then
     * NULL; a value is NULL when there is none. Valid during the call only. */
    void (*start)(void *user, const char *name, const char *const *attributes);
    void (*end)(void *user);
    /* UTF-8 with all entities decoded, in pieces that end anywhere between two characters. */
    void (*text)(void *user, const char *text, size_t length);
} HtmlEvents;

/* Reads a fragment or a whole document of valid UTF-8. False with TOO_LARGE beyond a limit above, INVALID for text
 * that is not UTF-8; the events so far were sent, each start with its end. */
bool html_read(const char *html, const HtmlEvents *events, void *user, GError **error) MUST_CHECK;

#endif
