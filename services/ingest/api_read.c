/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api_routes.h"

#include "common/error.h"
#include "common/health.h"
#include "ingest/reply.h"

/* A writer that lives on its cache does not notice a damaged file; readers do. */
static void tell_reader(Api *api, const GError *error)
{
    if (api->reader_well && error == NULL)
        return;
    api->reader_well = error == NULL;
    health_set("reader", error == NULL, error != NULL ? error->message : NULL);
}

void api_get_statement(HttpRequest *request, void *user)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    Api *api = user;
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};

    if (!api_check_query(request, (const char *const[]){NULL}))
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
