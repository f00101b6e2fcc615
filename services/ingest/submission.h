/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody hands in, whatever the way: the API, a feed, the spool folder, a schedule. */
#ifndef DAYWIRE_INGEST_SUBMISSION_H
#define DAYWIRE_INGEST_SUBMISSION_H

#include "common/model.h"

/* Numbers are stored with what is scheduled: they do not change. */
typedef enum {
    SUBMISSION_POST = 0,     /* one statement, by a person or a program that means this one */
    SUBMISSION_BATCH = 1,    /* one of many: an archive, which may well tell again what has been since */
    SUBMISSION_PUT = 2,      /* the whole statement under its id */
    SUBMISSION_WITHDRAW = 3, /* `statement` holds id and note, and has status WITHDRAWN */
    SUBMISSION_CANCEL = 4,   /* drops what is scheduled; `statement` holds the id */
    SUBMISSION_FEED = 6,     /* one of many: an item of a feed, which tells what holds now */
    SUBMISSION_EXPIRE = 5,   /* as WITHDRAW, and leaves what is scheduled alone */
} SubmissionKind;

/* What histories call who submits what nobody asked for; no token may be called so. */
#define SUBMITTER_EXPIRY "expiry"
#define SUBMITTER_SPOOL  "spool"

/* Whether a submitter of this name is Daywire itself. */
bool submitter_is_reserved(const char *name);

typedef struct {
    SubmissionKind kind;
    Statement *statement; /* owned; valid (statement_rules.h) and with an id; change and note are a wish */
    bool id_derived;      /* the id was made from the content (identity.h) */
    bool offered_again;   /* a feed's that was withheld before, and what it was then is not decided */
    uint32_t offered_at;  /* the latest revision when it was; 0: there was none */
    bool released;        /* it was scheduled, and its instant has come */
    char *submitter;      /* owned; who: a token's name, "feed NAME", as above; NULL: nobody in particular */
    char *if_match;       /* owned; the header (etag.h), or NULL */
    char *if_none_match;  /* owned; as above */
    GError *refusal;      /* owned; its body could not be reduced (html_body.h); NULL: all is well */
} Submission;

/* Takes over `statement`, which must be valid, reduces a body of HTML, and gives it an id when it has none. */
Submission submission_make(SubmissionKind kind, Statement *statement);
void submission_clear(Submission *submission);

#endif
