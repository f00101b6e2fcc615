/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file_move.h"

#include <errno.h>
#include <fcntl.h>

bool file_move(int from_folder, const char *from, int to_folder, const char *to)
{
    if (renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return linkat(from_folder, from, to_folder, to, 0) == 0 && unlinkat(from_folder, from, 0) == 0;
}

/* Some file systems have no sync of folders, and say EINVAL. */
bool folder_sync(int folder)
{
    return fsync(folder) == 0 || errno == EINVAL;
}
