/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_link.h"

#include <stdbool.h>

#include <glib.h>

#include "common/markup/html_characters.h"

/* The address without what browsers pass over; NULL when another control character is left. */
static GString *pass_over(const char *link)
{
    while (*link > 0 && *link <= ' ')
        link++;
    size_t length = strlen(link);
    while (length > 0 && link[length - 1] > 0 && link[length - 1] <= ' ')
        length--;
    g_autoptr(GString) url = g_string_new(NULL);
    for (const char *at = link; at < link + length; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c < ' ' || html_character(c) != c)
            return NULL;
        if (strchr(" \"<>`{}|^", (int)c) && c < 0x80)
            g_string_append_printf(url, "%%%02X", c);
        else
            g_string_append_unichar(url, c);
    }
    return g_steal_pointer(&url);
}

static bool is_web_address(const char *url)
{
    g_autofree char *user_info = NULL;
    g_autofree char *host = NULL;
    const char *rest = strchr(url, ':') + 1;
    /* Without the slashes, or with others, browsers and parsers do not agree on what is the host. */
    if (!g_str_has_prefix(rest, "//") || strchr(url, '\\'))
        return false;
    return g_uri_split(url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL, &user_info, &host, NULL,
                       NULL, NULL, NULL, NULL) &&
           host && *host && !strpbrk(host, " %<>[]^|") && !user_info;
}

static bool is_telephone_number(const char *number)
{
    return *number && strspn(number, "0123456789ABCDEFabcdefinopsxt+*#().,;=%-") == strlen(number);
}

char *html_link_clean(const char *link)
{
    g_autoptr(GString) url = pass_over(link);
    if (!url || url->len > HTML_LINK_MAX)
        return NULL;
    size_t scheme = strspn(url->str, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (url->str[scheme] != ':')
        return NULL;
    for (size_t i = 0; i < scheme; i++)
        url->str[i] = g_ascii_tolower(url->str[i]);
    const char *rest = url->str + scheme + 1;
    bool allowed = g_str_has_prefix(url->str, "http:") || g_str_has_prefix(url->str, "https:")
                       ? is_web_address(url->str)
                   : g_str_has_prefix(url->str, "tel:") ? is_telephone_number(rest)
                                                        : g_str_has_prefix(url->str, "mailto:") && *rest;
    return allowed ? g_string_free(g_steal_pointer(&url), FALSE) : NULL;
}
