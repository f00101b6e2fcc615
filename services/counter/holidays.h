/* SPDX-License-Identifier: Apache-2.0 */
/* A file of holidays: a YYYY-MM-DD a line, in any order; empty lines, and # before a comment. Any thread. */
#ifndef DAYWIRE_COUNTER_HOLIDAYS_H
#define DAYWIRE_COUNTER_HOLIDAYS_H

#include <glib.h>

#define HOLIDAYS_SIZE_MAX 65536 /* bytes of the file */

/* An array of CivilDate. INVALID names file and line; NOT_FOUND, TOO_LARGE and FAILED name the file.
 * g_array_unref it. */
GArray *holidays_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
