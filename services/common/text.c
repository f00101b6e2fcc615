/* SPDX-License-Identifier: Apache-2.0 */
#include "common/text.h"

#include <glib.h>

char *text_trim(const char *text)
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
    return g_strndup(text, (gsize)(end - text));
}
