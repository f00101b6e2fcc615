/* SPDX-License-Identifier: Apache-2.0 */
/* One answer is read from one state of the view (view_reader_begin() to _end()), and its ETag is the state's
 * cursor: it changes whenever anything has changed, never less often. A statement by its id has one of its
 * own. */
#include "gateway/api.h"

#include "common/daemon.h"
#include "common/error.h"
#include "common/json.h"
#include "common/statement_json.h"
#include "common/statement_rules.h"
#include "common/tick_json.h"
#include "gateway/handshake.h"
#include "gateway/list_query.h"
#include "gateway/reply.h"
#include "gateway/syndication.h"

#define JSON            "application/json"
#define CALENDAR_SUFFIX ".ics"

static const char *const no_parameters[] = {NULL};

/* ---- shared with pages.c and syndication_http.c ---- */

bool api_check_query(HttpRequest *request, const char *const *allowed)
{
    g_autoptr(GError) error = NULL;
    const char *field = NULL;

    if (list_query_check(request, allowed, &field, &error))
        return true;
    http_respond_problem(request, 400, error->message, field);
    return false;
}

char *api_etag(const Api *api, const char *cursor, const char *variant)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(checksum, (const guchar *)api->salt, -1);
    g_checksum_update(checksum, (const guchar *)cursor, -1);
    g_checksum_update(checksum, (const guchar *)variant, -1);
    return g_strdup_printf("\"%.24s\"", g_checksum_get_string(checksum));
}

bool api_is_ready(const Api *api, HttpRequest *request)
{
    if (consumer_caught_up(api->gateway->consumer))
        return true;
    http_respond_problem(request, 503, "the service is starting", NULL);
    return false;
}

void api_answer_error(const Api *api, HttpRequest *request, GError *error)
{
    if (g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID)) {
        http_respond_problem(request, 400, error->message, NULL);
    } else {
        consumer_report(api->gateway->consumer, error);
        http_respond_problem(request, 503, "not available now", NULL);
    }
    g_error_free(error);
}

void api_read(const Api *api, HttpRequest *request, ApiAnswer *answer, const void *asked)
{
    g_autofree char *cursor = NULL;
    GError *error = NULL;
    uint64_t log_next = 0;

    if (!view_reader_begin(api->reader, &log_next, &cursor, &error)) {
        api_answer_error(api, request, error);
        return;
    }
    if (!answer(api, request, cursor != NULL ? cursor : "", asked, &error))
        api_answer_error(api, request, error);
    view_reader_end(api->reader);
}

/* ---- answers ---- */

static yyjson_mut_val *statements_to_json(const GPtrArray *statements, yyjson_mut_doc *doc)
{
    yyjson_mut_val *list = yyjson_mut_arr(doc);

    for (guint i = 0; i < statements->len; i++)
        yyjson_mut_arr_append(list, statement_to_json(g_ptr_array_index(statements, i), doc));
    return list;
}

static bool answer_statements(const Api *api, HttpRequest *request, const char *cursor, const void *query,
                              GError **error)
{
    g_autofree char *etag = api_etag(api, cursor, "statements");
    const Reply reply = {.status = 200, .type = JSON, .etag = etag, .origins = api->gateway->origins};
    g_autofree char *next = NULL;

    if (reply_unchanged(request, &reply))
        return true;
    g_autoptr(GPtrArray) statements = view_reader_statements(api->reader, query, &next, error);
    if (statements == NULL)
        return false;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *answer = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_val(doc, answer, "statements", statements_to_json(statements, doc));
    yyjson_mut_obj_add_val(doc, answer, "next", json_text_or_null(doc, next));
    g_autoptr(GBytes) body = json_write_bytes(answer);
    reply_send(request, &reply, body);
    return true;
}

static void get_statements(HttpRequest *request, void *user)
{
    const Api *api = user;
    const char *field = NULL;
    g_autoptr(GError) error = NULL;
    ViewQuery query;

    if (!api_is_ready(api, request))
        return;
    if (list_query_parse(request, &query, &field, &error))
        api_read(api, request, answer_statements, &query);
    else
        http_respond_problem(request, 400, error->message, field);
}

