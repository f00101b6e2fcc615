/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows of the outbox wait for the bus, whether any more may ([ingest] max-backlog), and what /metrics says of
 * them. The rows themselves are the store's (store.h) and the publisher's. Owned by the engine's thread, but for
 * backlog_admits(). */
#ifndef DAYWIRE_INGEST_BACKLOG_H
#define DAYWIRE_INGEST_BACKLOG_H

#include "common/config/config.h"
#include "ingest/ingest_metrics.h"
#include "ingest/job.h"

typedef struct Backlog Backlog;

/* Of `depth` rows, which is told. Keeps the gauges of the outbox, not `metrics`. */
Backlog *backlog_new(const Config *config, const IngestMetrics *metrics, int64_t depth);
void backlog_free(Backlog *backlog); /* NULL is fine */

/* After the commit: so many rows have come into the outbox, or (negative) have left it. */
void backlog_change(Backlog *backlog, int64_t rows);
/* Nobody knows what became of some rows: they are to be counted. */
void backlog_doubt(Backlog *backlog);
/* Counts the rows if there is doubt, and reads every one for it: not at each turn. The errors of the store, and the doubt
 * stays. */
bool backlog_recount(Backlog *backlog, Store *store, GError **error) MUST_CHECK;

/* Sets the gauge of the depth, and what backlog_admits() goes by. */
void backlog_tell_depth(Backlog *backlog);
/* Sets the gauge of the oldest row's age. The errors of the store. */
bool backlog_tell_age(Backlog *backlog, Store *store, GError **error) MUST_CHECK;

/* Any thread: whether the job may be taken, by the depth that was told last. UNAVAILABLE: it adds rows, and no more may
 * wait. What takes something back must not wait for a broker that is away. */
bool backlog_admits(const Backlog *backlog, const Job *job, GError **error) MUST_CHECK;

#endif
