/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of the database and of the bus, whatever went wrong in between:
 *
 *   what was acknowledged is there, byte for byte; what was not is there whole or not at all, a job at a time
 *   what was said to have failed, and was followed by an acknowledgement, is not there
 *   the revisions of an id are 1 to n; integrity_check and foreign_key_check find nothing
 *   a revision without a report of the bus is in the outbox, in order
 *   what the bus has is in the database, the same
 *   a feed's state and the rows and names of its items are there with the job's statements or not at all, those of the
 *   jobs that are stored and of no other
 *   what is scheduled is kept until its instant, and is no revision before it, on the bus or in the database
 *   in the end the bus has every revision, each key's in order, and nothing is due that has not been done
 *
 * It knows nothing of the rules of acceptance: each text that is handed in is different ("J12.3 ...": the third item
 * of job 12), so that what is found tells where it came from. */
#ifndef DAYWIRE_TESTS_FAULTS_ORACLE_H
#define DAYWIRE_TESTS_FAULTS_ORACLE_H

#include "ingest/job.h"

typedef struct Oracle Oracle;

/* `expiry_note`: of a withdrawal that comes by itself. */
Oracle *oracle_new(const char *expiry_note);
void oracle_free(Oracle *oracle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Oracle, oracle_free)

/* What was found wrong first, or NULL. */
const char *oracle_complaint(const Oracle *oracle);
void oracle_complain(Oracle *oracle, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A revision that was there before. */
void oracle_knows(Oracle *oracle, const Statement *revision);
/* The same of a job with a feed, without statements. */
void oracle_knows_feed(Oracle *oracle, const Job *job);

/* A job is about to be handed in; its number. `certain` (of bool, one an item): it makes a revision if it is stored,
 * whatever is there by then. */
unsigned oracle_submits(Oracle *oracle, const Job *job, const GArray *certain);
/* What the engine said of it. `failing`: no write has succeeded since it was handed in. */
void oracle_hears(Oracle *oracle, unsigned number, const Job *job, JobOutcome outcome, bool failing);
/* It was refused before it was handed over. */
void oracle_drops(Oracle *oracle, unsigned number);
bool oracle_was_acknowledged(const Oracle *oracle, unsigned number);

/* Another process reads the file: what failed may be there all the same. */
void oracle_restarts(Oracle *oracle);

/* What a reader found of an id; NULL: no statement. */
void oracle_reads(Oracle *oracle, const char *id, const Statement *latest);

/* The file after a cut, or after the end of a process; what is found there counts as known from here on. */
void oracle_checks_file(Oracle *oracle, const char *path);
/* Whether the bus has reported all that is known. */
bool oracle_bus_has_all(const Oracle *oracle);
/* The bus has everything, the outbox is empty, what was due by `now` is done. After oracle_checks_file(). */
void oracle_checks_end(Oracle *oracle, Instant now);

#endif