static void get_statement(HttpRequest *request, void *user)
{
    const Api *api = user;
    GError *error = NULL;

    if (!api_is_ready(api, request) || !api_check_query(request, no_parameters))
        return;
    g_autoptr(Statement) statement =
        view_reader_statement(api->reader, http_request_segment(request, "id"), &error);
    if (error != NULL) {
        api_answer_error(api, request, error);
        return;
    }
    if (statement == NULL) {
        http_respond_problem(request, 404, "there is no statement with this id", NULL);
        return;
    }
    g_autoptr(GBytes) packed = statement_pack(statement);
    g_autofree char *checksum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, packed);
    g_autofree char *etag = api_etag(api, checksum, "statement");
    g_autoptr(yyjson_mut_doc) doc = json_new();
    g_autoptr(GBytes) body = json_write_bytes(statement_to_json(statement, doc));
    reply_send(request,
               &(Reply){.status = statement->status == STATEMENT_STATUS_WITHDRAWN ? 410 : 200,
                        .type = JSON,
                        .etag = etag,
                        .origins = api->gateway->origins},
               body);
}

/* `group` NULL: of all. */
static yyjson_mut_val *ticks_to_json(const GPtrArray *ticks, const char *group, yyjson_mut_doc *doc)
{
    yyjson_mut_val *list = yyjson_mut_arr(doc);

    for (guint i = 0; i < ticks->len; i++) {
        const Tick *tick = g_ptr_array_index(ticks, i);
        if (group == NULL || strcmp(tick->group, group) == 0)
            yyjson_mut_arr_append(list, tick_to_json(tick, doc));
    }
    return list;
}

static bool answer_counters(const Api *api, HttpRequest *request, const char *cursor, const void *asked,
                            GError **error)
{
    const char *group = asked;
    g_autofree char *variant = g_strconcat("counters ", group, NULL);
    g_autofree char *etag = api_etag(api, cursor, variant);
    const Reply reply = {.status = 200, .type = JSON, .etag = etag, .origins = api->gateway->origins};

    if (reply_unchanged(request, &reply))
        return true;
    g_autoptr(GPtrArray) ticks = view_reader_ticks(api->reader, error);
    if (ticks == NULL)
        return false;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *answer = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_val(doc, answer, "counters", ticks_to_json(ticks, group, doc));
    g_autoptr(GBytes) body = json_write_bytes(answer);
    reply_send(request, &reply, body);
    return true;
}

static void get_counters(HttpRequest *request, void *user)
{
    static const char *const parameters[] = {"group", NULL};
    const Api *api = user;
    const char *group = http_request_query(request, "group");

    if (!api_is_ready(api, request) || !api_check_query(request, parameters))
        return;
    api_read(api, request, answer_counters, group != NULL && *group != '\0' ? group : NULL);
}

/* In the usual case; NULL: none is asked for. False: answered. */
static bool read_language(HttpRequest *request, char **ret_language)
{
    const char *wanted = http_request_query(request, "lang");
    g_autofree char *language = wanted != NULL && *wanted != '\0' ? g_strdup(wanted) : NULL;

    if (language != NULL && !language_normalise(language)) {
        http_respond_problem(request, 400, "lang: is not a BCP 47 tag such as en or pt-BR", "lang");
        return false;
    }
    *ret_language = g_steal_pointer(&language);
    return true;
}

static bool check_calendar_query(const Api *api, HttpRequest *request, char **ret_language)
{
    static const char *const parameters[] = {"lang", NULL};

    return api_is_ready(api, request) && api_check_query(request, parameters) &&
           read_language(request, ret_language);
}

static void get_all_calendars(HttpRequest *request, void *user)
{
    const Api *api = user;
    g_autofree char *language = NULL;

    if (check_calendar_query(api, request, &language))
        calendars_answer(api->gateway->calendars, request, NULL, language, g_get_real_time());
}

