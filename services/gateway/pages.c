/* SPDX-License-Identifier: Apache-2.0 */
/* The pages, rendered with what the view holds, and the web files. A page shows clocks, so its ETag also
 * changes every minute. */
#include "common/error.h"
#include "gateway/api.h"
#include "gateway/html.h"
#include "gateway/list_query.h"
#include "gateway/page.h"
#include "gateway/reply.h"

#define HTML "text/html; charset=utf-8"

typedef struct {
    const Api *api;
    HttpRequest *request;
    PageContent content;
    char *cursor; /* owned; content.cursor points to it */
    char *etag;
} Page;

/* A page without the template, for what is not as it should be. `retry` is in seconds, NULL: there is no point
 * in coming again. */
static void answer_plainly(HttpRequest *request, int status, const char *title, const char *text,
                           const char *retry)
{
    GString *html = g_string_new("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n<title>");

    html_append(html, title);
    g_string_append(html, "</title>\n<p>");
    html_append(html, text);
    g_string_append(html, "</p>\n<p><a href=\"/statements\">All messages</a></p>\n");
    g_autoptr(GBytes) body = g_string_free_to_bytes(html);
    reply_send(request,
               &(Reply){.status = status,
                        .type = HTML,
                        .cache = status == 503 ? "no-store" : NULL,
                        .page = true,
                        .refresh = retry},
               body);
}

/* Takes over `error`. */
static void answer_error(const Page *page, GError *error)
{
    if (g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID)) {
        answer_plainly(page->request, 400, "Not possible", error->message, NULL);
    } else {
        consumer_report(page->api->gateway->consumer, error);
        answer_plainly(page->request, 503, "Not available",
                       "This is not available now. The page loads again by itself.", "10");
    }
    g_error_free(error);
}

static Reply page_reply(const Page *page, int status)
{
    return (Reply){.status = status, .type = HTML, .etag = page->etag, .page = true};
}

/* Makes what all pages need, from one state of the view: page_end() ends it. False: answered. */
static bool page_begin(Page *page, const Api *api, HttpRequest *request)
{
    GError *error = NULL;
    uint64_t log_next = 0;

    *page = (Page){.api = api, .request = request};
    page->content = (PageContent){.site = api->gateway->site, .now = g_get_real_time()};
    if (!consumer_caught_up(api->gateway->consumer)) {
        answer_plainly(request, 503, "Starting", "The service is starting. This page loads again by itself.",
                       "1");
        return false;
    }
    if (!view_reader_begin(api->reader, &log_next, &page->cursor, &error)) {
        answer_error(page, error);
        return false;
    }
    page->content.cursor = page->cursor;
    g_autofree char *minute =
        g_strdup_printf("page %" G_GINT64_FORMAT, page->content.now / (60 * INSTANT_SECOND));
    page->etag = api_etag(api, page->cursor != NULL ? page->cursor : "", minute);
    return true;
}

static void page_end(Page *page, GError *error)
{
    view_reader_end(page->api->reader);
    if (error != NULL)
        answer_error(page, error);
    g_clear_pointer(&page->content.statements, g_ptr_array_unref);
    g_clear_pointer(&page->content.ticks, g_ptr_array_unref);
    g_free(page->cursor);
    g_free(page->etag);
}

static bool read_content(Page *page, const ViewQuery *query, char **ret_next, GError **error)
{
    page->content.statements = view_reader_statements(page->api->reader, query, ret_next, error);
    if (page->content.statements == NULL)
        return false;
    page->content.ticks = view_reader_ticks(page->api->reader, error);
    return page->content.ticks != NULL;
}

void pages_get_home(HttpRequest *request, void *user)
{
    const ViewQuery query = {.limit = PAGE_STATEMENTS, .withdrawn = true};
    const Api *api = user;
    g_autofree char *next = NULL;
    GError *error = NULL;
    Page page;

    if (!page_begin(&page, api, request))
        return;
    Reply reply = page_reply(&page, 200);
    if (!reply_unchanged(request, &reply) && read_content(&page, &query, &next, &error)) {
        g_autoptr(GBytes) body = page_render_home(api->gateway->page_template, &page.content);
        reply_send(request, &reply, body);
    }
    page_end(&page, error);
}

void pages_get_archive(HttpRequest *request, void *user)
{
    const Api *api = user;
    g_autofree char *next = NULL;
    GError *error = NULL;
    ViewQuery query;
    Page page;

    if (!page_begin(&page, api, request))
        return;
    Reply reply = page_reply(&page, 200);
    if (!list_query_parse_page(request, &query, &error)) {
        page_end(&page, error);
        return;
    }
    query.withdrawn = true;
    page.content.before = query.before;
    if (!reply_unchanged(request, &reply) && read_content(&page, &query, &next, &error)) {
        g_autoptr(GBytes) body =
            page_render_archive(api->gateway->page_template, &page.content, next, query.search);
        reply_send(request, &reply, body);
    }
    page_end(&page, error);
}

static void answer_statement(Page *page, const Statement *statement)
{
    Reply reply = page_reply(page, statement->status == STATEMENT_STATUS_WITHDRAWN ? 410 : 200);

    if (reply_unchanged(page->request, &reply))
        return;
    g_autoptr(GBytes) body =
        page_render_statement(page->api->gateway->page_template, &page->content, statement);
    reply_send(page->request, &reply, body);
}

void pages_get_statement(HttpRequest *request, void *user)
{
    const Api *api = user;
    GError *error = NULL;
    Page page;

    if (!page_begin(&page, api, request))
        return;
    g_autoptr(Statement) statement =
        view_reader_statement(api->reader, http_request_segment(request, "id"), &error);
    if (statement != NULL)
        answer_statement(&page, statement);
    else if (error == NULL)
        answer_plainly(request, 404, "Not found", "There is no such statement.", NULL);
    page_end(&page, error);
}

/* ---- web files ---- */

void pages_get_asset(HttpRequest *request, void *user)
{
    static const char *const parameters[] = {NULL};
    const Api *api = user;
    const char *name = http_request_segment(request, "file");
    const Asset *asset = assets_find(api->gateway->assets, name);

    if (!api_check_query(request, parameters))
        return;
    /* Templates are no files for the world. */
    if (asset == NULL || g_str_has_suffix(name, ".html")) {
        http_respond_problem(request, 404, "there is no such file", NULL);
        return;
    }
    bool gzip = asset->gzip != NULL && reply_takes_gzip(http_request_header(request, "accept-encoding"));
    /* Other bytes, another ETag: the one before its closing quote gets a mark. */
    g_autofree char *etag =
        g_strdup_printf("%.*s%s", (int)strlen(asset->etag) - 1, asset->etag, gzip ? "-gzip\"" : "\"");
    reply_send(request,
               &(Reply){.status = 200,
                        .type = asset->media_type,
                        .etag = etag,
                        .encoding = gzip ? "gzip" : NULL,
                        .by_encoding = asset->gzip != NULL,
                        .origins = api->gateway->origins},
               gzip ? asset->gzip : asset->plain);
}
