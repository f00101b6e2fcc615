/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a whole file of a bounded size, and never waits. Any thread. */
#ifndef DAYWIRE_COMMON_FILE_READ_H
#define DAYWIRE_COMMON_FILE_READ_H

#include <glib.h>

/* At most `max` bytes of a regular file: a pipe would be waited for, and a device has no end. All errors name the file:
 * NOT_FOUND, TOO_LARGE, FAILED. g_string_free() it. */
GString *file_read(const char *path, size_t max, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
