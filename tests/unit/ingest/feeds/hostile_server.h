/* SPDX-License-Identifier: Apache-2.0 */
/* A web server that behaves as badly as the test says. One connection at a time, on a thread of its own. */
#ifndef DAYWIRE_TESTS_HOSTILE_SERVER_H
#define DAYWIRE_TESTS_HOSTILE_SERVER_H

#include <stdbool.h>

#include <glib.h>

typedef struct HostileServer HostileServer;

/* What is done with a request; `request` is its head as it came. False when the peer has gone. On the server's thread. */
typedef bool (*HostileHandler)(int fd, const char *request);

typedef struct {
    const char *path;
    HostileHandler handler;
} HostileRoute;

/* On 127.0.0.2, so that 127.0.0.1 is another address. `routes` ends with a path of NULL and must stay valid. */
HostileServer *hostile_server_start(const HostileRoute *routes);
void hostile_server_stop(HostileServer *server);
unsigned hostile_server_port(const HostileServer *server);
unsigned hostile_server_requests(HostileServer *server);

/* For handlers. False when the peer has gone. */
bool hostile_send(int fd, const void *data, size_t size);
bool hostile_send_text(int fd, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Waits until the peer goes. */
void hostile_hold(int fd);

#endif
