/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody hands in, whatever the way: the API, and later a feed, a spool folder or a schedule. */
#ifndef DAYWIRE_INGEST_SUBMISSION_H
#define DAYWIRE_INGEST_SUBMISSION_H

#include "common/model.h"

typedef enum {
    SUBMISSION_POST,     /* one statement, by a person or a program that means this one */
    SUBMISSION_BATCH,    /* one of many: an import, which may well hold what is known already */
    SUBMISSION_PUT,      /* the whole statement under its id */
    SUBMISSION_WITHDRAW, /* `statement` holds id and note, and has status WITHDRAWN */
} SubmissionKind;

typedef struct {
    SubmissionKind kind;
    Statement *statement; /* owned; valid (statement_rules.h) and with an id; change and note are a wish */
    bool id_derived;      /* the id was made from the content (identity.h) */
} Submission;

/* Takes over `statement`, which must be valid, and gives it an id when it has none. */
Submission submission_make(SubmissionKind kind, Statement *statement);
void submission_clear(Submission *submission);

#endif
