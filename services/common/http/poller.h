/* SPDX-License-Identifier: Apache-2.0 */
/* Watches sockets beside libwebsockets, which ties reading, writing and its parser together in ways that a
 * connection with data in both directions at once cannot use (see exchange.c): one epoll instance, itself a
 * descriptor that the context's loop watches. Level-triggered. One thread. */
#ifndef DAYWIRE_COMMON_HTTP_POLLER_H
#define DAYWIRE_COMMON_HTTP_POLLER_H

#include <stdbool.h>
#include <glib.h>

typedef struct HttpPoller HttpPoller;

/* FAILED: out of descriptors. */
HttpPoller *http_poller_new(GError **error) MUST_CHECK;
void http_poller_free(HttpPoller *poller); /* NULL is fine */

/* Readable when http_poller_dispatch() has something to do. */
int http_poller_fd(const HttpPoller *poller);

typedef struct HttpPolled HttpPolled;
/* Calls `ready` from http_poller_dispatch(); with `broken`, whatever is watched for, when nothing can be sent any
 * more. NULL: the kernel has no room for it. */
HttpPolled *http_polled_new(HttpPoller *poller, int fd, void (*ready)(bool broken, void *user), void *user)
    MUST_CHECK;
/* What is watched for from now on; nothing at first. */
void http_polled_watch(HttpPolled *polled, bool input, bool output);
/* Before the socket is closed; also from within `ready`. NULL is fine. */
void http_polled_free(HttpPolled *polled);

void http_poller_dispatch(HttpPoller *poller);

#endif
