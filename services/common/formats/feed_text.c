/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_text.h"

#include <glib.h>

#include "common/markup/html_characters.h"
#include "common/text.h"

#define WORD_MAX 60 /* characters; what has no gap within so many is cut anywhere */

char *feed_one_line(const char *text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (const char *at = text; *at; at++) {
        if (!html_is_space((guchar)*at))
            g_string_append_c(line, *at);
        else if (line->len > 0 && line->str[line->len - 1] != ' ')
            g_string_append_c(line, ' ');
    }
    return text_trim(line->str);
}

char *feed_cut(const char *text, size_t max)
{
    if ((size_t)g_utf8_strlen(text, -1) <= max)
        return g_strdup(text);
    const char *end = g_utf8_offset_to_pointer(text, (glong)max - 1);
    const char *gap = end;
    for (int i = 0; i < WORD_MAX && gap > text && !g_unichar_isspace(g_utf8_get_char(gap)); i++)
        gap = g_utf8_prev_char(gap);
    if (gap > text && g_unichar_isspace(g_utf8_get_char(gap)))
        end = gap;
    g_autofree char *start = g_strndup(text, (gsize)(end - text));
    g_autofree char *trimmed = text_trim(start);
    return g_strconcat(trimmed, "…", NULL);
}
