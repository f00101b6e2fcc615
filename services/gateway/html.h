/* SPDX-License-Identifier: Apache-2.0 */
/* Writing HTML: every text that reaches a page goes through here. Pure, any thread. */
#ifndef DAYWIRE_GATEWAY_HTML_H
#define DAYWIRE_GATEWAY_HTML_H

#include <stdbool.h>
#include <glib.h>

/* Appends `text` so that it reads as itself, between tags and within quoted attributes alike. Bytes that are
 * not UTF-8 become U+FFFD; control characters other than tab and line feed are left out. */
void html_append(GString *html, const char *text);

/* Appends ` name="text"`, beginning with the space. */
void html_append_attribute(GString *html, const char *name, const char *text);

/* Appends ` href="..."` when `url` is http or https; nothing for any other scheme. */
void html_append_link(GString *html, const char *url);

/* Appends plain text as <p dir="auto"> elements: an empty line ends a paragraph. */
void html_append_paragraphs(GString *html, const char *text);

/* What a list says of a text: its first paragraph, cut between words to about `max` characters. g_free it. */
char *text_teaser(const char *text, glong max);

#endif
