/* SPDX-License-Identifier: Apache-2.0 */
/* Moves within a file system that neither overwrite anything nor are lost with the power. Any thread. */
#ifndef DAYWIRE_COMMON_FILE_MOVE_H
#define DAYWIRE_COMMON_FILE_MOVE_H

#include <stdbool.h>

/* From one open folder to another (AT_FDCWD is fine), whatever it is; links are not followed. False with errno;
 * EEXIST: the new name is taken. On a file system that cannot do it in one step, the file has both names for a moment,
 * and folders cannot be moved. */
bool file_move(int from_folder, const char *from, int to_folder, const char *to) MUST_CHECK;

/* The names in a folder are on the disk when true. False with errno. */
bool folder_sync(int folder) MUST_CHECK;

#endif
