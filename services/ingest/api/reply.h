/* SPDX-License-Identifier: Apache-2.0 */
/* What the API says about statements, as JSON. Pure, any thread. */
#ifndef DAYWIRE_INGEST_API_REPLY_H
#define DAYWIRE_INGEST_API_REPLY_H

#include "ingest/job.h"
#include "ingest/api/request_body.h"

/* The status for one item: 200, 201, 202 (scheduled), 400, 404, 409, 412 or 500. */
int reply_status(const JobItem *item);

/* The ETag of a statement (etag.h), g_malloc'd; NULL: nothing has this id. */
char *reply_etag(const Statement *latest, int64_t schedule_version);

/* {"id","revision","result","change","state","topic","partition","offset","statement","scheduled"}; the last one only
 * when something is. `statement` is what is scheduled where nothing was ever published. Not for a refused item. */
GBytes *reply_item(const JobItem *item);
/* {"state","topic","partition","offset","statement","scheduled"} */
GBytes *reply_stored(const StoredStatement *stored);

/* {"revision","change","note","at","by","title","statement"} */
GBytes *reply_revision(const StoredRevision *revision);
/* {"id","revisions":[the same without "statement"],"next"}; `next` is the `before` of the next page, or null. */
GBytes *reply_history(const char *id, const GArray *revisions);

/* {"statements"} */
GBytes *reply_republished(int64_t count);

/* The answer to one line of many: {"line","status","id","revision","result","state"}, or
 * {"line","status","id","field","detail"}, `field` only when one is at fault. */
void reply_append_item_line(GString *text, uint64_t line, const JobItem *item);
/* The line's error: {"line","status","field","detail"} */
void reply_append_refused_line(GString *text, const BodyLine *line);
/* Nothing of it was stored now: status 503, {"line","status","id","detail"} */
void reply_append_failed_line(GString *text, uint64_t line, const JobItem *item, const char *detail);

#endif
