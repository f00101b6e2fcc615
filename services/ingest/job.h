/* SPDX-License-Identifier: Apache-2.0 */
/* A request to the engine: one or many submissions that are stored together, and what became of them. Whoever
 * submits it fills in the first part; the engine fills in the rest and calls `finished`, once. */
#ifndef DAYWIRE_INGEST_JOB_H
#define DAYWIRE_INGEST_JOB_H

#include "ingest/accept.h"
#include "ingest/feeds/changes.h"
#include "ingest/store/store.h"
#include "ingest/submission.h"

typedef struct {
    Submission submission;
    /* the outcome */
    AcceptResult result;
    GError *refusal;      /* RESULT_REFUSED: why */
    const char *field;    /* static; RESULT_REFUSED: the field at fault, or NULL */
    bool withheld;        /* RESULT_REFUSED: for what is scheduled alone, so that it may be handed in again */
    uint32_t withheld_at; /* the latest revision then; 0: there is none */
    Statement *latest;    /* the statement as it is now; NULL when refused, or never published */
    GBytes *packed;       /* of `latest`, when it is new and not yet given to the publisher; else NULL */
    int64_t position;     /* of its row in the outbox; 0: the broker has it, or nothing was to be published */
    StorePublished published;
    Statement *scheduled;     /* what is scheduled now; NULL: nothing, or refused */
    int64_t schedule_version; /* of it (store.h) */
} JobItem;

typedef enum {
    JOB_STORED,    /* durable; items that the broker has already are told by job_item_is_published() */
    JOB_PUBLISHED, /* durable, and the broker has every item */
    JOB_FAILED,    /* nothing was stored */
} JobOutcome;

typedef struct Job Job;
struct Job {
    GArray *items;     /* of JobItem, at least one; none when `republish` or `feed` */
    FeedChanges *feed; /* stored with the items; NULL: none */
    bool republish;    /* puts all statements into the outbox again */
    int64_t wait_us;   /* how long to wait until the broker has every item; 0: not at all */
    /* On the engine's thread. Takes over the job. `failure`: UNAVAILABLE or FAILED, for JOB_FAILED, else
     * NULL. */
    void (*finished)(Job *job, JobOutcome outcome, const GError *failure);
    void *user;
    int64_t republished; /* the outcome: statements that are in the outbox again */
    /* the engine's */
    unsigned awaited; /* items that the broker does not have yet */
    int64_t deadline; /* g_get_monotonic_time() */
};

Job *job_new(void);
/* Takes over the submission. */
void job_add(Job *job, Submission submission);
JobItem *job_item(const Job *job, guint index);
void job_free(Job *job); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)

bool job_item_is_published(const JobItem *item);

#endif
