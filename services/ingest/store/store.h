/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, their revisions and the outbox, in one SQLite file. A revision and its row in the outbox are
 * written in one transaction; what is committed survives a crash and a power cut.
 *
 * One Store writes and checkpoints, in one process (a lock beside the file sees to that); any number of
 * StoreReader read. Each belongs to one thread. Errors are UNAVAILABLE (disk full, file busy, input and
 * output), LOST (the file is damaged) or FAILED (it is not ours, or from a newer Daywire); DAMAGED when one stored
 * statement cannot be decoded, which says nothing of the others. */
#ifndef DAYWIRE_INGEST_STORE_STORE_H
#define DAYWIRE_INGEST_STORE_STORE_H

#include <stdbool.h>

#include "common/instant.h"
#include "common/model.h"
#include "ingest/submission.h"

/* Where the broker has the newest revision that it confirmed. */
typedef struct {
    uint32_t revision; /* 0: none yet */
    char *topic;       /* owned; "" when none */
    int32_t partition;
    int64_t offset;
} StorePublished;

/* A submission that waits for its instant (submission.statement->publish_at). */
typedef struct {
    int64_t version; /* grows with each change of any schedule; never used twice; 0: nothing is scheduled */
    Submission submission;
} StoredSchedule;

void stored_schedule_clear(StoredSchedule *schedule);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoredSchedule, stored_schedule_clear)

/* What is known of an id: a latest revision, or something scheduled, or both; all zero: nothing has this id. */
typedef struct {
    Statement *latest; /* owned; NULL: never published */
    int64_t position;  /* of the latest revision's row in the outbox; 0: it has left it */
    StorePublished published;
    StoredSchedule schedule;
} StoredStatement;

bool stored_statement_exists(const StoredStatement *stored);
void stored_statement_clear(StoredStatement *stored);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoredStatement, stored_statement_clear)

typedef struct Store Store;

/* Makes the file when it is missing. CONFLICT: another process has it. */
Store *store_open(const char *path, GError **error) MUST_CHECK;
void store_close(Store *store); /* NULL is fine; rolls an open transaction back */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* As database_files_check(): what is written would be gone with the process. */
bool store_check_place(Store *store, GError **error) MUST_CHECK;

/* Fails also where store_check_place() does. */
bool store_begin(Store *store, GError **error) MUST_CHECK;
/* Durable when true. When false, nothing of the transaction is there; it has been rolled back. */
bool store_commit(Store *store, GError **error) MUST_CHECK;
void store_rollback(Store *store);
/* Whether a transaction would be durable now: makes one that changes nothing. */
bool store_probe(Store *store, GError **error) MUST_CHECK;

/* Outside of a transaction, too. An unknown id is no error. */
bool store_find(Store *store, const char *id, StoredStatement *ret_stored, GError **error) MUST_CHECK;
/* NULL with NOT_FOUND: there is no such revision. */
Statement *store_revision(Store *store, const char *id, uint32_t revision, GError **error) MUST_CHECK;

/* A search through the history of a statement. */
typedef struct {
    const Statement *latest;
    const Statement *wish; /* what is looked for: its content */
    bool told;             /* and its change and note as well */
    uint32_t before;       /* at first the latest revision: those from here on have been looked at */
} StoreAlike;

/* The next revision to compare with what is wished, newest first; NULL: there is no other that might be the same. Of a
 * long history only few are read, once it has been read as a whole. Outside of a transaction, too. */
bool store_find_alike(Store *store, StoreAlike *alike, Statement **ret_revision, GError **error) MUST_CHECK;

/* Writes `revision`, which must be one more than the latest, and its row in the outbox. `submitter` may be NULL, as may
 * `ret_packed`, for the statement as it is stored. */
bool store_add(Store *store, const Statement *revision, const char *submitter, int64_t *ret_position,
               GBytes **ret_packed, GError **error) MUST_CHECK;

/* ---- what waits for an instant ---- */

