/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of two feeds, as ingest/feeds/intake.h and its poll make them: items that are new or say something else than before,
 * with their statements; items that were passed over or have another name now, without; the state with the last ones
 * of a document, or alone. Nobody else writes the statements. All that a job writes is marked with its number: the
 * state's etag and digest with "J12", the text and the digest of its third item with "J12.2", and so the guid of an item
 * without a statement. */
#ifndef DAYWIRE_TESTS_FAULTS_FEED_JOBS_H
#define DAYWIRE_TESTS_FAULTS_FEED_JOBS_H

#include "dice.h"
#include "ingest/job.h"

/* Fills an empty job. `certain`: see jobs.h; each item makes a revision. */
void feed_jobs_fill(Job *job, Dice *dice, unsigned number, GArray *certain);

/* Of a first poll, marked with "H0", which passed over an item that has as many names as are kept. job_free() it. */
Job *feed_jobs_first(void);

#endif
