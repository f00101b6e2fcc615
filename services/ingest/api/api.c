/* SPDX-License-Identifier: Apache-2.0 */
/* Requests are parsed on the server's thread; answers are made on the engine's, which is where a job
 * finishes. */
#include "ingest/api/api.h"

#include "ingest/api/routes.h"
#include "ingest/ingest_metrics.h"

const char *api_token_name(HttpRequest *request)
{
    return gate_token_name(request);
}

static bool is_admitted(HttpRequest *request, void *user)
{
    return gate_admit(((Api *)user)->gate, request);
}

static void observe(int status, void *user)
{
    (void)user;
    ingest_metrics_count_request(status);
}

/* False when the request has been refused for its query. */
bool api_check_query(HttpRequest *request, const char *const *allowed)
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

/* ---- start and stop ---- */

static bool start_server(Api *api, const Config *config, GError **error)
{
    static const HttpRoute routes[] = {
        {"POST", "/v1/statements", api_post_statements},
        {"GET", "/v1/statements/{id}", api_get_statement},
        {"GET", "/v1/statements/{id}/revisions", api_get_history},
        {"GET", "/v1/statements/{id}/revisions/{revision}", api_get_revision},
        {"PUT", "/v1/statements/{id}", api_put_statement},
        {"DELETE", "/v1/statements/{id}", api_delete_statement},
        {"DELETE", "/v1/statements/{id}/schedule", api_cancel_schedule},
        {"POST", "/v1/republish", api_republish},
        {"GET", "/v1/feeds", api_get_feeds},
        {"POST", "/v1/feeds/{name}/poll", api_poll_feed},
        {NULL, NULL, NULL},
    };

    api->server = http_server_start(
        &(HttpServerOptions){
            .listen = config_string(config, "ingest", "listen"),
            .routes = routes,
            .streams = api_streams,
            .admit = is_admitted,
            .observe = observe,
            .user = api,
            .max_body = (size_t)config_bytes(config, "ingest", "max-body"),
            .max_bodies = (size_t)config_bytes(config, "ingest", "max-bodies"),
            .max_connections = (unsigned)config_integer(config, "ingest", "max-connections"),
            .max_strangers = (unsigned)config_integer(config, "ingest", "max-unauthenticated"),
            .header_timeout_us = config_milliseconds(config, "ingest", "header-timeout") * 1000,
            .body_timeout_us = config_milliseconds(config, "ingest", "body-timeout") * 1000,
            .body_rate = (size_t)config_bytes(config, "ingest", "body-rate"),
            .timeout_s = (int)(config_milliseconds(config, "ingest", "send-timeout") / 1000),
        },
        error);
    return api->server != NULL;
}

Api *api_start(const Config *config, Engine *engine, FeedPoller *poller, GError **error)
{
    Api *api = g_new0(Api, 1);

    api->engine = engine;
    api->poller = poller;
    api->reader_well = true;
    api->wait_us = config_milliseconds(config, "ingest", "wait-timeout") * 1000;
    api->max_line = (size_t)config_bytes(config, "ingest", "max-line");
    api->gate = gate_new(config, error);
    if (api->gate)
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
    gate_free(api->gate);
    g_free(api);
}

bool api_reload(Api *api, const Config *config, GError **error)
{
    return gate_reload(api->gate, config, error);
}

void api_report(Api *api)
{
    gate_report(api->gate);
}

unsigned api_port(const Api *api)
{
    return http_server_port(api->server);
}
