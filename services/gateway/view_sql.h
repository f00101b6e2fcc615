/* SPDX-License-Identifier: Apache-2.0 */
/* Private to view*.c: SQLite with our errors. */
#ifndef DAYWIRE_GATEWAY_VIEW_SQL_H
#define DAYWIRE_GATEWAY_VIEW_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <sqlite3.h>

typedef sqlite3 ViewDatabase;
typedef sqlite3_stmt ViewSql;

/* Sets what the connection says about its last call: UNAVAILABLE (a full or failing disk, a lock), LOST (the
 * file is damaged) or FAILED. Always false. */
bool view_sql_fail(ViewDatabase *database, const char *doing, GError **error);

/* For connections that one thread at a time uses; none checkpoints by itself, nor when it is closed. `flags` as
 * of sqlite3_open_v2(). */
ViewDatabase *view_sql_open(const char *path, int flags, GError **error) MUST_CHECK;
void view_sql_close(ViewDatabase *database); /* NULL is fine */

/* One or more statements without results. */
bool view_sql_run(ViewDatabase *database, const char *sql, GError **error) MUST_CHECK;
/* The number in the first column of the only row. */
bool view_sql_number(ViewDatabase *database, const char *sql, int64_t *ret_number, GError **error) MUST_CHECK;

/* Prepares `count` statements; finalize them all with view_sql_finalize(), also after a failure. */
bool view_sql_prepare(ViewDatabase *database, const char *const *sql, ViewSql **statements, size_t count,
                      GError **error) MUST_CHECK;
void view_sql_finalize(ViewSql **statements, size_t count);

/* Text and bytes are borrowed until view_sql_done(); NULL binds NULL. */
void view_sql_bind_number(ViewSql *statement, int index, int64_t number);
void view_sql_bind_text(ViewSql *statement, int index, const char *text);
void view_sql_bind_bytes(ViewSql *statement, int index, GBytes *bytes);

/* Steps once; *ret_row is whether there is a row. */
bool view_sql_step(ViewSql *statement, bool *ret_row, GError **error) MUST_CHECK;
/* Steps a statement without results, and resets it. */
bool view_sql_execute(ViewSql *statement, GError **error) MUST_CHECK;
/* Resets, and forgets what was bound. */
void view_sql_done(ViewSql *statement);

/* Columns of the row at hand, valid until the next step. "" for a NULL. */
const char *view_sql_text(ViewSql *statement, int column);

#endif
