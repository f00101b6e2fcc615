/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/files.h"

#include <errno.h>
#include <stdbool.h>

#include "common/error.h"

#define CHUNK 65536

/* False when reading failed, with errno. Stops beyond `max` bytes. */
static bool read_all(FILE *file, GByteArray *bytes, size_t max)
{
    size_t size = 0;
    do {
        guint before = bytes->len;
        g_byte_array_set_size(bytes, before + CHUNK);
        size = fread(bytes->data + before, 1, CHUNK, file);
        g_byte_array_set_size(bytes, before + (guint)size);
    } while (size == CHUNK && bytes->len <= max);
    return ferror(file) == 0;
}

GBytes *file_read(const char *path, size_t max, GError **error)
{
    bool standard_input = strcmp(path, "-") == 0;
    const char *name = standard_input ? "standard input" : path;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    errno = 0;
    FILE *file = standard_input ? stdin : fopen(path, "re");
    bool good = file && read_all(file, bytes, max);
    int cause = errno;
    if (file && !standard_input)
        (void)fclose(file); /* it was only read */
    if (!good) {
        g_set_error(error, DAYWIRE_ERROR, cause == ENOENT ? DAYWIRE_ERROR_NOT_FOUND : DAYWIRE_ERROR_FAILED,
                    "%s: %s", name, g_strerror(cause));
        return NULL;
    }
    if (bytes->len > max) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "%s: larger than %zu bytes", name, max);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}
