/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_link.h"

#include <stdbool.h>
#include <glib.h>

#define PARSE (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE)

/* Without white space around and ends of lines within; what may not stand in an address is percent-encoded
 * (RFC 3986, section 2), and so is a "%" that encodes nothing. */
static char *spell(const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_autoptr(GString) spelled = g_string_new(NULL);
    for (const char *at = trimmed; *at; at++) {
        bool encodes = *at == '%' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]);
        if (*at == '\t' || *at == '\r' || *at == '\n')
            continue;
        if (encodes || g_ascii_isalnum(*at) || strchr("-._~:/?#[]@!$&'()*+,;=", *at))
            g_string_append_c(spelled, *at);
        else
            g_string_append_printf(spelled, "%%%02X", (unsigned char)*at);
    }
    return g_string_free(g_steal_pointer(&spelled), FALSE);
}

static bool is_web(const GUri *uri)
{
    const char *scheme = g_uri_get_scheme((GUri *)uri);
    return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

/* In lower case and ASCII (RFC 5891); NULL when there is none, or no such name. */
static char *host_of(GUri *uri)
{
    const char *host = g_uri_get_host(uri);
    if (!host || !*host || strlen(host) > 1000)
        return NULL;
    g_autofree char *plain = g_uri_unescape_string(host, "/");
    g_autofree char *ascii = plain && g_utf8_validate(plain, -1, NULL) ? g_hostname_to_ascii(plain) : NULL;
    return ascii && *ascii && !strpbrk(ascii, " \"<>\\%/?#@") ? g_ascii_strdown(ascii, -1) : NULL;
}

static GUri *parse(const char *text, const char *base)
{
    g_autoptr(GUri) against = base && *base ? g_uri_parse(base, PARSE, NULL) : NULL;
    g_autoptr(GUri) uri = g_uri_parse_relative(against, text, PARSE, NULL);
    return uri && is_web(uri) ? g_steal_pointer(&uri) : NULL;
}

char *feed_link(const char *text, const char *base)
{
    g_autofree char *spelled = spell(text);
    g_autoptr(GUri) uri = *spelled ? parse(spelled, base) : NULL;
    g_autofree char *host = uri ? host_of(uri) : NULL;
    if (!host)
        return NULL;
    const char *path = g_uri_get_path(uri);
    g_autoptr(GUri) normal =
        g_uri_build(PARSE, g_uri_get_scheme(uri), g_uri_get_userinfo(uri), host, g_uri_get_port(uri),
                    *path ? path : "/", g_uri_get_query(uri), g_uri_get_fragment(uri));
    return g_uri_to_string(normal);
}

char *feed_link_host(const char *link)
{
    g_autoptr(GUri) uri = link ? parse(link, NULL) : NULL;
    return uri ? host_of(uri) : NULL;
}
