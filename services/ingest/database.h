/* SPDX-License-Identifier: Apache-2.0 */
/* What every connection to the SQLite file of store.h has in common: opening, settings, schema, errors. */
#ifndef DAYWIRE_INGEST_DATABASE_H
#define DAYWIRE_INGEST_DATABASE_H

#include <stdbool.h>

#include <glib.h>
#include <sqlite3.h>

#define DATABASE_SCHEMA_VERSION 1

/* Opens, sets up and, when `writing`, makes or checks the schema. NULL with the reason. */
sqlite3 *database_open(const char *path, bool writing, GError **error) MUST_CHECK;
void database_close(sqlite3 *database); /* NULL is fine; all statements are finalised */

bool database_run(sqlite3 *database, const char *sql, GError **error) MUST_CHECK;
sqlite3_stmt *database_prepare(sqlite3 *database, const char *sql, GError **error) MUST_CHECK;

/* Sets the error that a result code stands for. Returns false. */
bool database_error(sqlite3 *database, int code, GError **error);

/* Binds all parameters in their order: 'i' takes an int64_t, 't' a text and 'b' a GBytes; both must stay
 * valid until the statement is reset. */
bool database_bind(sqlite3_stmt *statement, GError **error, const char *types, ...) MUST_CHECK;

/* Runs a statement that gives no row, and resets it. */
bool database_step_done(sqlite3_stmt *statement, GError **error) MUST_CHECK;
/* The next row: SQLITE_ROW, or SQLITE_DONE, or an error with its reason. database_reset() ends it. */
int database_step(sqlite3_stmt *statement, GError **error) MUST_CHECK;
void database_reset(sqlite3_stmt *statement);

#endif