/* A counter has a calendar as long as it has a tick. */
static void get_calendar(HttpRequest *request, void *user)
{
    const Api *api = user;
    const char *file = http_request_segment(request, "file");
    g_autofree char *language = NULL;
    GError *error = NULL;

    if (!check_calendar_query(api, request, &language))
        return;
    if (!g_str_has_suffix(file, CALENDAR_SUFFIX)) {
        http_respond_problem(request, 404, "there is a calendar, /v1/counters/ID" CALENDAR_SUFFIX, NULL);
        return;
    }
    g_autofree char *counter = g_strndup(file, strlen(file) - strlen(CALENDAR_SUFFIX));
    g_autoptr(Tick) tick = view_reader_tick(api->reader, counter, &error);
    if (error != NULL)
        api_answer_error(api, request, error);
    else if (tick == NULL)
        http_respond_problem(request, 404, "there is no counter with this id", NULL);
    else
        calendars_answer(api->gateway->calendars, request, counter, language, g_get_real_time());
}

static void get_site(HttpRequest *request, void *user)
{
    const Api *api = user;

    if (!api_check_query(request, no_parameters))
        return;
    reply_send(
        request,
        &(Reply){.status = 200, .type = JSON, .etag = api->site_etag, .origins = api->gateway->origins},
        api->site);
}

static void get_time(HttpRequest *request, void *user)
{
    const Api *api = user;

    if (!api_check_query(request, no_parameters))
        return;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *answer = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_val(doc, answer, "time", json_instant(doc, g_get_real_time(), 0));
    g_autoptr(GBytes) body = json_write_bytes(answer);
    reply_send(request,
               &(Reply){.status = 200, .type = JSON, .cache = "no-store", .origins = api->gateway->origins},
               body);
}

/* An upgrade never gets here. */
static void get_stream(HttpRequest *request, void *user)
{
    static const char *const headers[] = {"Upgrade", "websocket", NULL};
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *problem = yyjson_mut_obj(doc);

    (void)user;
    yyjson_mut_obj_add_str(doc, problem, "type", "about:blank");
    yyjson_mut_obj_add_str(doc, problem, "title", "Upgrade Required");
    yyjson_mut_obj_add_int(doc, problem, "status", 426);
    yyjson_mut_obj_add_str(doc, problem, "detail", "this is a WebSocket: connect with Upgrade: websocket");
    g_autoptr(GBytes) body = json_write_bytes(problem);
    http_respond(request, 426, "application/problem+json", headers, body);
}

const HttpRoute api_routes[] = {
    {"GET", HANDSHAKE_PATH, get_stream},
    {"GET", "/v1/statements", get_statements},
    {"GET", "/v1/statements/{id}", get_statement},
    {"GET", "/v1/counters", get_counters},
    {"GET", "/v1/counters.ics", get_all_calendars},
    {"GET", "/v1/counters/{file}", get_calendar},
    {"GET", "/v1/site", get_site},
    {"GET", "/v1/time", get_time},
    {"GET", "/", pages_get_home},
    {"GET", "/statements", pages_get_archive},
    {"GET", "/statements/{id}", pages_get_statement},
    {"GET", "/web/{file}", pages_get_asset},
    {"GET", SYNDICATION_ATOM_PATH, syndication_get_atom},
    {"GET", SYNDICATION_JSON_PATH, syndication_get_json},
    {NULL, NULL, NULL},
};

void api_init(Api *api, const Gateway *gateway, ViewReader *reader)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();

    *api = (Api){.gateway = gateway, .reader = reader};
    api->site = json_write_bytes(site_to_json(gateway->site, doc));
    g_autofree char *site = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, api->site);
    g_autofree char *page = g_compute_checksum_for_string(G_CHECKSUM_SHA256, gateway->page_template, -1);
    api->salt = g_strdup_printf("%s %s %s", daemon_version(), site, page);
    api->site_etag = api_etag(api, "", "site");
}

void api_release(Api *api)
{
    g_clear_pointer(&api->site, g_bytes_unref);
    g_clear_pointer(&api->site_etag, g_free);
    g_clear_pointer(&api->salt, g_free);
}
