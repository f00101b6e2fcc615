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
    RESULT_SCHEDULED, /* kept until its instant, in place of what was scheduled before */
    RESULT_CANCELLED, /* what was scheduled is dropped, and nothing else */
    RESULT_REFUSED,   /* nothing is to be written, and the submitter has to know why */
} AcceptResult;

typedef struct {
    const Statement *latest;    /* NULL: there is no revision */
    const Statement *repeated;  /* the earlier revision that the submission repeats; NULL: none was found */
    const Statement *scheduled; /* NULL: nothing */
    int64_t schedule_version;   /* of `scheduled`, see etag.h; 0: nothing */
} AcceptKnown;

typedef struct {
    AcceptResult result;
    Statement *revision; /* owned; the new revision, whole; NULL: none is to be written */
    bool drop_scheduled; /* what is scheduled is to go */
    bool withheld;       /* refused for what is scheduled, and may be decided upon after that */
    const char *field;   /* static; refused: the field at fault, or NULL */
} AcceptDecision;

/* Whether the submission may be one that tells again what has been: then an earlier revision is worth looking for. */
bool accept_may_repeat(const Statement *latest, const Submission *submission);
/* Whether the content alone makes it a repetition; else its change and note must be the same, too. */
bool accept_repeats_by_content(const Statement *latest, const Submission *submission);
/* Whether it repeats `revision`, one before `latest`. */
bool accept_repeats(const Statement *revision, const Statement *latest, const Submission *submission);

/* A revision that publishes takes over the submission's statement; what is left there has the id and nothing else.
 * When refused: NOT_FOUND, CONFLICT, STALE (a precondition) or INVALID, with the reason. What is scheduled comes
 * back in here at its instant, with `scheduled` NULL. */
AcceptDecision accept_submission(const AcceptKnown *known, Submission *submission, Instant now,
                                 GError **error);

#endif
