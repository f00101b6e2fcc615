/* SPDX-License-Identifier: Apache-2.0 */
/* Requests are parsed on the server's thread; answers are made on the engine's, which is where a job
 * finishes. */
#include "ingest/api.h"

#include "common/error.h"
#include "common/health.h"
#include "common/http/server.h"
#include "common/log.h"
#include "common/statement_rules.h"
#include "ingest/ingest_metrics.h"
#include "ingest/reply.h"
#include "ingest/request_body.h"
#include "ingest/token.h"

#define CONNECTIONS_MAX 1000
#define TIMEOUT_S       30

struct Api {
    Engine *engine;
    Token *token; /* NULL: nobody is let in */
    StoreReader *reader;
    bool reader_well; /* as far as we know; the server's thread */
    HttpServer *server;
    int64_t wait_us;
};

/* A request that waits for its job. */
typedef struct {
    HttpRequest *request;
    GArray *lines; /* of BodyLine, for a batch; else NULL */
} Call;

static bool is_admitted(HttpRequest *request, void *user)
{
    const Api *api = user;
    const char *detail = "the bearer token is missing or wrong";

    if (api->token == NULL)
        detail = "no token is configured here ([ingest] token-file), so that all requests are refused";
    else if (token_matches(api->token, http_request_header(request, "authorization")))
        return true;
    http_respond_problem(request, 401, detail, NULL);
    return false;
}

static void observe(int status, void *user)
{
    (void)user;
    ingest_metrics_count_request(status);
}

/* ---- answering ---- */

static void respond_item(HttpRequest *request, const JobItem *item, bool expired)
{
    if (item->result == RESULT_REFUSED) {
        http_respond_problem(request, reply_status(item), item->refusal->message, NULL);
        return;
    }
    g_autoptr(GBytes) body = reply_item(item);
    g_autofree char *location = g_strconcat("/v1/statements/", item->latest->id, NULL);
    const char *const headers[] = {"Location", location, NULL};
    http_respond(request, expired ? 202 : reply_status(item), "application/json",
                 item->result == RESULT_CREATED ? headers : NULL, body);
}

/* `job` is NULL when no line was worth one. */
static void respond_lines(HttpRequest *request, const GArray *lines, const Job *job, bool expired)
{
    GString *text = g_string_new(NULL);
    guint next = 0;

    for (guint i = 0; i < lines->len; i++) {
        const BodyLine *line = &g_array_index(lines, BodyLine, i);
        if (line->error != NULL)
            reply_append_refused_line(text, line->number, line->field, line->error);
        else
            reply_append_item_line(text, line->number, job_item(job, next++));
    }
    g_autoptr(GBytes) body = g_string_free_to_bytes(text);
    http_respond(request, expired ? 202 : 200, "application/x-ndjson", NULL, body);
}

/* On the engine's thread. */
static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    Call *call = job->user;
    bool expired = job->wait_us > 0 && outcome == JOB_STORED;

    if (outcome == JOB_FAILED)
        http_respond_problem(call->request, 503, failure->message, NULL);
    else if (call->lines != NULL)
        respond_lines(call->request, call->lines, job, expired);
    else
        respond_item(call->request, job_item(job, 0), expired);
    g_clear_pointer(&call->lines, g_array_unref);
    g_free(call);
    job_free(job);
}

/* ---- parsing ---- */

/* False when the request has been refused for its query. */
static bool check_query(HttpRequest *request, const char *const *allowed)
{
    const char *unknown = http_request_unknown_query(request, allowed);
    const char *wait = http_request_query(request, "wait");
    const char *repeated = NULL;

    if (unknown != NULL) {
        g_autofree char *detail = g_strdup_printf("there is no query parameter %s here", unknown);
        http_respond_problem(request, 400, detail, unknown);
        return false;
    }
    for (const char *const *name = allowed; *name != NULL; name++)
        if (http_request_query_nth(request, *name, 1) != NULL)
            repeated = *name;
    if (repeated != NULL) {
        g_autofree char *detail = g_strdup_printf("%s: is given more than once", repeated);
        http_respond_problem(request, 400, detail, repeated);
        return false;
    }
    if (wait != NULL && strcmp(wait, "published") != 0) {
        http_respond_problem(request, 400, "wait: only wait=published is known", "wait");
        return false;
    }
    return true;
}

