/* SPDX-License-Identifier: Apache-2.0 */
/* Where other threads leave answered requests for the thread that owns the connections. Outlives the server
 * for as long as somebody still holds a request. Any thread. */
#ifndef DAYWIRE_COMMON_HTTP_MAILBOX_H
#define DAYWIRE_COMMON_HTTP_MAILBOX_H

#include <stdbool.h>
#include <glib.h>

#include "common/http/exchange.h"

typedef struct HttpMailbox HttpMailbox;

HttpMailbox *http_mailbox_new(void);
HttpMailbox *http_mailbox_ref(HttpMailbox *mailbox);
void http_mailbox_unref(HttpMailbox *mailbox);

/* The calling thread becomes the owner; `wake` makes it come and look, and is called from any thread with the
 * mailbox locked. */
void http_mailbox_open(HttpMailbox *mailbox, void (*wake)(void *user), void *user);
/* Nothing is taken in or woken any more once this has returned. What lies there is given back as in
 * http_mailbox_take(). */
GPtrArray *http_mailbox_close(HttpMailbox *mailbox);

/* Bytes of bodies that the requests of this mailbox hold until the last reference to each is gone: false when
 * they would be more than `max`. */
bool http_mailbox_reserve(HttpMailbox *mailbox, size_t bytes, size_t max) MUST_CHECK;
void http_mailbox_release(HttpMailbox *mailbox, size_t bytes);

bool http_mailbox_is_owner(HttpMailbox *mailbox);
/* Takes over the caller's reference to the request. False, and the reference stays with the caller, when the
 * mailbox is closed. One wake-up covers everything that is left before the owner comes. */
bool http_mailbox_post(HttpMailbox *mailbox, HttpRequest *request) MUST_CHECK;
/* Owner: all that lies there, oldest first, with its references; NULL when there is nothing. */
GPtrArray *http_mailbox_take(HttpMailbox *mailbox);

#endif
