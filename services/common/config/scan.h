/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of an INI file. GKeyFile reads the values but neither tells where they stood nor minds a name
 * that comes twice; this tells both. Pure, any thread. */
#ifndef DAYWIRE_COMMON_CONFIG_SCAN_H
#define DAYWIRE_COMMON_CONFIG_SCAN_H

#include <glib.h>

#define SCAN_NAME_MAX 200 /* bytes of the name of a group or key */

typedef struct {
    char *group;
    char *key; /* NULL: the line that opens the group */
    unsigned number;
} ScanLine;

/* The lines with a group or a key, in order: a GPtrArray of ScanLine *, g_ptr_array_unref() frees all.
 * INVALID names `file` and the line. What passes here GKeyFile takes too, but for escapes within values. */
GPtrArray *scan_lines(const char *file, const char *text, size_t size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
