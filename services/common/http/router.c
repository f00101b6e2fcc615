/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/router.h"

/* A segment in braces takes any one segment that is not empty. */
static bool path_matches(const char *template, const char *path, HttpMatch *match)
{
    size_t count = 0;

    while (*template != '\0' && *path != '\0') {
        size_t template_length = strcspn(template + 1, "/") + 1;
        size_t path_length = strcspn(path + 1, "/") + 1;
        if (template[0] != '/' || path[0] != '/')
            return false;
        if (template[1] == '{') {
            if (path_length == 1)
                return false;
            g_assert(count < HTTP_SEGMENTS_MAX && template[template_length - 1] == '}');
            match->segments[count++] = (HttpSegment){.name = template + 2,
                                                     .name_length = template_length - 3,
                                                     .value = g_strndup(path + 1, path_length - 1)};
            match->segment_count = count;
        } else if (template_length != path_length || memcmp(template, path, path_length) != 0) {
            return false;
        }
        template += template_length;
        path += path_length;
    }
    return *template == '\0' && *path == '\0';
}

static void clear_segments(HttpMatch *match)
{
    for (size_t i = 0; i < match->segment_count; i++)
        g_free(match->segments[i].value);
    match->segment_count = 0;
}

static void allow_method(HttpMatch *match, const char *method)
{
    if (match->allow == NULL)
        match->allow = g_string_new(NULL);
    else
        g_string_append(match->allow, ", ");
    g_string_append(match->allow, method);
    if (strcmp(method, "GET") == 0)
        g_string_append(match->allow, ", HEAD");
}

void http_route_match(const HttpRoute *routes, const char *method, const char *path, HttpMatch *ret_match)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

    *ret_match = (HttpMatch){0};
    for (const HttpRoute *route = routes; route->method != NULL; route++) {
        if (!path_matches(route->path, path, ret_match)) {
            clear_segments(ret_match);
            continue;
        }
        ret_match->path_known = true;
        if (strcmp(route->method, wanted) == 0) {
            ret_match->route = route;
            break;
        }
        clear_segments(ret_match);
        allow_method(ret_match, route->method);
    }
    if (ret_match->route != NULL && ret_match->allow != NULL) {
        g_string_free(ret_match->allow, TRUE);
        ret_match->allow = NULL;
    }
}

void http_match_clear(HttpMatch *match)
{
    clear_segments(match);
    if (match->allow != NULL)
        g_string_free(match->allow, TRUE);
    match->allow = NULL;
    match->route = NULL;
}
