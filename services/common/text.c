/* SPDX-License-Identifier: Apache-2.0 */
#include "common/text.h"

#include <string.h>

#include <glib.h>

/* The part that is left. */
static const char *find_trimmed(const char *text, size_t *ret_length)
{
    while (*text && g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    const char *end = text + strlen(text);
    while (end > text) {
        const char *before = g_utf8_prev_char(end);
        if (!g_unichar_isspace(g_utf8_get_char(before)))
            break;
        end = before;
    }
    *ret_length = (size_t)(end - text);
    return text;
}

char *text_trim(const char *text)
{
    size_t length = 0;
    const char *trimmed = find_trimmed(text, &length);
    return g_strndup(trimmed, length);
}

void text_strip(char *text)
{
    size_t length = 0;
    const char *trimmed = find_trimmed(text, &length);
    memmove(text, trimmed, length);
    text[length] = '\0';
}

char *text_excerpt(const char *text)
{
    enum { LONGEST = 60 };
    g_autofree char *start = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), LONGEST));
    for (char *c = start; *c; c++)
        *c = g_ascii_iscntrl(*c) ? '?' : *c;
    return g_strconcat(start, strlen(start) < strlen(text) ? "..." : "", NULL);
}

int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}
