/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a stream that follow each other, are stored together and answered in their order, one line each. Not
 * locked: whoever has the job has the batch. */
#ifndef DAYWIRE_INGEST_API_LINE_BATCH_H
#define DAYWIRE_INGEST_API_LINE_BATCH_H

#include "ingest/job.h"
#include "ingest/api/request_body.h"

/* Not exceeded but by the last line. */
#define LINE_BATCH_LINES ((guint)1000)
#define LINE_BATCH_BYTES ((size_t)1024 * 1024)

typedef struct {
    GArray *lines; /* of BodyLine, without their statements */
    Job *job;      /* of the lines that have one, in their order; it may be empty */
    size_t bytes;  /* of all lines */
    /* the outcome of the job, if it is not empty */
    JobOutcome outcome;
    char *failure; /* JOB_FAILED: why */
    /* lines, and of them items of the job, that were answered */
    guint answered_lines;
    guint answered_items;
} LineBatch;

LineBatch *line_batch_new(void);
void line_batch_free(LineBatch *batch); /* NULL is fine */

/* Takes over what `line` holds; `submitter` as in Submission. */
void line_batch_add(LineBatch *batch, BodyLine line, size_t length, const char *submitter);
bool line_batch_is_full(const LineBatch *batch);

/* With the outcome: adds answers to `text` until it has `most` bytes. Returns whether all are given. */
bool line_batch_answer(LineBatch *batch, GString *text, size_t most);

#endif
