/* SPDX-License-Identifier: Apache-2.0 */
/* Private to view*.c: the file of the view and its tables. */
#ifndef DAYWIRE_GATEWAY_VIEW_SCHEMA_H
#define DAYWIRE_GATEWAY_VIEW_SCHEMA_H

#include "common/sqlite/sql.h"

/* Opens for writing. The file is created when it is missing. One that is damaged or of another version is
 * moved to
 * "<path>.damaged" and made anew, which is logged. INVALID: the file is something else than a view. */
SqlDatabase *view_schema_open(const char *path, GError **error) MUST_CHECK;

/* Opens for reading. UNAVAILABLE: there is no view of this version yet. */
SqlDatabase *view_schema_open_reader(const char *path, GError **error) MUST_CHECK;

/* Empties all tables, within the transaction that is open. */
extern const char view_schema_clear[];

/* Moves the file away, so that the next start makes it anew. */
void view_schema_set_aside(const char *path);

#endif
