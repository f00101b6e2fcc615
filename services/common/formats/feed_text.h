/* SPDX-License-Identifier: Apache-2.0 */
/* Plain text of feeds, brought into the shape that a statement has. Pure, any thread; g_free the results. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_TEXT_H
#define DAYWIRE_COMMON_FORMATS_FEED_TEXT_H

#include <stddef.h>

/* Without the white space around, each run of spaces, tabs and ends of lines as one space. */
char *feed_one_line(const char *text);

/* The same when it has at most `max` (2 or more) characters, else cut between two words, where there are some,
 * and ended by "…", all in `max` characters. */
char *feed_cut(const char *text, size_t max);

#endif