static void submit(Api *api, HttpRequest *request, Job *job, GArray *lines)
{
    g_autoptr(GError) error = NULL;
    Call *call = g_new(Call, 1);

    *call = (Call){.request = request, .lines = lines};
    job->user = call;
    job->finished = on_finished;
    job->wait_us = http_request_query(request, "wait") != NULL ? api->wait_us : 0;
    if (!engine_submit(api->engine, job, &error))
        on_finished(job, JOB_FAILED, error);
}

static void submit_one(Api *api, HttpRequest *request, Submission submission)
{
    Job *job = job_new();

    job_add(job, submission);
    submit(api, request, job, NULL);
}

static void refuse_media_type(HttpRequest *request, const char *accepted)
{
    const char *sent = http_request_header(request, "content-type");
    g_autofree char *detail = g_strdup_printf("Content-Type %s is not taken here, but %s",
                                              sent != NULL ? sent : "(none)", accepted);

    http_respond_problem(request, 415, detail, NULL);
}

/* NULL when the request has been refused. */
static Statement *read_statement(HttpRequest *request, MediaType type)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    Statement *statement = body_statement(type, http_request_body(request), &field, &error);

    if (statement == NULL)
        http_respond_problem(request, 400, error->message, field);
    return statement;
}

static void post_lines(Api *api, HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) lines = body_lines(http_request_body(request), &error);
    g_autoptr(Job) job = job_new();

    if (lines == NULL) {
        http_respond_problem(request, 413, error->message, NULL);
        return;
    }
    for (guint i = 0; i < lines->len; i++) {
        BodyLine *line = &g_array_index(lines, BodyLine, i);
        if (line->statement != NULL)
            job_add(job, submission_make(SUBMISSION_BATCH, g_steal_pointer(&line->statement)));
    }
    if (job->items->len == 0)
        respond_lines(request, lines, NULL, false);
    else
        submit(api, request, g_steal_pointer(&job), g_steal_pointer(&lines));
}

/* ---- routes ---- */

static void post_statements(HttpRequest *request, void *user)
{
    MediaType type = media_type_parse(http_request_header(request, "content-type"));

    if (!check_query(request, (const char *const[]){"wait", NULL}))
        return;
    if (type == MEDIA_NDJSON) {
        post_lines(user, request);
        return;
    }
    if (type == MEDIA_UNKNOWN) {
        refuse_media_type(request, "application/json, application/x-ndjson, application/protobuf");
        return;
    }
    Statement *statement = read_statement(request, type);
    if (statement != NULL)
        submit_one(user, request, submission_make(SUBMISSION_POST, statement));
}

static void put_statement(HttpRequest *request, void *user)
{
    MediaType type = media_type_parse(http_request_header(request, "content-type"));
    const char *id = http_request_segment(request, "id");

    if (!check_query(request, (const char *const[]){"wait", NULL}))
        return;
    if (type != MEDIA_JSON && type != MEDIA_PROTOBUF) {
        refuse_media_type(request, "application/json, application/protobuf");
        return;
    }
    if (!id_is_valid(id, STATEMENT_ID_MAX)) {
        g_autofree char *detail =
            g_strdup_printf("id: 1 to %d characters of A-Z a-z 0-9 . _ ~ -", STATEMENT_ID_MAX);
        http_respond_problem(request, 400, detail, "id");
        return;
    }
    g_autoptr(Statement) statement = read_statement(request, type);
    if (statement == NULL)
        return;
    if (*statement->id != '\0' && strcmp(statement->id, id) != 0) {
        http_respond_problem(request, 400, "id: the one in the body is not the one in the path", "id");
        return;
    }
    message_set_string(&statement->id, id);
    submit_one(user, request, submission_make(SUBMISSION_PUT, g_steal_pointer(&statement)));
}

/* The reason of a withdrawal: in the query, or in a body, where it may be long and have several lines. NULL when
 * the request has been refused. */
static char *read_note(HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    const char *note = http_request_query(request, "note");

    if (g_bytes_get_size(http_request_body(request)) == 0)
        return g_strdup(note != NULL ? note : "");
    if (note != NULL) {
        http_respond_problem(request, 400, "note: is given in the query and in the body", "note");
        return NULL;
    }
    if (media_type_parse(http_request_header(request, "content-type")) != MEDIA_JSON) {
        refuse_media_type(request, "application/json");
        return NULL;
    }
    char *text = body_note(http_request_body(request), &field, &error);
    if (text == NULL)
        http_respond_problem(request, 400, error->message, field);
    return text;
}

