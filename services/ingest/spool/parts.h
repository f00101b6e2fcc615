/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the spool's thread share: spool.c has the folder and the loop, handle.c what becomes of one
 * file. All is the thread's but `stopping`. */
#ifndef DAYWIRE_INGEST_SPOOL_PARTS_H
#define DAYWIRE_INGEST_SPOOL_PARTS_H

#include <stdatomic.h>

#include "common/metrics.h"
#include "ingest/spool/spool.h"
#include "ingest/spool/folder.h"
#include "ingest/spool/pending.h"
#include "ingest/spool/watch.h"

#define MS            INT64_C(1000)
#define SECOND        (1000 * MS)
#define TROUBLE_LEAST (500 * MS)
#define TROUBLE_MOST  (60 * SECOND)

struct Spool {
    const char *path;
    Engine *engine;
    StoreReader *reader;
    int64_t max_file;
    SpoolWatch *watch;
    SpoolPending *pending;
    bool watching;
    bool more;        /* there were more files than could be known */
    int64_t begin_at; /* monotonic, as the next four: not before */
    int64_t look_at;
    int64_t scan_at;
    int64_t trouble_until;
    unsigned troubles; /* in a row */
    bool troubled;     /* in this turn */
    GString *stuck;    /* a file that cannot be put away, of this turn; "" */
    Metric *files[2];  /* failed, done */
    Metric *items[RESULT_REFUSED + 1];
    Metric *retries;
    Metric *waiting;
    int stop_fd;
    GThread *thread;
    atomic_bool stopping;
};

/* `user` is the Spool. */
bool spool_is_stopping(void *user);
/* What keeps all files: nothing goes on until it is over. */
void spool_trouble(Spool *spool, const GError *error);

/* Reads, imports and puts away one file, or says when to look at it again. */
void spool_handle(Spool *spool, const SpoolFolder *folder, SpoolEntry *entry);
/* What spool_handle() keeps at an entry. */
void spool_handled_free(void *user);

#endif
