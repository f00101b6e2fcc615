/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file_read.h"

#include <errno.h>
#include <stdio.h>

#include "common/error.h"

GString *file_read(const char *path, size_t max, GError **error)
{
    char block[4096];
    g_autoptr(GString) text = g_string_new(NULL);
    FILE *file = fopen(path, "re");
    while (file && !feof(file) && !ferror(file) && text->len <= max)
        g_string_append_len(text, block, (gssize)fread(block, 1, sizeof(block), file));
    int failure = !file || ferror(file) ? errno : 0;
    if (file)
        (void)fclose(file); /* it was only read */
    if (failure) {
        g_set_error(error, DAYWIRE_ERROR, failure == ENOENT ? DAYWIRE_ERROR_NOT_FOUND : DAYWIRE_ERROR_FAILED,
                    "%s: %s", path, g_strerror(failure));
        return NULL;
    }
    if (text->len > max) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "%s: larger than %zu bytes", path, max);
        return NULL;
    }
    return g_steal_pointer(&text);
}
