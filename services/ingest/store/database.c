/* SPDX-License-Identifier: Apache-2.0 */
/* Write-ahead log with synchronous=FULL: a commit is on the disk when it returns, a kill or a power cut takes
 * nothing back. */
#include "ingest/store/database.h"

#include "common/error.h"

/* "DWin" */
#define APPLICATION_ID 0x4457696e

/* Version n is reached from n - 1 by running schema[n]. What has been released is never changed.
 *
 * revisions.sequence is the order in which everything was accepted, and the outbox is a list of such. Statements
 * have only what is asked for by id. REFERENCES is not enforced, as is SQLite's default: a revision is written in the
 * same transaction as what refers to it, and never deleted. */
static const char *const schema[DATABASE_SCHEMA_VERSION + 1] = {
    [1] = "CREATE TABLE revisions ("
          "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
          "  id TEXT NOT NULL,"
          "  revision INTEGER NOT NULL CHECK (revision > 0),"
          "  accepted_at INTEGER NOT NULL," /* an Instant */
          "  statement BLOB NOT NULL,"      /* daywire.v1.Statement */
          "  UNIQUE (id, revision)"
          ") STRICT;"
          "CREATE TABLE statements ("
          "  id TEXT PRIMARY KEY,"
          "  sequence INTEGER NOT NULL REFERENCES revisions," /* of the latest revision */
          "  published_revision INTEGER NOT NULL DEFAULT 0,"
          "  bus_topic TEXT NOT NULL DEFAULT '',"
          "  bus_partition INTEGER NOT NULL DEFAULT -1,"
          "  bus_offset INTEGER NOT NULL DEFAULT -1"
          ") STRICT, WITHOUT ROWID;"
          "CREATE TABLE outbox ("
          "  position INTEGER PRIMARY KEY AUTOINCREMENT,"
          "  sequence INTEGER NOT NULL UNIQUE REFERENCES revisions"
          ") STRICT;",
    [2] =
        "ALTER TABLE revisions ADD COLUMN submitter TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE statements ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;" /* an Instant; 0: never */
        "CREATE INDEX statements_expiry ON statements (expires_at) WHERE expires_at > 0;"
        "CREATE TABLE schedule ("
        "  version INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  id TEXT NOT NULL UNIQUE,"
        "  publish_at INTEGER NOT NULL," /* an Instant */
        "  kind INTEGER NOT NULL,"       /* SubmissionKind */
        "  id_derived INTEGER NOT NULL,"
        "  submitter TEXT NOT NULL,"
        "  statement BLOB NOT NULL"
        ") STRICT;"
        "CREATE INDEX schedule_due ON schedule (publish_at, version);",
    /* An item may have had several names: pairs of guid and link. */
    [3] = "CREATE TABLE feeds ("
          "  name TEXT PRIMARY KEY,"
          "  url TEXT NOT NULL,"
          "  moved_to TEXT NOT NULL,"
          "  etag TEXT NOT NULL,"
          "  last_modified TEXT NOT NULL,"
          "  digest TEXT NOT NULL,"
          "  error TEXT NOT NULL,"
          "  refusal TEXT NOT NULL,"
          "  moved_at INTEGER NOT NULL," /* an Instant, as the next three */
          "  polled_at INTEGER NOT NULL,"
          "  succeeded_at INTEGER NOT NULL,"
          "  next_at INTEGER NOT NULL,"
          "  failures INTEGER NOT NULL,"
          "  status INTEGER NOT NULL,"
          "  gone INTEGER NOT NULL,"
          "  begun INTEGER NOT NULL,"
          "  ttl_minutes INTEGER NOT NULL,"
          "  skip_hours INTEGER NOT NULL,"
          "  skip_days INTEGER NOT NULL,"
          "  items INTEGER NOT NULL,"
          "  refused INTEGER NOT NULL"
          ") STRICT, WITHOUT ROWID;"
          "CREATE TABLE feed_items ("
          "  feed TEXT NOT NULL,"
          "  id TEXT NOT NULL," /* of the statement */
          "  title TEXT NOT NULL,"
          "  published INTEGER NOT NULL," /* an Instant; 0: not told */
          "  date TEXT NOT NULL,"
          "  digest TEXT NOT NULL,"
          "  passed_over INTEGER NOT NULL,"
          "  PRIMARY KEY (feed, id)"
          ") STRICT, WITHOUT ROWID;"
          "CREATE TABLE feed_names ("
          "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
          "  feed TEXT NOT NULL,"
          "  guid TEXT NOT NULL,"
          "  link TEXT NOT NULL,"
          "  id TEXT NOT NULL,"
          "  UNIQUE (feed, guid, link, id)"
          ") STRICT;"
          "CREATE INDEX feed_names_link ON feed_names (feed, link);"
          "CREATE INDEX feed_names_id ON feed_names (feed, id);",
    /* The outbox had positions of its own, for which it needed an index and a counter. */
    [4] = "CREATE TABLE waiting (sequence INTEGER PRIMARY KEY REFERENCES revisions) STRICT;"
          "INSERT INTO waiting SELECT sequence FROM outbox;"
          "DROP TABLE outbox;"
          "ALTER TABLE waiting RENAME TO outbox;",
    /* Of items whose change has to wait for what is scheduled. */
    [5] = "ALTER TABLE feed_items ADD COLUMN withheld TEXT;" /* a digest; NULL: nothing is */
          "ALTER TABLE feed_items ADD COLUMN withheld_at INTEGER NOT NULL DEFAULT 0;", /* a revision */
};

