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

/* What a request is for. */
typedef struct {
    const FeedForm *form;
    ViewQuery query;
    char *site_url;
} Asked;

static GBytes *write_feed(const Asked *asked, const Site *site, const GPtrArray *statements,
                          const char *next_page)
{
    g_autofree char *query = list_query_format(&asked->query, NULL);
    g_autofree char *page = list_query_format(&asked->query, asked->query.before);
    g_autofree char *next = next_page ? list_query_format(&asked->query, next_page) : NULL;
    const Syndication feed = {.site = site,
                              .site_url = asked->site_url,
                              .query = query,
                              .page = page,
                              .next = next,
                              .statements = statements};

    return asked->form->write(&feed);
}

static bool answer(const Api *api, HttpRequest *request, const char *cursor, const void *user, GError **error)
{
    const Asked *asked = user;
    g_autofree char *variant = g_strconcat(asked->form->type, asked->site_url, NULL);
    g_autofree char *etag = api_etag(api, cursor, variant);
    const Reply reply = {
        .status = 200, .type = asked->form->type, .etag = etag, .origins = api->gateway->origins};
    g_autofree char *next = NULL;

    if (reply_unchanged(request, &reply))
        return true;
    g_autoptr(GPtrArray) statements = view_reader_statements(api->reader, &asked->query, &next, error);
    if (!statements)
        return false;
    g_autoptr(GBytes) body = write_feed(asked, api->gateway->site, statements, next);
    reply_send(request, &reply, body);
    return true;
}

/* What is withdrawn has no words to be found by: a reader of what was found would keep the text. */
static bool parse_query(const HttpRequest *request, ViewQuery *query, const char **ret_field, GError **error)
{
    if (!list_query_parse(request, query, ret_field, error))
        return false;
    if (query->search) {
        *ret_field = "q";
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "q: there are no feeds of a search, since they could not tell of withdrawals");
        return false;
    }
    query->withdrawn = true;
    query->bytes = BYTES_MAX;
    return true;
}

static void get_feed(const Api *api, HttpRequest *request, const FeedForm *form)
{
    g_autoptr(GError) error = NULL;
    const char *host = http_request_header(request, "host");
    const char *field = NULL;

    if (!api_is_ready(api, request))
        return;
    Asked asked = {.form = form, .site_url = site_url(api->gateway->site, host, &error)};
    if (asked.site_url && parse_query(request, &asked.query, &field, &error))
        api_read(api, request, answer, &asked);
    else
        http_respond_problem(request, 400, error->message, field);
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
