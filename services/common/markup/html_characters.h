/* SPDX-License-Identifier: Apache-2.0 */
/* Characters as HTML means them, and as it is safe to write them. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_CHARACTERS_H
#define DAYWIRE_COMMON_MARKUP_HTML_CHARACTERS_H

#include <stdbool.h>

#include <glib.h>

/* HTML's white space, which has no width of its own; not the no-break space. */
bool html_is_space(gunichar c);

/* The character that is meant: U+0080 to U+009F as windows-1252 has them, as browsers read `&#146;` (HTML Living
 * Standard, "numeric character reference end state"). 0 for what is no text: control characters other than
 * HTML's white space, and what XML 1.0 does not take. */
gunichar html_character(gunichar c);

/* The character of a named reference such as "nbsp", without & and ;. 0: HTML 4 has no such name. */
gunichar html_entity(const char *name);

/* Appends what html_character() makes of it, so that it is itself between tags and within quotes alike. */
void html_escape(GString *html, gunichar c);

/* The same for text between tags, where quotation marks are themselves. */
void html_escape_text(GString *html, gunichar c);

#endif
