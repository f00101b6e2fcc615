/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite with our errors. What a service keeps, and how its file came to be, is its own.
 *
 * SQLite up to 3.51.2 (Debian 12's is 3.40.1) can damage a file in WAL mode when a connection resets the log while
 * another one checkpoints. Hence in each file exactly one connection writes and checkpoints, when its owner says so;
 * all others are read-only, and none checkpoints by itself or when it is closed. */
#ifndef DAYWIRE_COMMON_SQLITE_SQL_H
#define DAYWIRE_COMMON_SQLITE_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <sqlite3.h>

typedef sqlite3 SqlDatabase;
typedef sqlite3_stmt SqlStatement;

/* Settings of the library, for all connections; before anything else of SQLite is called. Once or more, from any
 * thread; sql_open() does it. */
void sql_set_up(void);

/* Sets what the connection says about its last call, with the file's path: UNAVAILABLE (what may pass: a full,
 * failing or read-only disk, a lock), LOST (the file is damaged) or FAILED. Always false. */
bool sql_fail(SqlDatabase *database, GError **error);

/* For connections that one thread at a time uses. `flags` as of sqlite3_open_v2(). */
SqlDatabase *sql_open(const char *path, int flags, GError **error) MUST_CHECK;
void sql_close(SqlDatabase *database); /* NULL is fine; all statements are finalized */

/* Turns the write-ahead log on, which the file remembers. FAILED: this file system cannot have it. */
bool sql_use_wal(SqlDatabase *database, GError **error) MUST_CHECK;
/* Whether the file is where it was opened, and not deleted or replaced since. One stat(). */
bool sql_is_in_place(SqlDatabase *database);
/* Reads every page: some milliseconds a thousand statements. LOST when one is damaged. */
bool sql_check_pages(SqlDatabase *database, GError **error) MUST_CHECK;
/* The write-ahead log's pages into the file, as far as no reader needs them; does not wait. */
bool sql_checkpoint(SqlDatabase *database, GError **error) MUST_CHECK;
/* All of them, or UNAVAILABLE; waits a moment for readers. */
bool sql_checkpoint_all(SqlDatabase *database, GError **error) MUST_CHECK;

/* One or more statements without results. */
bool sql_run(SqlDatabase *database, const char *sql, GError **error) MUST_CHECK;
/* The number in the first column of the only row. */
bool sql_number(SqlDatabase *database, const char *sql, int64_t *ret_number, GError **error) MUST_CHECK;

/* Prepares `count` statements; finalize them all with sql_finalize(), also after a failure. */
bool sql_prepare(SqlDatabase *database, const char *const *sql, SqlStatement **statements, size_t count,
                 GError **error) MUST_CHECK;
void sql_finalize(SqlStatement **statements, size_t count);

/* Text and bytes are borrowed until sql_done(); NULL binds NULL. */
void sql_bind_number(SqlStatement *statement, int index, int64_t number);
void sql_bind_text(SqlStatement *statement, int index, const char *text);
void sql_bind_bytes(SqlStatement *statement, int index, GBytes *bytes);

/* Steps once; *ret_row is whether there is a row. */
bool sql_step(SqlStatement *statement, bool *ret_row, GError **error) MUST_CHECK;
/* Steps a statement without results, and resets it. */
bool sql_execute(SqlStatement *statement, GError **error) MUST_CHECK;
/* Resets, and forgets what was bound. */
void sql_done(SqlStatement *statement);

/* Columns of the row at hand, valid until the next step. "" for a NULL. */
const char *sql_text(SqlStatement *statement, int column);
/* A copy. */
GBytes *sql_bytes(SqlStatement *statement, int column);

#endif
