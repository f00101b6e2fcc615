/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share: store.c has the file, its transactions and the statements, outbox.c the
 * outbox, schedule.c what waits for an instant, feeds.c feeds, alike.c what is looked for in a history, reader.c
 * the read-only side. */
#ifndef DAYWIRE_INGEST_STORE_PARTS_H
#define DAYWIRE_INGEST_STORE_PARTS_H

#include "common/sqlite/sql.h"
#include "ingest/store/contents.h"
#include "ingest/store/files.h"
#include "ingest/store/store.h"

/* Revisions whose contents are remembered: 4 MB. */
#define CONTENTS_MAX (1U << 18)

typedef enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_PROBE,
    SQL_FIND,
    SQL_REVISION,
    SQL_ADD_REVISION,
    SQL_SET_LATEST,
    SQL_ADD_OUTBOX,
    SQL_STATEMENTS_COUNT,
} StatementsSql;

typedef enum {
    SQL_OUTBOX_READ,
    SQL_OUTBOX_NEXT,
    SQL_SET_PUBLISHED,
    SQL_OUTBOX_CLEAR,
    SQL_OUTBOX_OLDEST,
    SQL_COUNT,
    SQL_REFILL,
    SQL_OUTBOX_COUNT,
} OutboxSql;

typedef enum {
    SQL_SCHEDULE,
    SQL_UNSCHEDULE,
    SQL_DUE,
    SQL_EXPIRED,
    SQL_NEVER_EXPIRES,
    SQL_NEXT_INSTANT,
    SQL_COUNT_SCHEDULED,
    SQL_SCHEDULE_COUNT,
} ScheduleSql;

typedef enum {
    SQL_FEED_SET,
    SQL_FEED_ITEM_SET,
    SQL_FEED_NAME_ADD,
    SQL_FEED_NAMES_TRIM,
    SQL_FEEDS_COUNT,
} FeedsSql;

extern const char *const store_outbox_sql[SQL_OUTBOX_COUNT];
extern const char *const store_schedule_sql[SQL_SCHEDULE_COUNT];
extern const char *const store_feeds_sql[SQL_FEEDS_COUNT];

struct Store {
    SqlDatabase *database;
    int lock; /* of lock_file.h */
    DatabaseFiles files;
    SqlStatement *statements[SQL_STATEMENTS_COUNT];
    SqlStatement *outbox[SQL_OUTBOX_COUNT];
    SqlStatement *schedule[SQL_SCHEDULE_COUNT];
    SqlStatement *feeds[SQL_FEEDS_COUNT];
    Contents *contents; /* of histories that were looked through, this transaction included */
    int log_pages;      /* in the write-ahead log after the last commit */
};

/* All that is known of the id ?1, and how to read it. */
extern const char *const store_find_sql;
bool store_run_find(SqlStatement *query, const char *id, StoredStatement *ret_stored, GError **error)
    MUST_CHECK;

/* NULL with DAMAGED. */
Statement *store_column_statement(SqlStatement *row, int column, GError **error) MUST_CHECK;

#endif
