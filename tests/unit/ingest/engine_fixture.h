/* SPDX-License-Identifier: Apache-2.0 */
/* An engine with a real store and an embedded broker, and what tests ask of it. Every wait has a deadline. */
#ifndef DAYWIRE_TESTS_INGEST_ENGINE_FIXTURE_H
#define DAYWIRE_TESTS_INGEST_ENGINE_FIXTURE_H

#include <pthread.h>
#include <sys/resource.h>

#include "common/kafka/embedded_faults.h"
#include "ingest/engine.h"

#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define TOPIC       "daywire.statements"

typedef struct {
    EmbeddedBroker *broker;
    char *folder;
    char *path;
    Config *config;
    Engine *engine;
} Fixture;

/* As cmocka calls them: no engine runs yet, and `refill` is never. *state is a Fixture. */
int engine_setup(void **state);
int engine_teardown(void **state);

EmbeddedBroker *open_broker(void);
/* `more` is one more variable of the environment, or NULL. */
Config *make_config(const Fixture *fixture, const char *refill, const char *more);

void start_engine(Fixture *fixture);
void stop_engine(Fixture *fixture);

/* ---- submitting ---- */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned finished;
    /* of the last one */
    JobOutcome outcome;
    AcceptResult result;
    unsigned revision;
    bool published;
    int64_t offset;
    char *failure;
} Results;

#define RESULTS_INIT                                                                                         \
    {                                                                                                        \
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER                               \
    }

/* A job's `finished` where `user` is a Results. */
void on_finished(Job *job, JobOutcome outcome, const GError *failure);

Statement *text(const char *id, const char *title);

/* Takes over the job, whose end is told to the results. */
void submit_job(Fixture *fixture, Results *results, Job *job, int64_t wait_us);
/* A job of its own for a submission. */
void submit_submission(Fixture *fixture, Results *results, Submission submission, int64_t wait_us);
/* The same for a POST of a text. */
void submit(Fixture *fixture, Results *results, const char *id, const char *title, int64_t wait_us);
void wait_finished(Results *results, unsigned count);
/* A POST, and waits until it is finished. */
Results run(Fixture *fixture, const char *id, const char *title, int64_t wait_us);
Results run_submission(Fixture *fixture, Submission submission);

/* ---- what is on the bus ---- */

/* Reads the topic until `count` different events are there; ce_ids in the order of arrival, repeated ones
 * dropped. */
GPtrArray *read_events(Fixture *fixture, unsigned count, unsigned *ret_repeated);
unsigned count_records(Fixture *fixture);
/* Revisions 1 to `count` of the id, in this order. */
void assert_revisions(const GPtrArray *events, const char *id, unsigned count);

/* ---- health and disk ---- */

void wait_healthy(bool healthy);
void wait_reported(const char *expected);
void limit_file_size(rlim_t size);

#endif
