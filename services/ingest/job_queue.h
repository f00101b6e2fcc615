/* SPDX-License-Identifier: Apache-2.0 */
/* Hands jobs from other threads to the engine's, bounded by the number of statements. */
#ifndef DAYWIRE_INGEST_JOB_QUEUE_H
#define DAYWIRE_INGEST_JOB_QUEUE_H

#include "ingest/job.h"

typedef struct JobQueue JobQueue;

JobQueue *job_queue_new(size_t max_items, GError **error) MUST_CHECK;
void job_queue_free(JobQueue *queue); /* NULL is fine; it must be empty */

/* Any thread. UNAVAILABLE, and the job stays with the caller: it is full, or closed. A job larger than the
 * queue is taken when there is no other. */
bool job_queue_push(JobQueue *queue, Job *job, GError **error) MUST_CHECK;

/* The engine: readable when there is something to take. */
int job_queue_fd(const JobQueue *queue);
/* Takes jobs of about `max_items` together, oldest first; NULL when there are none. */
GPtrArray *job_queue_take(JobQueue *queue, size_t max_items);
bool job_queue_has_more(JobQueue *queue);
/* Nothing is taken in from here on. */
void job_queue_close(JobQueue *queue);

/* Any thread: makes the engine look. */
void job_queue_wake(JobQueue *queue);

#endif
