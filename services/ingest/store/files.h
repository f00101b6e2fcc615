/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the files of a database are those that it was opened with, which SQLite does not look at: it goes on writing
 * into a log that was deleted, and does not miss pages that it has in memory. Owned by the store. */
#ifndef DAYWIRE_INGEST_STORE_FILES_H
#define DAYWIRE_INGEST_STORE_FILES_H

#include <sys/stat.h>

#include "common/sqlite/sql.h"

typedef struct {
    char *path;
    char *log_path;
    off_t size;      /* as it was seen last */
    struct stat log; /* st_ino 0: not seen yet */
} DatabaseFiles;

DatabaseFiles database_files_new(const char *path);
void database_files_clear(DatabaseFiles *files);

/* UNAVAILABLE: the database was deleted or replaced, or cannot be looked at; it is well again when it is back. LOST: it
 * was cut short, or its log was deleted or replaced. What only `database` still finds in such a log is brought into the
 * file first, and UNAVAILABLE until that is done: a reader may be in its way. */
bool database_files_check(DatabaseFiles *files, SqlDatabase *database, GError **error) MUST_CHECK;

#endif
