/* SPDX-License-Identifier: Apache-2.0 */
/* What feeds get wrong in their XML, made right where only one thing can be meant, before a strict parser reads
 * it. Lines keep their numbers. Pure, any thread.
 *
 * - White space before the XML declaration, names of HTML entities without a DTD (&nbsp;), an "&" that begins
 *   no reference, &#128; to &#159; as windows-1252 has them.
 * - Comments, processing instructions and the XML declaration are left out, and so is a document type that
 *   only names a DTD. One that declares something refuses the feed: nothing declared is ever expanded.
 * - Form feeds become a space. XML cannot carry other control characters: they travel as the noncharacters
 *   from U+FDD0 on, 32 as there are, until feed_unrepair() puts them back where an item can be refused for
 *   one. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_REPAIR_H
#define DAYWIRE_COMMON_FORMATS_FEED_REPAIR_H

#include <glib.h>

/* `text` is UTF-8. g_free the result. NULL with INVALID, with the line; also when a tag has more than
 * FEED_ATTRIBUTES_MAX attributes, for which the parser would need the square of their number. */
char *feed_repair(const char *text, GError **error) MUST_CHECK;

#define FEED_ATTRIBUTES_MAX 100

/* In place. Returns `text`. */
char *feed_unrepair(char *text);

#endif
