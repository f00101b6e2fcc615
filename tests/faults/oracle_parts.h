/* SPDX-License-Identifier: Apache-2.0 */
/* Private to oracle.c (what was said), oracle_rows.c (what the file holds), oracle_file.c (whether that fits) and
 * oracle_feeds.c (the last two, of feeds). */
#ifndef DAYWIRE_TESTS_FAULTS_ORACLE_PARTS_H
#define DAYWIRE_TESTS_FAULTS_ORACLE_PARTS_H

#include <sqlite3.h>

#include "feed_tables.h"
#include "oracle.h"

typedef enum {
    TRY_OPEN,
    TRY_ACKNOWLEDGED,
    TRY_FAILED,
    TRY_GONE,   /* failed, and something was acknowledged after it */
    TRY_SETTLED /* of an earlier process */
} TryState;

typedef struct {
    TryState state;
    GPtrArray *certain; /* of text: its marks that must be found if any of them is */
    GPtrArray *wishes;  /* of Statement: the items as they were handed in */
    FeedWrite *feed;    /* NULL: none */
} Try;

/* Of one id. */
typedef struct {
    char *mark;
    guint number; /* of the job */
} Scheduled;

struct Oracle {
    char *complaint;
    const char *expiry_note;
    GHashTable *known;      /* "id/revision" -> GBytes, packed */
    GHashTable *written;    /* those of them that an acknowledged job wrote */
    GHashTable *submitters; /* of the same -> text */
    GHashTable *scheduled;  /* id -> Scheduled: acknowledged, and not yet seen to be released */
    GHashTable *releasable; /* marks that were scheduled, and not taken back before their instant */
    GHashTable *embargoes;  /* mark -> its publish_at, an Instant */
    Instant expires_first;  /* of what is published at the last check; INT64_MAX: nothing does */
    Instant due_first;      /* of what is scheduled then */
    GHashTable *latest;     /* id -> highest known revision */
    GPtrArray *tries;       /* of Try; the index is the number */
    GHashTable *owners;     /* mark -> GArray of the numbers (guint) that handed it in */
    FeedTables *feeds;      /* at the last check */
    guint in_outbox;        /* then */
};

typedef struct {
    char *event;
    GBytes *packed;
    Statement *statement;
    int64_t position; /* in the outbox; 0: it is not there */
    char *submitter;
} Row;

typedef struct {
    Oracle *oracle;
    sqlite3 *database;
    GPtrArray *rows;   /* of Row, in the order in which they were accepted */
    GHashTable *found; /* event -> Row */
    GHashTable *marks; /* mark -> Row */
    int version;
    GHashTable *due; /* id -> mark of what is scheduled */
    FeedTables *feeds;
} Check;

/* "J12.3" of the text that a revision was made from. */
char *oracle_mark_of(const Statement *statement);
Try *oracle_try_at(const Oracle *oracle, guint number);
/* Somebody who was not told may have stored it. */
bool oracle_may_come_from(const Oracle *oracle, const char *mark);
bool oracle_has_scheduled(const Oracle *oracle, const char *id, const char *mark);

/* Reads all that is in the file into a check that has nothing but its oracle. False: there are no tables yet. */
bool oracle_check_read(Check *check, const char *path);
void oracle_check_clear(Check *check);
/* Calls `each` for each row; without one, no row may come. */
void oracle_query(Check *check, const char *sql, void (*each)(Check *check, sqlite3_stmt *row));

/* Reads what the file holds of feeds into the check. */
void oracle_feeds_read(Check *check);
/* Whether it is what the jobs that are stored have written, each with all of its statements; what must be there is known
 * from here on. */
void oracle_feeds_check(Check *check);

#endif
