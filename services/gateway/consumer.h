/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that follows the bus: reads both topics, applies them to the view (offsets in the same
 * transaction), appends events to the log and wakes the workers. At start it reads again what the window
 * covers, so that resumes stay complete over a restart. Finds out whether the bus is still the one that the
 * view was made from; if not, it empties view and log. */
#ifndef DAYWIRE_GATEWAY_CONSUMER_H
#define DAYWIRE_GATEWAY_CONSUMER_H

#include "common/config/config.h"
#include "gateway/event_log.h"
#include "gateway/view.h"

typedef struct Consumer Consumer;

/* Starts the thread; it waits for the broker as long as it takes. Health parts: "kafka", "view". The log and
 * the configuration must outlive it. INVALID, FAILED: the view cannot be opened. */
Consumer *consumer_start(const Config *config, EventLog *log, GError **error) MUST_CHECK;
void consumer_stop(Consumer *consumer);

/* Whether the state as of the start has been read: clients are served from here on. Any thread. */
bool consumer_caught_up(const Consumer *consumer);

/* What a client could not be served for, logged once in a while. LOST: a reader has found the view damaged,
 * which ends the process as if the consumer had found it. Any thread. */
void consumer_report(Consumer *consumer, const GError *error);

#endif