static void delete_statement(HttpRequest *request, void *user)
{
    g_autoptr(Statement) wish = statement_new();
    g_autoptr(GError) error = NULL;
    const char *field = NULL;

    if (!check_query(request, (const char *const[]){"note", "wait", NULL}))
        return;
    g_autofree char *note = read_note(request);
    if (note == NULL)
        return;
    if (!id_is_valid(http_request_segment(request, "id"), STATEMENT_ID_MAX)) {
        http_respond_problem(request, 404, "there is no statement with this id", NULL);
        return;
    }
    message_set_string(&wish->id, http_request_segment(request, "id"));
    message_set_string(&wish->note, note);
    wish->status = STATEMENT_STATUS_WITHDRAWN;
    wish->change = STATEMENT_CHANGE_WITHDRAWN;
    if (!statement_validate(wish, &field, &error))
        http_respond_problem(request, 400, error->message, field);
    else
        submit_one(user, request, submission_make(SUBMISSION_WITHDRAW, g_steal_pointer(&wish)));
}

/* A writer that lives on its cache does not notice a damaged file; readers do. */
static void tell_reader(Api *api, const GError *error)
{
    if (api->reader_well && error == NULL)
        return;
    api->reader_well = error == NULL;
    health_set("reader", error == NULL, error != NULL ? error->message : NULL);
}

static void get_statement(HttpRequest *request, void *user)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    Api *api = user;
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};

    if (!check_query(request, (const char *const[]){NULL}))
        return;
    if (!store_reader_find(api->reader, http_request_segment(request, "id"), &stored, &error)) {
        bool unknown = g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND);
        bool damaged =
            g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID); /* this statement alone */
        tell_reader(api, unknown || damaged ? NULL : error);
        http_respond_problem(request, unknown ? 404 : damaged ? 500 : 503, error->message, NULL);
        return;
    }
    tell_reader(api, NULL);
    g_autoptr(GBytes) body = reply_stored(&stored);
    http_respond(request, 200, "application/json", headers, body);
}

/* ---- start and stop ---- */

static bool load_token(Api *api, const Config *config, GError **error)
{
    const char *path = config_string(config, "ingest", "token-file");

    if (path == NULL || *path == '\0') {
        log_warning("no [ingest] token-file is configured: the API refuses all requests");
        return true;
    }
    api->token = token_load(path, error);
    return api->token != NULL;
}

static bool start_server(Api *api, const Config *config, GError **error)
{
    static const HttpRoute routes[] = {
        {"POST", "/v1/statements", post_statements},
        {"GET", "/v1/statements/{id}", get_statement},
        {"PUT", "/v1/statements/{id}", put_statement},
        {"DELETE", "/v1/statements/{id}", delete_statement},
        {NULL, NULL, NULL},
    };

    api->server = http_server_start(
        &(HttpServerOptions){
            .listen = config_string(config, "ingest", "listen"),
            .routes = routes,
            .admit = is_admitted,
            .observe = observe,
            .user = api,
            .max_body = (size_t)config_bytes(config, "ingest", "max-body"),
            .max_bodies = (size_t)config_bytes(config, "ingest", "max-bodies"),
            .max_connections = CONNECTIONS_MAX,
            .timeout_s = TIMEOUT_S,
        },
        error);
    return api->server != NULL;
}

Api *api_start(const Config *config, Engine *engine, GError **error)
{
    Api *api = g_new0(Api, 1);

    api->engine = engine;
    api->reader_well = true;
    api->wait_us = config_milliseconds(config, "ingest", "wait-timeout") * 1000;
    if (load_token(api, config, error))
        api->reader = store_reader_open(config_string(config, "ingest", "database"), error);
    if (api->reader != NULL && start_server(api, config, error))
        return api;
    api_stop(api);
    return NULL;
}

void api_stop(Api *api)
{
    if (api == NULL)
        return;
    http_server_stop(api->server);
    store_reader_close(api->reader);
    token_free(api->token);
    g_free(api);
}

unsigned api_port(const Api *api)
{
    return http_server_port(api->server);
}
