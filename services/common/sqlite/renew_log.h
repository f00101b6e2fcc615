/* SPDX-License-Identifier: Apache-2.0 */
/* Makes sure that a write-ahead log is on the disk as it can be read, before it is built upon.
 *
 * After a sync that failed, Linux goes on to show what may never have reached the disk, and does not try again. SQLite
 * writes such frames anew with its next commit; but when the process ended before that, the next one finds a log that
 * looks whole, commits behind it, and at a power cut loses all that. https://lwn.net/Articles/752063/ */
#ifndef DAYWIRE_COMMON_SQLITE_RENEW_LOG_H
#define DAYWIRE_COMMON_SQLITE_RENEW_LOG_H

#include "common/sqlite/sql.h"

/* Writes the log beside the file `path` once more, as it is, and syncs it; nothing to do where there is none. By the
 * file's one writer, before he opens it; others may read it meanwhile. UNAVAILABLE: the disk fails; on a full one the log is left as it is. */
bool sql_renew_log(const char *path, GError **error) MUST_CHECK;

#endif
