/* SPDX-License-Identifier: Apache-2.0 */
/* Tells before HTML is parsed how many attributes an element may have. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_ATTRIBUTE_COUNT_H
#define DAYWIRE_COMMON_MARKUP_HTML_ATTRIBUTE_COUNT_H

/* Of the element with the most, wherever a parser may think that one begins (also within a comment or a value): no
 * element has more. In time that grows with the length of the text alone. */
unsigned html_attribute_count(const char *html);

#endif
