/* SPDX-License-Identifier: Apache-2.0 */
#include "common/admin.h"

#include "common/health.h"
#include "common/http/server.h"
#include "common/metrics.h"

#define CONNECTIONS_MAX 64
#define TIMEOUT_S       10

struct Admin {
    HttpServer *server;
};

/* Takes over `text`. */
static void respond_text(HttpRequest *request, int status, const char *content_type, char *text)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    g_autoptr(GBytes) body = g_bytes_new_take(text, strlen(text));

    http_respond(request, status, content_type, headers, body);
}

static void get_livez(HttpRequest *request, void *user)
{
    (void)user;
    respond_text(request, 200, "text/plain; charset=utf-8", g_strdup("ok\n"));
}

static void get_readyz(HttpRequest *request, void *user)
{
    char *text = NULL;
    bool ready = health_ready(&text);

    (void)user;
    respond_text(request, ready ? 200 : 503, "text/plain; charset=utf-8", text);
}

static void get_metrics(HttpRequest *request, void *user)
{
    (void)user;
    respond_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", metrics_text());
}

Admin *admin_start(const char *listen, GError **error)
{
    static const HttpRoute routes[] = {
        {"GET", "/livez", get_livez},
        {"GET", "/readyz", get_readyz},
        {"GET", "/metrics", get_metrics},
        {NULL, NULL, NULL},
    };
    HttpServer *server = http_server_start(
        &(HttpServerOptions){
            .listen = listen, .routes = routes, .max_connections = CONNECTIONS_MAX, .timeout_s = TIMEOUT_S},
        error);

    if (server == NULL)
        return NULL;
    Admin *admin = g_new0(Admin, 1);
    admin->server = server;
    return admin;
}

void admin_stop(Admin *admin)
{
    if (admin == NULL)
        return;
    http_server_stop(admin->server);
    g_free(admin);
}

unsigned admin_port(const Admin *admin)
{
    return http_server_port(admin->server);
}
