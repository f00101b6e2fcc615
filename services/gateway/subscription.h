/* SPDX-License-Identifier: Apache-2.0 */
/* What one client is subscribed to: a position in the log plus a filter, and at its beginning what has to be
 * sent before the log goes on (a snapshot, or a replay out of the view). Nothing is queued here: a slow
 * client is a small number.
 *
 * Order to a client: `subscribed` with its verdict, snapshot or replay, `caught_up`, then live; no event
 * twice, none skipped, none older than one already sent for the same key. Owned by one worker thread. */
#ifndef DAYWIRE_GATEWAY_SUBSCRIPTION_H
#define DAYWIRE_GATEWAY_SUBSCRIPTION_H

#include "gateway/event_log.h"
#include "gateway/messages.h"
#include "gateway/view.h"

typedef struct Subscription Subscription;

/* Decides the verdict and prepares what comes first. `request` is a subscribe message. UNAVAILABLE: the view
 * cannot be read now. INVALID: since is not a cursor of ours at all is no error but a reset. */
Subscription *subscription_new(EventLog *log, ViewReader *reader, const ClientMessage *request, Format format,
                               GError **error) MUST_CHECK;
void subscription_free(Subscription *subscription);

/* Appends the next frames (GBytes, new references) to `frames`, at least one if there is any, then up to
 * `max_bytes` together. Returns false when the client has everything. A client that fell out of the window
 * gets a fresh snapshot. */
bool subscription_take(Subscription *subscription, ViewReader *reader, size_t max_bytes, GPtrArray *frames,
                       GError **error) MUST_CHECK;

/* Leaves these channels (bits). Returns the channels left. */
unsigned subscription_leave(Subscription *subscription, unsigned channels);

/* The cursor up to which everything has been taken, for heartbeats and bye. Owned by the subscription or the
 * log; valid until the next call. */
const char *subscription_cursor(const Subscription *subscription);

#endif
