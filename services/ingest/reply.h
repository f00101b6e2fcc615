/* SPDX-License-Identifier: Apache-2.0 */
/* What the API says about statements, as JSON. Pure, any thread. */
#ifndef DAYWIRE_INGEST_REPLY_H
#define DAYWIRE_INGEST_REPLY_H

#include <jansson.h>

#include "ingest/job.h"

/* The status for one item: 200, 201, 404, 409 or 500. */
int reply_status(const JobItem *item);

/* {"id","revision","state","change","result","topic","partition","offset","statement"}; not for a refused
 * item. */
GBytes *reply_item(const JobItem *item);
/* {"state","topic","partition","offset","statement"} */
GBytes *reply_stored(const StoredStatement *stored);

/* The line of a batch's answer: {"line","status","id","revision","result","state"}, or
 * {"line","status","id","detail"}. */
void reply_append_item_line(GString *text, unsigned line, const JobItem *item);
/* {"line","status","field","detail"} */
void reply_append_refused_line(GString *text, unsigned line, const char *field, const GError *error);

#endif
