/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/spool/name.h"

#include <glib.h>

bool spool_name_is_wanted(const char *name)
{
    static const char *const unfinished[] = {".tmp", ".part", ".filepart", ".crdownload"};
    size_t length = strlen(name);
    if (*name == '.' || strcmp(name, SPOOL_DONE) == 0 || strcmp(name, SPOOL_FAILED) == 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(unfinished); i++) {
        size_t ending = strlen(unfinished[i]);
        if (length >= ending && g_ascii_strcasecmp(name + length - ending, unfinished[i]) == 0)
            return false;
    }
    return true;
}

char *spool_name_numbered(const char *name, unsigned number, const char *ending)
{
    g_autofree char *count = number > 1 ? g_strdup_printf(".%u", number) : g_strdup("");
    size_t rest = SPOOL_NAME_MAX - strlen(count) - strlen(ending);
    size_t length = strlen(name);
    if (length > rest)
        for (length = rest; length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80;)
            length--;
    return g_strdup_printf("%.*s%s%s", (int)(length > 0 ? length : rest), name, count, ending);
}

static bool is_shown(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* can turn a line around */
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return false;
    default:
        return true;
    }
}

static void append_character(GString *text, gunichar c)
{
    if (c == '\\')
        g_string_append(text, "\\\\");
    else if (c == '\n')
        g_string_append(text, "\\n");
    else if (c == '\t')
        g_string_append(text, "\\t");
    else if (is_shown(c))
        g_string_append_unichar(text, c);
    else
        g_string_append_printf(text, "\\u{%x}", c);
}

char *spool_name_printable(const char *bytes)
{
    GString *text = g_string_new(NULL);
    while (*bytes) {
        gunichar c = g_utf8_get_char_validated(bytes, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(text, "\\x%02x", (unsigned char)*bytes);
            bytes++;
        } else {
            append_character(text, c);
            bytes = g_utf8_next_char(bytes);
        }
    }
    return g_string_free(text, FALSE);
}
