/* SPDX-License-Identifier: Apache-2.0 */
/* A listening TCP socket. Knows no libwebsockets. */
#ifndef DAYWIRE_COMMON_HTTP_LISTENER_H
#define DAYWIRE_COMMON_HTTP_LISTENER_H

#include <stdbool.h>
#include <glib.h>

typedef struct HttpListener HttpListener;

/* `address` is "address:port" or "[v6]:port"; port 0 takes a free one. With `shared`, several listeners may
 * have the same port and the kernel spreads the connections (SO_REUSEPORT). INVALID: no such form;
 * UNAVAILABLE: the port cannot be had, with the reason. */
HttpListener *http_listener_new(const char *address, bool shared, GError **error) MUST_CHECK;
void http_listener_free(HttpListener *listener); /* NULL is fine */

int http_listener_fd(const HttpListener *listener); /* non-blocking */
unsigned http_listener_port(const HttpListener *listener);

/* The next connection as a non-blocking socket, or -1 when none waits. When the process is out of
 * file descriptors the connection is taken and dropped at once, so that a loop that polls does not turn in
 * circles. */
int http_listener_accept(HttpListener *listener);

/* libwebsockets reads a table as long as the limit of open files whenever it closes a connection, and
 * containers come with limits of a thousand million: lowers (never raises) the soft limit. Before the first
 * context. */
void http_limit_open_files(unsigned most);

#endif
