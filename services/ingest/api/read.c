/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/routes.h"

#include "common/error.h"
#include "common/health.h"
#include "ingest/api/reply.h"

#define HISTORY_LIMIT     20 /* revisions in an answer, when not asked otherwise */
#define HISTORY_LIMIT_MAX 100

/* A writer that lives on its cache does not notice a damaged file; readers do. */
static void tell_reader(Api *api, const GError *error)
{
    if (api->reader_well && error == NULL)
        return;
    api->reader_well = error == NULL;
    if (error != NULL)
        engine_reads_failed(api->engine, error);
    health_set("reader", error == NULL, error != NULL ? error->message : NULL);
}

static void refuse_reading(Api *api, HttpRequest *request, const GError *error)
{
    bool damaged = g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED); /* this statement alone */

    tell_reader(api, damaged ? NULL : error);
    http_respond_problem(request, damaged ? 500 : 503, error->message, NULL);
}

static void respond(Api *api, HttpRequest *request, const char *etag, GBytes *body)
{
    const char *const headers[] = {"Cache-Control", "no-store", etag != NULL ? "ETag" : NULL, etag, NULL};

    tell_reader(api, NULL);
    http_respond(request, 200, "application/json", headers, body);
}

void api_get_statement(HttpRequest *request, void *user)
{
    Api *api = user;
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    const char *id = http_request_segment(request, "id");
    if (!store_reader_find(api->reader, id, &stored, &error)) {
        refuse_reading(api, request, error);
        return;
    }
    if (!stored_statement_exists(&stored)) {
        g_autofree char *reason = g_strdup_printf("there is no statement with the id %s", id);
        tell_reader(api, NULL);
        http_respond_problem(request, 404, reason, NULL);
        return;
    }
    g_autofree char *etag = reply_etag(stored.latest, stored.schedule.version);
    g_autoptr(GBytes) body = reply_stored(&stored);
    respond(api, request, etag, body);
}

/* ---- history ---- */

/* A whole number from 1 to `most`; *ret_number stays as it is when `text` is NULL. */
static bool read_number(const char *text, uint64_t most, uint64_t *ret_number)
{
    return text == NULL ||
           (g_ascii_isdigit(*text) && g_ascii_string_to_unsigned(text, 10, 1, most, ret_number, NULL));
}

/* NULL when the request has been answered. */
static GArray *read_history(Api *api, HttpRequest *request, uint64_t before, uint64_t max)
{
    const char *id = http_request_segment(request, "id");
    g_autoptr(GArray) revisions = g_array_new(FALSE, FALSE, sizeof(StoredRevision));
    g_autoptr(GError) error = NULL;

    g_array_set_clear_func(revisions, (GDestroyNotify)stored_revision_clear);
    if (store_reader_history(api->reader, id, (uint32_t)before, (unsigned)max, revisions, &error))
        return g_steal_pointer(&revisions);
    refuse_reading(api, request, error);
    return NULL;
}

void api_get_history(HttpRequest *request, void *user)
{
    uint64_t before = 0;
    uint64_t limit = HISTORY_LIMIT;

    if (!api_check_query(request, (const char *const[]){"before", "limit", NULL}))
        return;
    if (!read_number(http_request_query(request, "before"), UINT32_MAX, &before)) {
        http_respond_problem(request, 400, "before: the number of a revision", "before");
        return;
    }
    if (!read_number(http_request_query(request, "limit"), HISTORY_LIMIT_MAX, &limit)) {
        http_respond_problem(request, 400, "limit: a whole number from 1 to " G_STRINGIFY(HISTORY_LIMIT_MAX),
                             "limit");
        return;
    }
    g_autoptr(GArray) revisions = read_history(user, request, before, limit);
    if (revisions == NULL)
        return;
    if (revisions->len == 0 && before == 0) {
        http_respond_problem(request, 404, "there is no revision of a statement with this id", NULL);
        return;
    }
    g_autoptr(GBytes) body = reply_history(http_request_segment(request, "id"), revisions);
    respond(user, request, NULL, body);
}

void api_get_revision(HttpRequest *request, void *user)
{
    uint64_t number = 0;

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    if (!read_number(http_request_segment(request, "revision"), UINT32_MAX - 1, &number)) {
        http_respond_problem(request, 404, "a revision has a number from 1 on", NULL);
        return;
    }
    g_autoptr(GArray) revisions = read_history(user, request, number + 1, 1);
    if (revisions == NULL)
        return;
    const StoredRevision *revision = revisions->len > 0 ? &g_array_index(revisions, StoredRevision, 0) : NULL;
    if (revision == NULL || revision->statement->revision != number) {
        http_respond_problem(request, 404, "there is no such revision", NULL);
        return;
    }
    g_autoptr(GBytes) body = reply_revision(revision);
    respond(user, request, NULL, body);
}
