/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that serves clients: its own event loop, its own libwebsockets context, its own listening socket
 * on the common port (SO_REUSEPORT: the kernel spreads the connections), its own reader of the view. Workers
 * share nothing that changes but the log, the limits and the metrics. */
#ifndef DAYWIRE_GATEWAY_WORKER_H
#define DAYWIRE_GATEWAY_WORKER_H

#include "gateway/gateway.h"

typedef struct Worker Worker;

/* Listens, and is told of new events (so: before the consumer starts), but serves nobody yet. UNAVAILABLE:
 * the port cannot be had. */
Worker *worker_new(const Gateway *gateway, const char *listen, GError **error) MUST_CHECK;
/* For a listen address with port 0. */
unsigned worker_port(const Worker *worker);

/* Starts the thread. After the consumer has been started, which makes the view. */
bool worker_start(Worker *worker, GError **error) MUST_CHECK;

/* Any thread. Accepts no more, tells all sessions to go over the drain time, then ends. */
void worker_drain(Worker *worker);
/* Any thread. Ends without more ado; after worker_drain() too. */
void worker_stop(Worker *worker);
/* Whether the thread has nothing left to do. Any thread. */
bool worker_done(const Worker *worker);

/* Waits for the thread to end, if it was started. */
void worker_join(Worker *worker);
/* After the consumer has stopped, which wakes workers. NULL is fine. */
void worker_free(Worker *worker);

#endif
