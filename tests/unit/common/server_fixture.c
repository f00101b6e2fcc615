/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/server_fixture.h"

HttpServer *server_fixture_start(HttpServerOptions options, unsigned *ret_port)
{
    g_autoptr(GError) error = NULL;

    options.listen = "127.0.0.1:0";
    HttpServer *server = http_server_start(&options, &error);
    if (!server)
        fail_msg("%s", error->message);
    *ret_port = http_server_port(server);
    return server;
}
