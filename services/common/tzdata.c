/* SPDX-License-Identifier: Apache-2.0 */
#include "common/tzdata.h"

#include <errno.h>
#include <stdbool.h>

#include <glib.h>

#define DEFAULT_FOLDER     "/usr/share/zoneinfo"
#define VERSION_MAX_LENGTH 32

/* The sources in one file, which begin with "# version 2025b"; and what some systems have beside or in place of it. */
#define SOURCES        "tzdata.zi"
#define SOURCES_PREFIX "# version "
const char *const tzdata_version_files[] = {SOURCES, "+VERSION", NULL};

char *tzdata_path(const char *name)
{
    const char *folder = g_getenv("TZDIR");
    return g_build_filename(folder && *folder ? folder : DEFAULT_FOLDER, name, NULL);
}

static bool is_version(const char *word)
{
    if (!*word || strlen(word) > VERSION_MAX_LENGTH)
        return false;
    for (; *word; word++)
        if (!g_ascii_isalnum(*word) && !strchr("-._+", *word))
            return false;
    return true;
}

/* The word after the prefix in the first line; NULL: there is none. */
static char *read_version(const char *name, const char *prefix)
{
    char line[sizeof(SOURCES_PREFIX) + VERSION_MAX_LENGTH + 2] = "";
    g_autofree char *path = tzdata_path(name);
    /* GLib knows no way to read the beginning only; a pipe or a device has no place here, and would be read
     * no further. */
    FILE *file = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? fopen(path, "re") : NULL;
    if (!file)
        return NULL;
    bool read = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file); /* it was only read */
    const char *version = g_strstrip(line);
    if (!read || !g_str_has_prefix(version, prefix) || !is_version(version + strlen(prefix)))
        return NULL;
    return g_strdup(version + strlen(prefix));
}

char *tzdata_version(void)
{
    char *version = read_version(tzdata_version_files[0], SOURCES_PREFIX);
    if (!version)
        version = read_version(tzdata_version_files[1], "");
    return version ? version : g_strdup("unknown");
}
