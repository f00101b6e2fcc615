/* SPDX-License-Identifier: Apache-2.0 */
/* What all workers share: made by main.c before there are threads, and not changed while there are (what the
 * pointers lead to looks after its own threads). */
#ifndef DAYWIRE_GATEWAY_GATEWAY_H
#define DAYWIRE_GATEWAY_GATEWAY_H

#include "common/config/config.h"
#include "gateway/assets.h"
#include "gateway/calendars.h"
#include "gateway/consumer.h"
#include "gateway/event_log.h"
#include "gateway/limits.h"
#include "gateway/origins.h"
#include "gateway/site.h"

typedef struct {
    const Config *config;
    const Site *site;
    const Assets *assets;
    const char *page_template; /* web/page.html */
    const Origins *origins;
    Limits *limits;
    EventLog *log;
    Consumer *consumer;
    Calendars *calendars;

    int64_t heartbeat_us;
    int64_t send_timeout_us;
    int64_t handshake_timeout_us;
    int64_t drain_us;
    size_t max_message;
    unsigned message_rate;
} Gateway;

/* The [gateway] options. */
void gateway_configure(Gateway *gateway, const Config *config);

#endif
