/* SPDX-License-Identifier: Apache-2.0 */
/* The feeds over HTTP: a page of the list of statements, withdrawn ones included, so that readers drop their text. */
#include "common/error.h"
#include "gateway/api.h"
#include "gateway/list_query.h"
#include "gateway/reply.h"
#include "gateway/syndication.h"

/* A feed is made on a thread that has others to serve, and escapes its texts twice. */
#define BYTES_MAX ((size_t)512 * 1024)

typedef struct {
    const char *type; /* also tells the ETags of both apart */
    GBytes *(*write)(const Syndication *feed);
} FeedForm;

static const FeedForm atom = {"application/atom+xml; charset=utf-8", syndication_to_atom};
static const FeedForm json_feed = {"application/feed+json; charset=utf-8", syndication_to_json};

/* One request. */
typedef struct {
    const Api *api;
    HttpRequest *request;
    const FeedForm *form;
    ViewQuery query;
    char *site_url;
} Asked;

static GBytes *write_feed(const Asked *asked, const GPtrArray *statements, const char *next_page)
{
    g_autofree char *query = list_query_format(&asked->query, NULL);
    g_autofree char *page = list_query_format(&asked->query, asked->query.before);
    g_autofree char *next = next_page ? list_query_format(&asked->query, next_page) : NULL;
    const Syndication feed = {.site = asked->api->gateway->site,
                              .site_url = asked->site_url,
                              .query = query,
                              .page = page,
                              .next = next,
                              .statements = statements};

    return asked->form->write(&feed);
}

static bool answer(const Asked *asked, const char *cursor, GError **error)
{
    g_autofree char *variant = g_strconcat(asked->form->type, asked->site_url, NULL);
    g_autofree char *etag = api_etag(asked->api, cursor, variant);
    const Reply reply = {
        .status = 200, .type = asked->form->type, .etag = etag, .origins = asked->api->gateway->origins};
    g_autofree char *next = NULL;

    if (reply_unchanged(asked->request, &reply))
        return true;
    g_autoptr(GPtrArray) statements = view_reader_statements(asked->api->reader, &asked->query, &next, error);
    if (!statements)
        return false;
    g_autoptr(GBytes) body = write_feed(asked, statements, next);
    reply_send(asked->request, &reply, body);
    return true;
}

/* What is withdrawn has no words to be found by: a reader of what was found would keep the text. */
static bool parse_query(Asked *asked, const char **ret_field, GError **error)
{
    if (!list_query_parse(asked->request, &asked->query, ret_field, error))
        return false;
    if (asked->query.search) {
        *ret_field = "q";
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "q: there are no feeds of a search, since they could not tell of withdrawals");
        return false;
    }
    asked->query.withdrawn = true;
    asked->query.bytes = BYTES_MAX;
    return true;
}

/* False: answered. */
static bool parse(Asked *asked)
{
    g_autoptr(GError) error = NULL;
    const char *host = http_request_header(asked->request, "host");
    const char *field = NULL;

    if (!api_is_ready(asked->api, asked->request))
        return false;
    asked->site_url = site_url(asked->api->gateway->site, host, &error);
    if (asked->site_url && parse_query(asked, &field, &error))
        return true;
    http_respond_problem(asked->request, 400, error->message, field);
    return false;
}

static void get_feed(const Api *api, HttpRequest *request, const FeedForm *form)
{
    Asked asked = {.api = api, .request = request, .form = form};
    g_autofree char *cursor = NULL;
    GError *error = NULL;
    uint64_t log_next = 0;

    if (!parse(&asked)) {
        g_free(asked.site_url);
        return;
    }
    if (!view_reader_begin(api->reader, &log_next, &cursor, &error)) {
        api_answer_error(api, request, error);
    } else {
        if (!answer(&asked, cursor ? cursor : "", &error))
            api_answer_error(api, request, error);
        view_reader_end(api->reader);
    }
    g_free(asked.site_url);
}

void syndication_get_atom(HttpRequest *request, void *user)
{
    get_feed(user, request, &atom);
}

void syndication_get_json(HttpRequest *request, void *user)
{
    get_feed(user, request, &json_feed);
}
