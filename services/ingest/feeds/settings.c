/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/settings.h"

#include "common/daemon.h"
#include "common/error.h"
#include "common/statement_rules.h"
#include "common/text.h"

#define USER_AGENT_MAX 200
#define NEWEST         "newest "
#define HTTP_PORT      80
#define HTTPS_PORT     443

/* Puts where a value was set before the message about it. Always false. */
static bool refuse_at(const Config *config, const char *group, const char *key, GError **error)
{
    g_autofree char *origin = config_origin(config, group, key);

    g_prefix_error(error, "%s: [%s] %s: ", origin, group, key);
    return false;
}

static char *string_or_empty(const Config *config, const char *group, const char *key)
{
    const char *value = config_string(config, group, key);

    return g_strdup(value ? value : "");
}

/* ---- [feeds] ---- */

static bool is_header_value(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!g_ascii_isprint(*at))
            return false;
    return strlen(text) <= USER_AGENT_MAX;
}

static bool read_user_agent(FeedLimits *limits, const Config *config, GError **error)
{
    const char *text = config_string(config, "feeds", "user-agent");

    limits->user_agent = text ? g_strdup(text) : g_strconcat("Daywire/", daemon_version(), NULL);
    if (is_header_value(limits->user_agent))
        return true;
    error_refuse(error, "is not at most %d characters of ASCII", USER_AGENT_MAX);
    return refuse_at(config, "feeds", "user-agent", error);
}

static bool read_networks(FeedLimits *limits, const Config *config, GError **error)
{
    limits->networks = feed_networks_parse(config_string(config, "feeds", "allow-networks"), error);
    return limits->networks || refuse_at(config, "feeds", "allow-networks", error);
}

/* Proxies with a password would have it in a file that is no secret. */
static bool read_proxy(FeedLimits *limits, const Config *config, GError **error)
{
    const char *text = config_string(config, "feeds", "proxy");

    if (!text)
        return true;
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    if (!uri || strcmp(g_uri_get_scheme(uri), "http") != 0 || !g_uri_get_host(uri) || !*g_uri_get_host(uri) ||
        g_uri_get_userinfo(uri) || g_uri_get_port(uri) <= 0) {
        error_refuse(error, "a proxy is written as http://proxy.example.org:3128");
        return refuse_at(config, "feeds", "proxy", error);
    }
    limits->proxy = g_strdup(text);
    return true;
}

FeedLimits *feed_limits_new(const Config *config, GError **error)
{
    FeedLimits *limits = g_new0(FeedLimits, 1);

    limits->timeout_ms = (long)config_milliseconds(config, "feeds", "timeout");
    limits->max_size = (size_t)config_bytes(config, "feeds", "max-size");
    limits->max_at_once = (unsigned)config_integer(config, "feeds", "max-at-once");
    limits->allow_private = config_boolean(config, "feeds", "allow-private");
    if (read_user_agent(limits, config, error) && read_networks(limits, config, error) &&
        read_proxy(limits, config, error))
        return limits;
    feed_limits_free(limits);
    return NULL;
}

void feed_limits_free(FeedLimits *limits)
{
    if (!limits)
        return;
    g_free(limits->user_agent);
    feed_networks_free(limits->networks);
    g_free(limits->proxy);
    g_free(limits);
}

/* ---- [feed NAME] ---- */

static void settings_free(FeedSettings *feed)
{
    g_free(feed->name);
    g_free(feed->url);
    g_free(feed->language);
    g_free(feed->kind);
    g_strfreev(feed->tags);
    g_free(feed);
}

bool feed_url_parse(const char *text, char **ret_url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";

    if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        return error_refuse(error, "is no address that begins with http:// or https://");
    if (!g_uri_get_host(uri) || !*g_uri_get_host(uri))
        return error_refuse(error, "names no host");
    if (g_uri_get_userinfo(uri))
        return error_refuse(error, "has a user or password, which feeds are not fetched with");
    if (strlen(text) > STATEMENT_URL_MAX || !g_str_is_ascii(text))
        return error_refuse(error, "is not at most %d characters of ASCII", STATEMENT_URL_MAX);
    g_autofree char *host = g_ascii_strdown(g_uri_get_host(uri), -1);
    int port = g_uri_get_port(uri);
    if (port == (strcmp(scheme, "https") == 0 ? HTTPS_PORT : HTTP_PORT))
        port = -1;
    *ret_url = g_uri_join(G_URI_FLAGS_ENCODED, scheme, NULL, host, port, g_uri_get_path(uri),
                          g_uri_get_query(uri), NULL);
    return true;
}

