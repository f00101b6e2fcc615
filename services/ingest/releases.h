/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for an instant: when the next one comes, and what is due then, as a job. One thread, the engine's. */
#ifndef DAYWIRE_INGEST_RELEASES_H
#define DAYWIRE_INGEST_RELEASES_H

#include "common/config/config.h"
#include "common/metrics.h"
#include "ingest/job.h"

typedef struct Releases Releases;

/* `scheduled` is the gauge of what waits. UNAVAILABLE: the system has no descriptors left. */
Releases *releases_new(const Config *config, Metric *scheduled, GError **error) MUST_CHECK;
void releases_free(Releases *releases); /* NULL is fine */

/* After each transaction that may have changed what waits. When it fails, what is due is looked for until it succeeds. */
bool releases_look_ahead(Releases *releases, Store *store, GError **error) MUST_CHECK;

/* What is due by `now`, to be run before all other jobs; *ret_job is NULL when there is nothing. It says by itself what
 * came of it, and comes again after a second at the earliest, unless releases_worked() is called. */
bool releases_take(Releases *releases, Store *store, Instant now, int64_t monotonic, Job **ret_job,
                   GError **error) MUST_CHECK;
/* A transaction has succeeded. */
void releases_worked(Releases *releases);

/* A descriptor that is readable when there may be something to take, until the next call; -1: not now. */
int releases_fd(Releases *releases, int64_t monotonic);

#endif
