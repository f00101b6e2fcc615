/* SPDX-License-Identifier: Apache-2.0 */
/* Files that people name on the command line. */
#ifndef DAYWIRE_CLI_FILES_H
#define DAYWIRE_CLI_FILES_H

#include <glib.h>

/* The whole of a file, "-" for standard input. TOO_LARGE beyond `max` bytes, whatever stands at `path`;
 * NOT_FOUND, FAILED. Each message names the path. */
GBytes *file_read(const char *path, size_t max, GError **error) MUST_CHECK;

#endif
