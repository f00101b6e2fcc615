/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/list_query.h"

#include "common/error.h"

static const char *value_of(const HttpRequest *request, const char *name)
{
    const char *value = http_request_query(request, name);

    return value != NULL && *value != '\0' ? value : NULL;
}

bool list_query_check(const HttpRequest *request, const char *const *allowed, const char **ret_field,
                      GError **error)
{
    const char *unknown = http_request_unknown_query(request, allowed);

    if (unknown != NULL) {
        *ret_field = unknown;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: there is no such parameter", unknown);
        return false;
    }
    for (const char *const *name = allowed; *name != NULL; name++) {
        if (http_request_query_nth(request, *name, 1) == NULL)
            continue;
        *ret_field = *name;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: is given more than once", *name);
        return false;
    }
    return true;
}

static bool check_search(const char *search, GError **error)
{
    if (search == NULL || g_utf8_strlen(search, -1) <= LIST_SEARCH_MAX)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "q: is longer than " G_STRINGIFY(LIST_SEARCH_MAX) " characters");
    return false;
}

bool list_query_parse_page(const HttpRequest *request, ViewQuery *ret_query, GError **error)
{
    const char *search = value_of(request, "q");

    if (!check_search(search, error))
        return false;
    *ret_query =
        (ViewQuery){.limit = LIST_LIMIT_DEFAULT, .before = value_of(request, "before"), .search = search};
    return true;
}

bool list_query_parse(const HttpRequest *request, ViewQuery *ret_query, const char **ret_field,
                      GError **error)
{
    static const char *const allowed[] = {"limit", "before", "q", "source", "tag", "kind", "language", NULL};
    const char *limit = value_of(request, "limit");
    guint64 number = LIST_LIMIT_DEFAULT;

    if (!list_query_check(request, allowed, ret_field, error))
        return false;
    if (limit != NULL && !g_ascii_string_to_unsigned(limit, 10, 1, LIST_LIMIT_MAX, &number, NULL)) {
        *ret_field = "limit";
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "limit: '%s' is not a number from 1 to " G_STRINGIFY(LIST_LIMIT_MAX), limit);
        return false;
    }
    const char *search = value_of(request, "q");
    if (!check_search(search, error)) {
        *ret_field = "q";
        return false;
    }
    *ret_query = (ViewQuery){.limit = (unsigned)number,
                             .before = value_of(request, "before"),
                             .search = search,
                             .source = value_of(request, "source"),
                             .tag = value_of(request, "tag"),
                             .kind = value_of(request, "kind"),
                             .language = value_of(request, "language")};
    return true;
}

static void append_parameter(GString *text, const char *name, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(text, "%c%s=", text->len > 0 ? '&' : '?', name);
    g_string_append_uri_escaped(text, value, NULL, FALSE);
}

char *list_query_format(const ViewQuery *query, const char *before)
{
    GString *text = g_string_new(NULL);
    g_autofree char *limit = query->limit != LIST_LIMIT_DEFAULT ? g_strdup_printf("%u", query->limit) : NULL;

    append_parameter(text, "limit", limit);
    append_parameter(text, "q", query->search);
    append_parameter(text, "source", query->source);
    append_parameter(text, "tag", query->tag);
    append_parameter(text, "kind", query->kind);
    append_parameter(text, "language", query->language);
    append_parameter(text, "before", before);
    return g_string_free(text, FALSE);
}
