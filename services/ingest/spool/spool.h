/* SPDX-License-Identifier: Apache-2.0 */
/* The spool folder, [ingest] spool: a file that is moved in, or that its writer closes, is imported, then moved to done/
 * or, when it cannot be read or anything in it is refused, to failed/, with a report beside it. It is moved after all
 * of it is durable; a crash in between imports it again. A file that cannot be stored now stays, and is tried again.
 *
 * The order is that in which the files came, one at a time. Health part: "spool". */
#ifndef DAYWIRE_INGEST_SPOOL_SPOOL_H
#define DAYWIRE_INGEST_SPOOL_SPOOL_H

#include "common/config/config.h"
#include "ingest/engine.h"

typedef struct Spool Spool;

/* Starts the thread; does not wait for the folder. `config` and `engine` must outlive it. *ret_spool is NULL when none is
 * configured. The errors of store_reader_open(); FAILED: the system has no more watches or descriptors. */
bool spool_start(const Config *config, Engine *engine, Spool **ret_spool, GError **error) MUST_CHECK;
/* Ends within a job's time, also in the middle of a file, which stays. Before engine_stop(). NULL is fine. */
void spool_stop(Spool *spool);

#endif
