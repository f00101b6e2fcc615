/* SPDX-License-Identifier: Apache-2.0 */
#include "common/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "common/error.h"

LockFileState lock_file_take(const char *path, int *ret_fd, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *ret_fd = fd;
        return LOCK_FILE_TAKEN;
    }
    int reason = errno;
    if (fd >= 0)
        (void)close(fd);
    if (fd >= 0 && reason == EWOULDBLOCK)
        return LOCK_FILE_HELD;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the lock file %s: %s", path,
                g_strerror(reason));
    return LOCK_FILE_FAILED;
}

void lock_file_release(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}
