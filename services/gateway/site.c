/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/site.h"

#include "common/error.h"

#define CLOCK_PREFIX "clock."
#define CLOCKS_MAX   24
#define LANGUAGE_MAX 35 /* what RFC 5646 asks buffers to hold */
/* Of names as the DNS has them, and of addresses. */
#define HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"

/* The form of a BCP 47 tag: parts of 1 to 8 letters and digits, the first one of 2 to 8 letters. */
static bool language_is_valid(const char *language)
{
    if (strlen(language) > LANGUAGE_MAX)
        return false;
    for (const char *part = language;; part++) {
        size_t length = 0;
        for (; g_ascii_isalnum(*part); part++, length++) {
            if (part - language == (ptrdiff_t)length && !g_ascii_isalpha(*part))
                return false;
        }
        if (length < (part - language == (ptrdiff_t)length ? 2 : 1) || length > 8)
            return false;
        if (*part != '-')
            return *part == '\0';
    }
}

static bool refuse(const Config *config, const char *key, const char *expected, GError **error)
{
    g_autofree char *origin = config_origin(config, "site", key);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: [site] %s: %s", origin, key, expected);
    return false;
}

static bool is_host(const char *host)
{
    return host && *host && host[strspn(host, HOST_CHARACTERS)] == '\0';
}

/* Pages link to each other by paths from the root, so it has none. */
static char *parse_url(const char *text)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);

    if (!uri || !is_host(g_uri_get_host(uri)) || g_uri_get_userinfo(uri) || g_uri_get_query(uri) ||
        g_uri_get_fragment(uri) ||
        (strcmp(g_uri_get_scheme(uri), "https") != 0 && strcmp(g_uri_get_scheme(uri), "http") != 0) ||
        (*g_uri_get_path(uri) && strcmp(g_uri_get_path(uri), "/") != 0))
        return NULL;
    char *url = g_uri_to_string(uri);
    if (g_str_has_suffix(url, "/"))
        url[strlen(url) - 1] = '\0';
    return url;
}

static bool read_url(Site *site, const Config *config, GError **error)
{
    const char *text = config_string(config, "site", "url");

    if (!text || !*text)
        return true;
    site->url = parse_url(text);
    return site->url ||
           refuse(config, "url", "http:// or https:// and a host, as in https://press.example", error);
}

static Zone *read_zone(const Config *config, const char *key, GError **error)
{
    Zone *zone = zone_new(config_string(config, "site", key), error);
    if (!zone) {
        g_autofree char *origin = config_origin(config, "site", key);
        g_prefix_error(error, "%s: [site] %s: ", origin, key);
    }
    return zone;
}

static bool read_clocks(Site *site, const Config *config, GError **error)
{
    const char *const *keys = config_keys(config, "site", CLOCK_PREFIX);
    size_t count = g_strv_length((char **)keys);
    if (count > CLOCKS_MAX)
        return refuse(config, keys[CLOCKS_MAX], "a page has at most 24 clocks", error);
    site->clocks = g_new0(SiteClock, count);
    for (size_t i = 0; i < count; i++) {
        site->clocks[i].zone = read_zone(config, keys[i], error);
        if (!site->clocks[i].zone)
            return false;
        site->clocks[i].label = g_strdup(keys[i] + strlen(CLOCK_PREFIX));
        site->clock_count++;
    }
    return true;
}

static bool read_site(Site *site, const Config *config, GError **error)
{
    site->title = g_strdup(config_string(config, "site", "title"));
    const char *contact = config_string(config, "site", "contact");
    site->contact = contact && *contact ? g_strdup(contact) : NULL;
    site->language = g_strdup(config_string(config, "site", "language"));
    if (!language_is_valid(site->language))
        return refuse(config, "language", "a BCP 47 tag such as en, en-GB or ru", error);
    site->zone = read_zone(config, "time-zone", error);
    return site->zone && read_url(site, config, error) && read_clocks(site, config, error);
}

Site *site_new(const Config *config, GError **error)
{
    Site *site = g_new0(Site, 1);
    if (read_site(site, config, error))
        return site;
    site_free(site);
    return NULL;
}

void site_free(Site *site)
{
    if (!site)
        return;
    for (size_t i = 0; i < site->clock_count; i++) {
        g_free(site->clocks[i].label);
        zone_free(site->clocks[i].zone);
    }
    g_free(site->clocks);
    zone_free(site->zone);
    g_free(site->language);
    g_free(site->contact);
    g_free(site->url);
    g_free(site->title);
    g_free(site);
}

char *site_url(const Site *site, const char *host, GError **error)
{
    if (site->url)
        return g_strdup(site->url);
    g_autofree char *name = host ? g_strstrip(g_strdup(host)) : NULL;
    g_autofree char *text = name ? g_strconcat("http://", name, NULL) : NULL;
    char *url = text ? parse_url(text) : NULL;
    if (!url)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "Host: missing, or not the name of a site");
    return url;
}

static yyjson_mut_val *clocks_to_json(const Site *site, yyjson_mut_doc *doc)
{
    yyjson_mut_val *clocks = yyjson_mut_arr(doc);
    for (size_t i = 0; i < site->clock_count; i++) {
        yyjson_mut_val *clock = yyjson_mut_arr_add_obj(doc, clocks);
        yyjson_mut_obj_add_val(doc, clock, "label", json_text(doc, site->clocks[i].label));
        yyjson_mut_obj_add_val(doc, clock, "time_zone", json_text(doc, zone_name(site->clocks[i].zone)));
    }
    return clocks;
}

yyjson_mut_val *site_to_json(const Site *site, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_val(doc, object, "title", json_text(doc, site->title));
    yyjson_mut_obj_add_val(doc, object, "contact", json_text_or_null(doc, site->contact));
    yyjson_mut_obj_add_val(doc, object, "language", json_text(doc, site->language));
    yyjson_mut_obj_add_val(doc, object, "time_zone", json_text(doc, zone_name(site->zone)));
    yyjson_mut_obj_add_val(doc, object, "clocks", clocks_to_json(site, doc));
    return object;
}