static bool write_schema(SqlDatabase *database, int64_t from, GError **error)
{
    for (int64_t version = from + 1; version <= DATABASE_SCHEMA_VERSION; version++) {
        g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;",
                                                APPLICATION_ID, (int)version);
        if (!sql_run(database, "BEGIN IMMEDIATE", error) || !sql_run(database, schema[version], error) ||
            !sql_run(database, mark, error) || !sql_run(database, "COMMIT", error))
            return false;
    }
    return true;
}

/* *ret_version: 0 for a file that is new. */
static bool check_schema(SqlDatabase *database, const char *path, bool writing, int64_t *ret_version,
                         GError **error)
{
    int64_t application = 0;
    int64_t tables = 0;

    if (!sql_number(database, "PRAGMA application_id", &application, error) ||
        !sql_number(database, "PRAGMA user_version", ret_version, error) ||
        !sql_number(database, "SELECT count(*) FROM sqlite_schema", &tables, error))
        return false;
    if (application != APPLICATION_ID && !(application == 0 && tables == 0 && writing)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s is not a database of daywire-ingest",
                    path);
        return false;
    }
    if (*ret_version > DATABASE_SCHEMA_VERSION) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "%s was written by a newer Daywire (schema %d, this one knows %d)", path,
                    (int)*ret_version, DATABASE_SCHEMA_VERSION);
        return false;
    }
    return true;
}

static bool set_up(SqlDatabase *database, bool writing, GError **error)
{
    if (!writing)
        return sql_run(database, "PRAGMA query_only = ON", error);
    return sql_use_wal(database, error) &&
           sql_run(database,
                   "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                   "PRAGMA cache_size = -16000", /* KiB: the indexes of some 100,000 statements */
                   error);
}

SqlDatabase *database_open(const char *path, bool writing, GError **error)
{
    int flags = writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    SqlDatabase *database = sql_open(path, flags, error);
    int64_t version = 0;

    if (database == NULL)
        return NULL;
    /* In this order: somebody else's file is not touched. */
    if (check_schema(database, path, writing, &version, error) && set_up(database, writing, error) &&
        (!writing || (sql_check_pages(database, error) && write_schema(database, version, error))))
        return database;
    sql_close(database);
    return NULL;
}
