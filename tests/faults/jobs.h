/* SPDX-License-Identifier: Apache-2.0 */
/* A seeded stream of jobs for the engine: statements made, updated, corrected, withdrawn, in
 * batches, and again; some that expire; some scheduled (these have ids of their own) and cancelled; all published again;
 * and those of feeds (feed_jobs.h). */
#ifndef DAYWIRE_TESTS_FAULTS_JOBS_H
#define DAYWIRE_TESTS_FAULTS_JOBS_H

#include "dice.h"
#include "ingest/job.h"

#define JOBS_WAIT_MAX_US (2 * INT64_C(1000000))

/* Nothing is published, scheduled or kept longer. */
#define JOBS_HORIZON_US (6 * INT64_C(1000000))

extern const char *const JOBS_IDS[8];

typedef struct Jobs Jobs;

Jobs *jobs_new(Dice *dice);
void jobs_free(Jobs *jobs);

/* Without `finished` and `user`. *ret_certain (of bool, one an item): it makes a revision, whatever is there. */
Job *jobs_next(Jobs *jobs, GArray *ret_certain);

#endif
