/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the files of a database are those that it was opened with, which SQLite does not look at: it goes on writing
 * into a log that was deleted, and does not miss pages that it has in memory. Owned by the store. */
#ifndef DAYWIRE_INGEST_STORE_PLACE_H
#define DAYWIRE_INGEST_STORE_PLACE_H

#include <sys/stat.h>

#include "common/sqlite/sql.h"

typedef struct {
    char *path;
    char *log_path;
    off_t size;      /* the largest seen; the file never shrinks by itself */
    struct stat log; /* st_ino 0: not seen yet */
} Place;

Place place_new(const char *path);
void place_clear(Place *place);

/* UNAVAILABLE: the database was deleted or replaced; it is well again when it is back. LOST: it was cut short, or its log
 * was deleted or replaced. */
bool place_check(Place *place, SqlDatabase *database, GError **error) MUST_CHECK;

#endif
