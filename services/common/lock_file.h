/* SPDX-License-Identifier: Apache-2.0 */
/* A file that one process at a time can lock. The lock ends with the process, whichever way that ends; the
 * file stays. Any thread. */
#ifndef DAYWIRE_COMMON_LOCK_FILE_H
#define DAYWIRE_COMMON_LOCK_FILE_H

#include <glib.h>

typedef enum { LOCK_FILE_TAKEN, LOCK_FILE_HELD, LOCK_FILE_FAILED } LockFileState;

/* Does not wait. TAKEN: *ret_fd is the lock, open for reading and writing. HELD: another has it. FAILED, with
 * UNAVAILABLE: the file cannot be made. */
LockFileState lock_file_take(const char *path, int *ret_fd, GError **error) MUST_CHECK;
void lock_file_release(int fd); /* -1 is fine */

#endif
