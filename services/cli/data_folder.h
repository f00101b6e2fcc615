/* SPDX-License-Identifier: Apache-2.0 */
/* The folder in which `daywire standalone` keeps everything: databases, token, and the broker's data. */
#ifndef DAYWIRE_CLI_DATA_FOLDER_H
#define DAYWIRE_CLI_DATA_FOLDER_H

#include <stdbool.h>
#include <glib.h>

typedef struct DataFolder DataFolder;

/* Makes the folder (mode 0700) when it is missing, and locks it until it is freed. `path` NULL:
 * $XDG_DATA_HOME/daywire. CONFLICT: another process has the lock. FAILED. */
DataFolder *data_folder_open(const char *path, GError **error) MUST_CHECK;
void data_folder_free(DataFolder *folder); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DataFolder, data_folder_free)

const char *data_folder_path(const DataFolder *folder); /* absolute */

/* The path of a file in it. g_free it. */
char *data_folder_file(const DataFolder *folder, const char *name);

/* Writes a random token, readable by its owner alone, unless the file is there. */
bool data_folder_make_token(const char *path, bool *ret_made, GError **error) MUST_CHECK;

#endif
