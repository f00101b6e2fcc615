/* SPDX-License-Identifier: Apache-2.0 */
/* The calendars of the counters' days to remember. The rules are not on the bus: they are those of this gateway's own
 * configuration. One thread makes all calendars, since rules are for one at a time, and a worker has streams
 * to serve. */
#ifndef DAYWIRE_GATEWAY_CALENDARS_H
#define DAYWIRE_GATEWAY_CALENDARS_H

#include "common/config/config.h"
#include "common/http/exchange.h"
#include "common/instant.h"
#include "gateway/origins.h"

#define CALENDARS_DAYS_AHEAD  1826 /* five years, today not counted */
#define CALENDARS_WAITING_MAX 64   /* requests; beyond it 503 */

typedef struct Calendars Calendars;

/* INVALID: what is wrong with the counters. `title` is the site's; it and `origins` must stay valid. */
Calendars *calendars_start(const Config *config, const char *title, const Origins *origins, GError **error)
    MUST_CHECK;
/* Any thread: takes the rules of `config`. INVALID: what is wrong; then nothing changes. */
bool calendars_reload(Calendars *calendars, const Config *config, GError **error) MUST_CHECK;
/* What still waits, or is being made, is answered 503. NULL is fine. */
void calendars_stop(Calendars *calendars);

/* Any thread. Takes over the request and answers it: the calendar of a counter from `now`'s date in its zone on, or 404
 * when this configuration has no such counter. `counter` NULL: of all. `language` as tick_label_near() takes it. */
void calendars_answer(Calendars *calendars, HttpRequest *request, const char *counter, const char *language,
                      Instant now);

#endif