/* In place of what was scheduled for the same id. */
bool store_schedule(Store *store, const Submission *submission, int64_t *ret_version, GError **error)
    MUST_CHECK;
bool store_unschedule(Store *store, const char *id, GError **error) MUST_CHECK;
/* The ids whose instant has come, those that were to come first before the others; at most `max`, appended to
 * `ids` (of owned strings). */
bool store_due(Store *store, Instant now, unsigned max, GPtrArray *ids, GError **error) MUST_CHECK;
/* The same of statements that expire. */
bool store_expired(Store *store, Instant now, unsigned max, GPtrArray *ids, GError **error) MUST_CHECK;
/* For a statement that cannot be withdrawn. */
bool store_never_expires(Store *store, const char *id, GError **error) MUST_CHECK;
/* The first instant at which one of these finds something; G_MAXINT64: nothing waits. */
bool store_next_instant(Store *store, Instant *ret_next, GError **error) MUST_CHECK;
bool store_count_scheduled(Store *store, int64_t *ret_count, GError **error) MUST_CHECK;

/* ---- the outbox ---- */

/* A row's position is its place in the order of all revisions ever accepted. `packed`: the statement as it is stored.
 * False: no more rows. */
typedef bool (*StoreOutboxFunction)(int64_t position, const Statement *statement, GBytes *packed, void *user);

/* Calls `take` for the oldest rows after `after`, at most `max`, oldest first. It must not use the store. */
bool store_outbox_read(Store *store, int64_t after, unsigned max, StoreOutboxFunction take, void *user,
                       GError **error) MUST_CHECK;

/* The same for the first row of a statement whose revision is after `after`, unless its position is after `last`. */
bool store_outbox_next(Store *store, const char *id, uint32_t after, int64_t last, StoreOutboxFunction take,
                       void *user, GError **error) MUST_CHECK;

/* A row that the broker has, and where. */
typedef struct {
    int64_t position;
    const char *id; /* of the statement, with its revision */
    uint32_t revision;
    const char *topic;
    int32_t partition;
    int64_t offset;
} StoreConfirmed;

bool store_outbox_clear(Store *store, const StoreConfirmed *row, GError **error) MUST_CHECK;

/* When the oldest row was accepted; 0: the outbox is empty. */
bool store_outbox_oldest(Store *store, Instant *ret_oldest, GError **error) MUST_CHECK;

typedef struct {
    int64_t statements;
    int64_t settled; /* statements whose latest revision has left the outbox */
    int64_t outbox;
} StoreCounts;

/* Reads every row: for the start. */
bool store_count(Store *store, StoreCounts *ret_counts, GError **error) MUST_CHECK;

/* Puts the latest revision of every statement that is not in the outbox back: at its old position, which may be before
 * those that wait. */
bool store_refill(Store *store, int64_t *ret_count, GError **error) MUST_CHECK;

/* ---- the file ---- */

/* Moves what was written from the log beside the file into it, when there is enough; never waits for readers.
 */
bool store_checkpoint(Store *store, GError **error) MUST_CHECK;

typedef struct StoreReader StoreReader;

/* After the Store has been opened. */
StoreReader *store_reader_open(const char *path, GError **error) MUST_CHECK;
void store_reader_close(StoreReader *reader); /* NULL is fine */
bool store_reader_find(StoreReader *reader, const char *id, StoredStatement *ret_stored, GError **error)
    MUST_CHECK;

/* One revision of a statement's history. */
typedef struct {
    Statement *statement; /* owned */
    char *submitter;      /* owned; "" when nobody in particular */
} StoredRevision;

void stored_revision_clear(StoredRevision *revision);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoredRevision, stored_revision_clear)

/* The newest revisions before `before` (0: all), at most `max`, newest first, appended to `revisions` (of
 * StoredRevision). None: there is no such statement, or no earlier one. */
bool store_reader_history(StoreReader *reader, const char *id, uint32_t before, unsigned max,
                          GArray *revisions, GError **error) MUST_CHECK;

#endif
