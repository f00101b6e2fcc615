/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of feeds, as text: what one job writes, and what the tables hold after some of them. A row is its
 * columns joined by "|", in the order in which oracle_feeds.c reads them. */
#ifndef DAYWIRE_TESTS_FAULTS_FEED_TABLES_H
#define DAYWIRE_TESTS_FAULTS_FEED_TABLES_H

#include "ingest/job.h"

/* Of one item. */
typedef struct {
    char *key;   /* in FeedTables.items */
    char *row;   /* of feed_items */
    char *name;  /* of feed_names */
    bool silent; /* it has no statement; nobody else writes this name */
} FeedLine;

typedef struct {
    char *feed;
    char *state;      /* its row; NULL: the job leaves it alone */
    GPtrArray *lines; /* of FeedLine */
} FeedWrite;

/* What a job with a feed writes. */
FeedWrite *feed_write_new(const Job *job);
void feed_write_free(FeedWrite *write); /* NULL is fine */

typedef struct {
    GHashTable *states; /* feed -> its row */
    GHashTable *items;  /* "feed|id" -> its row */
    GPtrArray *names;   /* of rows, the newest last */
} FeedTables;

FeedTables *feed_tables_new(void);
void feed_tables_free(FeedTables *tables);
/* As the store does: a name that is known is the newest again, and no more are kept than it keeps. */
void feed_tables_apply(FeedTables *tables, const FeedWrite *write);

#endif