static bool read_url(FeedSettings *feed, const Config *config, const char *group, GError **error)
{
    const char *text = config_string(config, group, "url");

    if (!text) {
        error_refuse(error, "[%s] lacks its address: url = https://...", group);
        return false;
    }
    return feed_url_parse(text, &feed->url, error) || refuse_at(config, group, "url", error);
}

static bool parse_initial(const char *text, unsigned *ret_count)
{
    guint64 count = 0;

    if (strcmp(text, "all") == 0)
        count = FEED_INITIAL_ALL;
    else if (strcmp(text, "none") != 0 &&
             (!g_str_has_prefix(text, NEWEST) ||
              !g_ascii_string_to_unsigned(text + strlen(NEWEST), 10, 1, 100000, &count, NULL)))
        return false;
    *ret_count = (unsigned)count;
    return true;
}

static bool read_initial(FeedSettings *feed, const Config *config, const char *group, GError **error)
{
    if (parse_initial(config_string(config, group, "initial"), &feed->initial))
        return true;
    error_refuse(error, "all, none, or \"newest\" and a number (newest 20)");
    return refuse_at(config, group, "initial", error);
}

static bool read_language(FeedSettings *feed, const Config *config, const char *group, GError **error)
{
    feed->language = string_or_empty(config, group, "language");
    if (!*feed->language || language_normalise(feed->language))
        return true;
    error_refuse(error, "is no language tag (en, de, pt-BR)");
    return refuse_at(config, group, "language", error);
}

/* By the rules that each of its statements has to pass, so that a mistake in here is not told of each item. */
static bool check_words(const FeedSettings *feed, GError **error)
{
    g_autoptr(Statement) statement = statement_new();
    const char *field = NULL;

    message_set_string(&statement->title, "x");
    message_set_string(&statement->date, "2000-01-01");
    message_set_string(&statement->kind, feed->kind);
    for (char **tag = feed->tags; tag && *tag; tag++)
        statement_add_tag(statement, *tag);
    return statement_validate(statement, &field, error);
}

static bool read_kind(FeedSettings *feed, const Config *config, const char *group, GError **error)
{
    feed->kind = string_or_empty(config, group, "kind");
    return check_words(feed, error) || refuse_at(config, group, "kind", error);
}

static bool read_tags(FeedSettings *feed, const Config *config, const char *group, GError **error)
{
    g_autofree char *text = string_or_empty(config, group, "tags");
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    g_autoptr(GPtrArray) tags = g_ptr_array_new();

    for (char **word = words; *word; word++) {
        char *tag = text_trim(*word);
        if (*tag)
            g_ptr_array_add(tags, tag);
        else
            g_free(tag);
    }
    g_ptr_array_add(tags, NULL);
    feed->tags = (char **)g_ptr_array_steal(tags, NULL);
    return check_words(feed, error) || refuse_at(config, group, "tags", error);
}

static FeedSettings *read_feed(const Config *config, const char *name, GError **error)
{
    g_autofree char *group = g_strconcat("feed ", name, NULL);
    FeedSettings *feed = g_new0(FeedSettings, 1);

    feed->name = g_strdup(name);
    feed->every = config_milliseconds(config, group, "every") * 1000;
    if (read_url(feed, config, group, error) && read_initial(feed, config, group, error) &&
        read_language(feed, config, group, error) && read_kind(feed, config, group, error) &&
        read_tags(feed, config, group, error))
        return feed;
    settings_free(feed);
    return NULL;
}

/* Twice the same items, under two sources: most likely a mistake. */
static bool check_url_is_new(const GPtrArray *feeds, const FeedSettings *feed, const Config *config,
                             GError **error)
{
    for (guint i = 0; i < feeds->len; i++) {
        const FeedSettings *other = g_ptr_array_index(feeds, i);
        if (g_strcmp0(other->url, feed->url) != 0)
            continue;
        g_autofree char *group = g_strconcat("feed ", feed->name, NULL);
        error_refuse(error, "[feed %s] has the same one", other->name);
        return refuse_at(config, group, "url", error);
    }
    return true;
}

GPtrArray *feed_settings_new(const Config *config, GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)settings_free);

    for (const char *const *name = config_instances(config, "feed"); *name; name++) {
        FeedSettings *feed = read_feed(config, *name, error);
        if (!feed)
            return NULL;
        bool is_new = check_url_is_new(feeds, feed, config, error);
        g_ptr_array_add(feeds, feed);
        if (!is_new)
            return NULL;
    }
    return g_steal_pointer(&feeds);
}

bool feed_settings_check(const Config *config, GError **error)
{
    FeedLimits *limits = feed_limits_new(config, error);

    if (!limits)
        return false;
    feed_limits_free(limits);
    g_autoptr(GPtrArray) feeds = feed_settings_new(config, error);
    return feeds != NULL;
}
