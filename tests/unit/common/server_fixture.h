/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server on loopback. */
#ifndef DAYWIRE_TESTS_SERVER_FIXTURE_H
#define DAYWIRE_TESTS_SERVER_FIXTURE_H

#include "common/http/server.h"

/* With `listen` set to any free port, which is told. Never NULL. */
HttpServer *server_fixture_start(HttpServerOptions options, unsigned *ret_port);

#endif
