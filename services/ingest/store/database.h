/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite file of store.h: its settings and its schema. */
#ifndef DAYWIRE_INGEST_STORE_DATABASE_H
#define DAYWIRE_INGEST_STORE_DATABASE_H

#include "common/sqlite/sql.h"

#define DATABASE_SCHEMA_VERSION 5

/* Opens, sets up and, when `writing`, makes or checks the schema. The errors of sql.h; FAILED also when the file is
 * not ours, or from a newer Daywire. */
SqlDatabase *database_open(const char *path, bool writing, GError **error) MUST_CHECK;

#endif
