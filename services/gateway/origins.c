/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/origins.h"

#include "common/error.h"

struct Origins {
    bool all;
    char **list; /* in lower case */
};

/* scheme://host or scheme://host:port, or the "null" that browsers send for pages without an origin. */
static bool is_origin(const char *text)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);

    if (strcmp(text, "null") == 0)
        return true;
    return uri != NULL && g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0' &&
           *g_uri_get_path(uri) == '\0' && g_uri_get_userinfo(uri) == NULL && g_uri_get_query(uri) == NULL &&
           g_uri_get_fragment(uri) == NULL;
}

Origins *origins_new(const char *list, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(list, " \t", -1);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    bool all = false;

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0')
            continue;
        if (strcmp(*word, "*") == 0) {
            all = true;
            continue;
        }
        g_autofree char *lower = g_ascii_strdown(*word, -1);
        if (!is_origin(lower)) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                        "'%s' is not a web origin; it takes scheme://host[:port] without a path, or *",
                        *word);
            return NULL;
        }
        g_strv_builder_add(builder, lower);
    }
    Origins *origins = g_new0(Origins, 1);
    origins->all = all;
    origins->list = g_strv_builder_end(builder);
    return origins;
}

Origins *origins_read(const Config *config, GError **error)
{
    g_autofree char *place = config_origin(config, "gateway", "origins");
    g_autofree char *empty = config_empty_origin(config, "gateway", "origins");

    if (empty != NULL) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: [gateway] origins: is empty; it takes origins, or * for all", empty);
        return NULL;
    }
    Origins *origins = origins_new(config_string(config, "gateway", "origins"), error);
    if (origins == NULL)
        g_prefix_error(error, "%s: [gateway] origins: ", place);
    return origins;
}

void origins_free(Origins *origins)
{
    if (origins == NULL)
        return;
    g_strfreev(origins->list);
    g_free(origins);
}

bool origins_all(const Origins *origins)
{
    return origins->all;
}

bool origins_allow(const Origins *origins, const char *origin)
{
    g_autofree char *lower = g_ascii_strdown(origin, -1);

    return origins->all || g_strv_contains((const char *const *)origins->list, lower);
}

/* The length of `authority` without the port that its scheme has anyway. */
static size_t length_without(const char *authority, const char *port)
{
    return strlen(authority) - (g_str_has_suffix(authority, port) ? strlen(port) : 0);
}

bool origins_is_own(const char *origin, const char *host)
{
    static const char *const schemes[][2] = {{"http://", ":80"}, {"https://", ":443"}};

    for (size_t i = 0; i < G_N_ELEMENTS(schemes) && host != NULL; i++) {
        size_t scheme = strlen(schemes[i][0]);
        if (g_ascii_strncasecmp(origin, schemes[i][0], scheme) != 0)
            continue;
        size_t length = length_without(host, schemes[i][1]);
        return length > 0 && length == length_without(origin + scheme, schemes[i][1]) &&
               g_ascii_strncasecmp(origin + scheme, host, length) == 0;
    }
    return false;
}
