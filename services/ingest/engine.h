/* SPDX-License-Identifier: Apache-2.0 */
/* The one thread through which every statement goes: decides what becomes of submissions (accept.h), stores
 * them, and publishes what was stored. It owns the store and the producer.
 *
 * Everything that waits is stored in one transaction (group commit). A job is finished as stored only after
 * the commit: what was acknowledged survives a crash, a full disk and a dead broker. Nothing is stored any more in a
 * database that was found damaged. Health parts: "database", "outbox", "kafka". */
#ifndef DAYWIRE_INGEST_ENGINE_H
#define DAYWIRE_INGEST_ENGINE_H

#include "common/config/config.h"
#include "ingest/job.h"

typedef struct Engine Engine;

/* Opens the store and starts the thread; does not wait for the broker. The errors of store_open(). `config`
 * must outlive it. */
Engine *engine_start(const Config *config, GError **error) MUST_CHECK;
/* Stores and finishes what was submitted, gives what is under way to the broker a moment, and ends the
 * thread. Nothing is taken any more. NULL is fine. */
void engine_finish(Engine *engine);
/* The same, and frees it: nobody may submit any more. NULL is fine. */
void engine_stop(Engine *engine);

/* Any thread, until engine_stop(). UNAVAILABLE, and the job stays with the caller: too much is waiting, or the
 * engine is finished. */
bool engine_submit(Engine *engine, Job *job, GError **error) MUST_CHECK;

/* Any thread: what another connection to the database met. LOST is damage; other errors are not the engine's. */
void engine_reads_failed(Engine *engine, const GError *error);

#endif
