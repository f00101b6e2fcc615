/* SPDX-License-Identifier: Apache-2.0 */
/* What is done within one transaction of the engine: decides upon submissions by what is stored (accept.h), and
 * writes what was decided. One thread, the store's. Errors are the store's: the transaction is then to be rolled
 * back. */
#ifndef DAYWIRE_INGEST_STORING_H
#define DAYWIRE_INGEST_STORING_H

#include "ingest/job.h"
#include "ingest/submission_limits.h"

/* Fills in the outcome of each item. What is refused, also for its size (`limits`), and a stored statement that is
 * damaged, fails its item alone. */
bool storing_run(Store *store, const SubmissionLimits *limits, Job *job, Instant now, GError **error)
    MUST_CHECK;

/* What has become due by `now` as a job: scheduled submissions, then withdrawals (with `expiry_note`) of what has
 * expired; at most `max` items. *ret_job is NULL when there is nothing. Outside of a transaction, too. */
bool storing_due(Store *store, Instant now, unsigned max, const char *expiry_note, Job **ret_job,
                 GError **error) MUST_CHECK;

/* Whether it may be an `expiry_note`. INVALID, with the option's name. Pure. */
bool storing_check_note(const char *expiry_note, GError **error) MUST_CHECK;

#endif
