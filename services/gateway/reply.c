/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/reply.h"

#define HEADERS_MAX 11

/* Scripts, styles and connections of the same origin only, and no text becomes script but through the policy
 * "daywire". */
#define CONTENT_SECURITY_POLICY                                                                              \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri " \
    "'none'; "                                                                                               \
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types daywire"

typedef struct {
    const char *list[2 * HEADERS_MAX + 1];
    size_t count;
} Headers;

static void add(Headers *headers, const char *name, const char *value)
{
    g_assert(headers->count + 2 < G_N_ELEMENTS(headers->list));
    headers->list[headers->count++] = name;
    headers->list[headers->count++] = value;
}

bool reply_etag_matches(const char *if_none_match, const char *etag)
{
    if (if_none_match == NULL || etag == NULL)
        return false;
    g_auto(GStrv) tags = g_strsplit(if_none_match, ",", -1);
    for (char **tag = tags; *tag != NULL; tag++) {
        const char *bare = g_strstrip(*tag);
        if (g_str_has_prefix(bare, "W/"))
            bare += 2;
        if (strcmp(bare, "*") == 0 || strcmp(bare, etag) == 0)
            return true;
    }
    return false;
}

bool reply_takes_gzip(const char *accept_encoding)
{
    if (accept_encoding == NULL)
        return false;
    g_auto(GStrv) codings = g_strsplit(accept_encoding, ",", -1);
    for (char **coding = codings; *coding != NULL; coding++) {
        char *quality = strchr(*coding, ';');
        if (quality != NULL)
            *quality++ = '\0';
        if (g_ascii_strcasecmp(g_strstrip(*coding), "gzip") != 0)
            continue;
        const char *q = quality != NULL ? strchr(quality, '=') : NULL;
        return q == NULL || g_ascii_strtod(q + 1, NULL) > 0;
    }
    return false;
}

/* Who may read it: "*", or the origin that asks if it is one of those listed. */
static void add_origin(Headers *headers, const HttpRequest *request, const Origins *origins)
{
    const char *origin = http_request_header(request, "origin");

    if (origins == NULL)
        return;
    if (origins_all(origins)) {
        add(headers, "Access-Control-Allow-Origin", "*");
        return;
    }
    if (origin != NULL && origins_allow(origins, origin))
        add(headers, "Access-Control-Allow-Origin", origin);
}

static const char *varies_by(const Reply *reply)
{
    bool by_origin = reply->origins != NULL && !origins_all(reply->origins);

    if (reply->by_encoding && by_origin)
        return "Accept-Encoding, Origin";
    return reply->by_encoding ? "Accept-Encoding" : by_origin ? "Origin" : NULL;
}

static void send_status(HttpRequest *request, const Reply *reply, int status, GBytes *body)
{
    Headers headers = {.count = 0};

    add(&headers, "Cache-Control", reply->cache != NULL ? reply->cache : "no-cache");
    if (reply->etag != NULL)
        add(&headers, "ETag", reply->etag);
    if (varies_by(reply) != NULL)
        add(&headers, "Vary", varies_by(reply));
    add_origin(&headers, request, reply->origins);
    if (reply->encoding != NULL && status != 304)
        add(&headers, "Content-Encoding", reply->encoding);
    g_autofree char *disposition =
        reply->filename != NULL ? g_strdup_printf("inline; filename=\"%s\"", reply->filename) : NULL;
    if (disposition != NULL && status != 304)
        add(&headers, "Content-Disposition", disposition);
    if (reply->page) {
        add(&headers, "Content-Security-Policy", CONTENT_SECURITY_POLICY);
        add(&headers, "Referrer-Policy", "strict-origin-when-cross-origin");
    }
    if (reply->refresh != NULL) {
        add(&headers, "Retry-After", reply->refresh);
        add(&headers, "Refresh", reply->refresh);
    }
    http_respond(request, status, status != 304 ? reply->type : NULL, headers.list,
                 status != 304 ? body : NULL);
}

bool reply_unchanged(HttpRequest *request, const Reply *reply)
{
    if (reply->status != 200 ||
        !reply_etag_matches(http_request_header(request, "if-none-match"), reply->etag))
        return false;
    send_status(request, reply, 304, NULL);
    return true;
}

void reply_send(HttpRequest *request, const Reply *reply, GBytes *body)
{
    if (!reply_unchanged(request, reply))
        send_status(request, reply, reply->status, body);
}
