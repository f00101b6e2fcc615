/* SPDX-License-Identifier: Apache-2.0 */
/* Makes hostile HTML harmless. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_REDUCE_H
#define DAYWIRE_COMMON_MARKUP_HTML_REDUCE_H

#include <glib.h>

#define HTML_REDUCED_MAX 524288 /* bytes, of the text and of the result */

/* `html` (a fragment or a document, valid UTF-8) reduced to the elements, attributes and addresses of the table in
 * html_allow_list.h and written anew, g_free it. It is well-formed as HTML and as XML, in the normal form of
 * html_builder.h, has no control characters but line feed and tab and no white space around it; reduced
 * again it is the same, byte by byte. "" when nothing is left.
 *
 * Elements that are not in the table lose their tags; script, style, frames, SVG, MathML, form controls and the
 * like go with their content. There are no pictures: each would have every reader's browser call a server that
 * others choose; what describes it (alt) stays as text. A link keeps its address as html_link.h says, else
 * it is its text. Relative addresses are dropped: nobody knows what they are relative to.
 *
 * NULL with INVALID for text that is not UTF-8; with TOO_LARGE beyond the bytes above, before or after, and beyond
 * the limits of html_reader.h. */
char *html_reduce(const char *html, GError **error);

#endif
