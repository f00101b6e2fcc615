/* SPDX-License-Identifier: Apache-2.0 */
/* Parses what is handed in one by one, and answers when its job is finished. Many at once: lines.c. */
#include "ingest/api/routes.h"

#include "common/error.h"
#include "common/statement_rules.h"
#include "ingest/etag.h"
#include "ingest/api/reply.h"
#include "ingest/api/request_body.h"

/* ---- answering ---- */

static void respond_item(HttpRequest *request, const JobItem *item, bool expired)
{
    if (item->result == RESULT_REFUSED) {
        http_respond_problem(request, reply_status(item), item->refusal->message, item->field);
        return;
    }
    g_autoptr(GBytes) body = reply_item(item);
    g_autofree char *location = g_strconcat("/v1/statements/", item->submission.statement->id, NULL);
    g_autofree char *etag = reply_etag(item->latest, item->schedule_version);
    bool located = item->result == RESULT_CREATED || item->result == RESULT_SCHEDULED;
    const char *headers[] = {"ETag", etag, "Location", location, NULL};

    if (!located)
        headers[2] = NULL;
    http_respond(request, expired ? 202 : reply_status(item), "application/json",
                 etag != NULL ? headers : NULL, body);
}

static void respond_republished(HttpRequest *request, const Job *job)
{
    g_autoptr(GBytes) body = reply_republished(job->republished);
    http_respond(request, 200, "application/json", NULL, body);
}

/* On the engine's thread. */
static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    HttpRequest *request = job->user;
    bool expired = job->wait_us > 0 && outcome == JOB_STORED;

    if (outcome == JOB_FAILED)
        http_respond_problem(request, 503, failure->message, NULL);
    else if (job->republish)
        respond_republished(request, job);
    else
        respond_item(request, job_item(job, 0), expired);
    job_free(job);
}

/* ---- parsing ---- */

static void submit(Api *api, HttpRequest *request, Job *job)
{
    g_autoptr(GError) error = NULL;

    job->user = request;
    job->finished = on_finished;
    job->wait_us = http_request_query(request, "wait") != NULL ? api->wait_us : 0;
    if (!engine_submit(api->engine, job, &error))
        on_finished(job, JOB_FAILED, error);
}

bool api_check_preconditions(HttpRequest *request, bool taken)
{
    static const char *const headers[][2] = {{"if-match", "If-Match"}, {"if-none-match", "If-None-Match"}};

    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        const char *value = http_request_header(request, headers[i][0]);
        if (value == NULL || (taken && etag_header_is_valid(value)))
            continue;
        g_autofree char *detail =
            g_strconcat(headers[i][1],
                        taken ? ": it takes * or entity tags in quotation marks, as ETag gives them"
                              : ": it is for a request about one statement",
                        NULL);
        http_respond_problem(request, 400, detail, NULL);
        return false;
    }
    return true;
}

static void submit_one(Api *api, HttpRequest *request, Submission submission)
{
    if (!api_check_preconditions(request, true)) {
        submission_clear(&submission);
        return;
    }
    Job *job = job_new();
    submission.submitter = g_strdup(api_token_name(request));
    submission.if_match = g_strdup(http_request_header(request, "if-match"));
    submission.if_none_match = g_strdup(http_request_header(request, "if-none-match"));
    job_add(job, submission);
    submit(api, request, job);
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

/* ---- routes ---- */

void api_post_statements(HttpRequest *request, void *user)
{
    MediaType type = media_type_parse(http_request_header(request, "content-type"));

    if (!api_check_query(request, (const char *const[]){"wait", NULL}))
        return;
    if (type == MEDIA_UNKNOWN) {
        refuse_media_type(request, "application/json, application/x-ndjson, application/protobuf");
        return;
    }
    Statement *statement = read_statement(request, type);
    if (statement != NULL)
        submit_one(user, request, submission_make(SUBMISSION_POST, statement));
}

void api_put_statement(HttpRequest *request, void *user)
{
    MediaType type = media_type_parse(http_request_header(request, "content-type"));
    const char *id = http_request_segment(request, "id");

    if (!api_check_query(request, (const char *const[]){"wait", NULL}))
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

void api_delete_statement(HttpRequest *request, void *user)
{
    g_autoptr(Statement) wish = statement_new();
    g_autoptr(GError) error = NULL;
    const char *field = NULL;

    if (!api_check_query(request, (const char *const[]){"note", "wait", NULL}))
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

void api_cancel_schedule(HttpRequest *request, void *user)
{
    const char *id = http_request_segment(request, "id");

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    if (!id_is_valid(id, STATEMENT_ID_MAX)) {
        http_respond_problem(request, 404, "nothing is scheduled for this id", NULL);
        return;
    }
    Statement *wish = statement_new();
    message_set_string(&wish->id, id);
    submit_one(user, request, submission_make(SUBMISSION_CANCEL, wish));
}

void api_republish(HttpRequest *request, void *user)
{
    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    Job *job = job_new();
    job->republish = true;
    submit(user, request, job);
}
