/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of feeds, as text: what one job writes, and what the tables hold after some of them. */
#ifndef DAYWIRE_TESTS_FAULTS_ORACLE_FEEDS_H
#define DAYWIRE_TESTS_FAULTS_ORACLE_FEEDS_H

#include "ingest/job.h"

typedef struct FeedWrite FeedWrite;

/* Of a job with a feed. */
FeedWrite *feed_write_new(const Job *job);
void feed_write_free(FeedWrite *write); /* NULL is fine */

typedef struct {
    GHashTable *states; /* feed -> its row */
    GHashTable *items;  /* "feed|id" -> its row */
    GPtrArray *names;   /* of rows, the newest last */
} FeedTables;

FeedTables *feed_tables_new(void);
void feed_tables_free(FeedTables *tables);
void feed_tables_apply(FeedTables *tables, const FeedWrite *write);

#endif
