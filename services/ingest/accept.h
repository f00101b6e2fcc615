/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a submission, given what is known of the statement. Pure; time is an argument. */
#ifndef DAYWIRE_INGEST_ACCEPT_H
#define DAYWIRE_INGEST_ACCEPT_H

#include "common/instant.h"
#include "ingest/submission.h"

typedef enum {
    RESULT_CREATED,   /* the first revision */
    RESULT_UPDATED,   /* a further one: updated, corrected, or published again after a withdrawal */
    RESULT_UNCHANGED, /* nothing is to be written */
    RESULT_WITHDRAWN,
    RESULT_REFUSED, /* nothing is to be written, and the submitter has to know why */
} AcceptResult;

typedef struct {
    const Statement *latest; /* NULL: the id is new */
    const Statement
        *previous; /* the revision before, when `latest` is a withdrawal and there is one; else NULL */
} AcceptKnown;

/* The new revision, whole, in *ret_revision when one is to be written, else NULL. When refused: NOT_FOUND or
 * CONFLICT with the reason. */
AcceptResult accept_submission(const AcceptKnown *known, const Submission *submission, Instant now,
                               Statement **ret_revision, GError **error);

#endif
