/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs that are stored and wait until the broker has what they stored. One thread. */
#ifndef DAYWIRE_INGEST_WAITING_H
#define DAYWIRE_INGEST_WAITING_H

#include "ingest/job.h"

typedef struct Waiting Waiting;

Waiting *waiting_new(void);
void waiting_free(Waiting *waiting); /* NULL is fine; none may be left */

/* Takes over a stored job that has at least one item with a position, until `job->wait_us` from `now`
 * (monotonic). */
void waiting_add(Waiting *waiting, Job *job, int64_t now);
/* The broker has the row. Jobs that wait for nothing else are finished. */
void waiting_published(Waiting *waiting, const StoreConfirmed *row);
/* Finishes those whose time has come; G_MAXINT64 finishes all. */
void waiting_expire(Waiting *waiting, int64_t now);
/* When the first one expires; G_MAXINT64: there is none. */
int64_t waiting_deadline(const Waiting *waiting);

#endif
