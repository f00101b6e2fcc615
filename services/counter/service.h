/* SPDX-License-Identifier: Apache-2.0 */
/* The counter service: a thread that writes the ticks when they are due. Reports its health as "kafka" and
 * "ticks". */
#ifndef DAYWIRE_COUNTER_SERVICE_H
#define DAYWIRE_COUNTER_SERVICE_H

#include "common/config/config.h"

typedef struct CounterService CounterService;

/* `config` must stay valid until counter_service_stop(). INVALID: what is wrong with the counters. Waits for
 * no broker. */
CounterService *counter_service_start(const Config *config, GError **error) MUST_CHECK;

/* Any thread. Takes the counters and [counters] catch-up of `config`, which it does not keep; the rest holds
 * from the start of the process to its end. INVALID: what is wrong; then nothing changes. */
bool counter_service_reload(CounterService *service, const Config *config, GError **error) MUST_CHECK;

/* Ends a transaction that is under way, at most some seconds. NULL is fine. */
void counter_service_stop(CounterService *service);

#endif
