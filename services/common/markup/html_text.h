/* SPDX-License-Identifier: Apache-2.0 */
/* What HTML says when it is read aloud: plain text. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_TEXT_H
#define DAYWIRE_COMMON_MARKUP_HTML_TEXT_H

/* The plain text of HTML, or of a text with entities such as a feed's title; g_free it. Tags go, entities are
 * decoded once, runs of white space become one space. A <br>, a list item, a row of a table begins a new line;
 * paragraphs, headings, lists, tables and the like are separated by an empty line (as in a body of plain text);
 * cells by a space. A picture is what describes it (alt). The content of script, style, svg and the like is left
 * out. No white space around it, no control character but line feed: who needs one line joins the lines. A text
 * with a < that begins no tag keeps it. Bytes that are not UTF-8 become U+FFFD; what follows more than
 * HTML_DEPTH_MAX elements within each other is left out, and beyond HTML_ATTRIBUTES_MAX (html_reader.h) nothing is read. */
char *html_to_text(const char *html);

#endif
