/* SPDX-License-Identifier: Apache-2.0 */
/* Small operations on UTF-8 text. Pure, any thread. */
#ifndef DAYWIRE_COMMON_TEXT_H
#define DAYWIRE_COMMON_TEXT_H

/* What is left of valid UTF-8 without the white space around it, of any script (g_strstrip() knows ASCII's
 * only). g_free it. */
char *text_trim(const char *text);

/* The same in place. */
void text_strip(char *text);

/* The beginning of what somebody sent, valid UTF-8, fit for a message to people: 60 characters, control characters as "?". g_free it. */
char *text_excerpt(const char *text);

/* For qsort() of an array of texts: by bytes. */
int text_compare(const void *a, const void *b);

#endif
