/* SPDX-License-Identifier: Apache-2.0 */
/* The encoding of a feed, and its text in UTF-8. Told by, in this order (RFC 7303, section 3.2): a byte order
 * mark; the charset of the Content-Type header; bytes that are UTF-16 by their pattern; the XML declaration,
 * unless it claims UTF-16 or UTF-32 for text that could be read as ASCII so far; UTF-8.
 *
 * ISO-8859-1 is read as windows-1252, which it nearly always is (WHATWG Encoding, section 4.2). Pure, any
 * thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_ENCODING_H
#define DAYWIRE_COMMON_FORMATS_FEED_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <glib.h>

/* UTF-8 without byte order mark and NUL, g_free it. `charset` may be NULL. NULL with INVALID: the encoding is
 * not known, or there are bytes which are no text in it, with the line. */
char *feed_decode(const void *data, size_t size, const char *charset, GError **error) MUST_CHECK;

/* Whether the first character behind white space, in whatever encoding, is "<". */
bool feed_is_markup(const void *data, size_t size);

#endif
