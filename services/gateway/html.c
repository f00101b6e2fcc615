/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/html.h"

static void append_character(GString *html, gunichar c)
{
    switch (c) {
    case '&':
        g_string_append(html, "&amp;");
        break;
    case '<':
        g_string_append(html, "&lt;");
        break;
    case '>':
        g_string_append(html, "&gt;");
        break;
    case '"':
        g_string_append(html, "&quot;");
        break;
    case '\'':
        g_string_append(html, "&#39;");
        break;
    default:
        if ((c >= 0x20 && c < 0x7f) || c >= 0xa0 || c == '\n' || c == '\t')
            g_string_append_unichar(html, c);
    }
}

void html_append(GString *html, const char *text)
{
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    for (const char *at = valid ? valid : text; *at; at = g_utf8_next_char(at))
        append_character(html, g_utf8_get_char(at));
}

void html_append_attribute(GString *html, const char *name, const char *text)
{
    g_string_append_printf(html, " %s=\"", name);
    html_append(html, text);
    g_string_append_c(html, '"');
}

void html_append_link(GString *html, const char *url)
{
    if (g_ascii_strncasecmp(url, "https://", 8) == 0 || g_ascii_strncasecmp(url, "http://", 7) == 0)
        html_append_attribute(html, "href", url);
}

/* The next paragraph of *text without the line feed at its end, g_malloc'd, and moves *text behind it; NULL:
 * there is none. A paragraph is a run of lines that are not blank. */
static char *next_paragraph(const char **text)
{
    g_autoptr(GString) paragraph = g_string_new(NULL);
    for (const char *line = *text; *line;) {
        size_t length = strcspn(line, "\n");
        const char *next = line + length + (line[length] ? 1 : 0);
        bool blank = strspn(line, " \t") >= length;
        *text = next;
        if (!blank)
            g_string_append_len(paragraph, line, (gssize)(next - line));
        else if (paragraph->len > 0)
            break;
        line = next;
    }
    if (paragraph->len == 0)
        return NULL;
    return g_strchomp(g_string_free(g_steal_pointer(&paragraph), FALSE));
}

void html_append_paragraphs(GString *html, const char *text)
{
    for (;;) {
        g_autofree char *paragraph = next_paragraph(&text);
        if (!paragraph)
            return;
        g_string_append(html, "<p dir=\"auto\">");
        html_append(html, paragraph);
        g_string_append(html, "</p>\n");
    }
}

char *text_teaser(const char *text, glong max)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    const char *rest = valid;
    g_autofree char *paragraph = next_paragraph(&rest);
    if (!paragraph)
        return g_strdup("");
    if (g_utf8_strlen(paragraph, -1) <= max)
        return g_steal_pointer(&paragraph);
    g_autofree char *start = g_utf8_substring(paragraph, 0, max);
    char *space = strrchr(start, ' ');
    if (space)
        *space = '\0';
    return g_strconcat(g_strchomp(start), "…", NULL);
}
