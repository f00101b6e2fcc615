/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of an element that may stay, written anew. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_ATTRIBUTES_H
#define DAYWIRE_COMMON_MARKUP_HTML_ATTRIBUTES_H

#include <glib.h>

#include "common/markup/html_allow_list.h"

#define HTML_WORDS_MAX 1000 /* bytes of an attribute that is text */

/* What every link gets: another site learns nothing of the reader, and nothing of this site's standing. */
#define HTML_LINK_REL "noopener noreferrer nofollow"

/* Those that the table (html_allow_list.h) has for the element and whose value is sound, in the table's order:
 * ` name="value"` each, so that it can follow the element's name; "" for none. `attributes` as html_reader.h has
 * them. g_free it. */
char *html_attributes_write(const HtmlElement *element, const char *const *attributes);

#endif
