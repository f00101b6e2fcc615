/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_characters.h"

#include <libxml/HTMLparser.h>

bool html_is_space(gunichar c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

gunichar html_character(gunichar c)
{
    static const guint16 windows_1252[] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(windows_1252) == 0x20);

    if (c >= 0x80 && c < 0xa0)
        return windows_1252[c - 0x80];
    if ((c < 0x20 && !html_is_space(c)) || c == 0x7f || c == 0xfffe || c == 0xffff)
        return 0;
    return c;
}

void html_escape_text(GString *html, gunichar c)
{
    c = html_character(c);
    if (c == '&')
        g_string_append(html, "&amp;");
    else if (c == '<')
        g_string_append(html, "&lt;");
    else if (c == '>')
        g_string_append(html, "&gt;");
    else if (c)
        g_string_append_unichar(html, c);
}

gunichar html_entity(const char *name)
{
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    return entity ? entity->value : 0;
}

void html_escape(GString *html, gunichar c)
{
    /* The grave accent is a quotation mark to old browsers. */
    if (c == '"' || c == '\'' || c == '`')
        g_string_append_printf(html, "&#%u;", c);
    else
        html_escape_text(html, c);
}
