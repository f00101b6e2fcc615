/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/request.h"

const char *const http_header_names[HTTP_HEADER_COUNT] = {
    [HTTP_HEADER_AUTHORIZATION] = "authorization",
    [HTTP_HEADER_CONTENT_TYPE] = "content-type",
    [HTTP_HEADER_IF_MATCH] = "if-match",
    [HTTP_HEADER_IF_NONE_MATCH] = "if-none-match",
    [HTTP_HEADER_ACCEPT] = "accept",
    [HTTP_HEADER_ACCEPT_ENCODING] = "accept-encoding",
    [HTTP_HEADER_HOST] = "host",
    [HTTP_HEADER_ORIGIN] = "origin",
    [HTTP_HEADER_COOKIE] = "cookie",
    [HTTP_HEADER_X_FORWARDED_FOR] = "x-forwarded-for",
};

static void parameter_clear(HttpParameter *parameter)
{
    g_free(parameter->name);
    g_free(parameter->value);
}

HttpRequest *http_request_new(HttpMailbox *mailbox, const char *method)
{
    HttpRequest *request = g_new0(HttpRequest, 1);

    atomic_init(&request->references, 1);
    request->mailbox = http_mailbox_ref(mailbox);
    request->method = method;
    request->query = g_array_new(FALSE, FALSE, sizeof(HttpParameter));
    g_array_set_clear_func(request->query, (GDestroyNotify)parameter_clear);
    request->body = g_bytes_new_static("", 0);
    return request;
}

HttpRequest *http_request_ref(HttpRequest *request)
{
    atomic_fetch_add(&request->references, 1);
    return request;
}

static void release_attached(HttpRequest *request)
{
    void (*release)(void *attached) = g_steal_pointer(&request->release);

    if (release)
        release(g_steal_pointer(&request->attached));
}

void http_request_unref(HttpRequest *request)
{
    if (atomic_fetch_sub(&request->references, 1) != 1)
        return;
    release_attached(request);
    http_answer_free(request->answer);
    g_free(request->path);
    g_free(request->peer);
    for (size_t i = 0; i < HTTP_HEADER_COUNT; i++)
        g_free(request->headers[i]);
    g_array_unref(request->query);
    http_match_clear(&request->match);
    g_bytes_unref(request->body);
    http_mailbox_release(request->mailbox, request->reserved);
    http_mailbox_unref(request->mailbox);
    g_free(request);
}

/* A second reference is somebody who may still ask for it. */
void http_request_release_early(HttpRequest *request)
{
    if (atomic_load(&request->references) == 1)
        release_attached(request);
}

void http_request_attach(HttpRequest *request, void *object, void (*release)(void *object))
{
    g_assert(!request->release);
    request->attached = object;
    request->release = release;
}

void *http_request_attached(const HttpRequest *request)
{
    return request->attached;
}

bool http_text_is_clean(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return false;
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c))
        if (g_unichar_iscntrl(g_utf8_get_char(c)))
            return false;
    return true;
}

bool http_request_add_parameter(HttpRequest *request, const char *parameter)
{
    if (!http_text_is_clean(parameter))
        return false;
    const char *equals = strchr(parameter, '=');
    HttpParameter added = {
        .name = equals != NULL ? g_strndup(parameter, (size_t)(equals - parameter)) : g_strdup(parameter),
        .value = g_strdup(equals != NULL ? equals + 1 : ""),
    };
    g_array_append_val(request->query, added);
    return true;
}

const char *http_request_method(const HttpRequest *request)
{
    return request->method;
}

const char *http_request_path(const HttpRequest *request)
{
    return request->path;
}

const char *http_request_segment(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < request->match.segment_count; i++) {
        const HttpSegment *segment = &request->match.segments[i];
        if (strlen(name) == segment->name_length && strncmp(name, segment->name, segment->name_length) == 0)
            return segment->value;
    }
    return NULL;
}

const char *http_request_query_nth(const HttpRequest *request, const char *name, unsigned index)
{
    for (guint i = 0; i < request->query->len; i++) {
        const HttpParameter *parameter = &g_array_index(request->query, HttpParameter, i);
        if (strcmp(parameter->name, name) == 0 && index-- == 0)
            return parameter->value;
    }
    return NULL;
}

const char *http_request_query(const HttpRequest *request, const char *name)
{
    return http_request_query_nth(request, name, 0);
}

const char *http_request_unknown_query(const HttpRequest *request, const char *const *allowed)
{
    for (guint i = 0; i < request->query->len; i++) {
        const HttpParameter *parameter = &g_array_index(request->query, HttpParameter, i);
        if (!g_strv_contains(allowed, parameter->name))
            return parameter->name;
    }
    return NULL;
}

const char *http_request_header(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < HTTP_HEADER_COUNT; i++)
        if (strcmp(http_header_names[i], name) == 0)
            return request->headers[i];
    g_assert_not_reached();
}

GBytes *http_request_body(const HttpRequest *request)
{
    return request->body;
}

const char *http_request_peer(const HttpRequest *request)
{
    return request->peer;
}
