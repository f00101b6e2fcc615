/* SPDX-License-Identifier: Apache-2.0 */
/* From file and environment to settings that are right.
 *
 * The text is scanned for names and their lines (scan.h), each name is looked up in the table (lookup.h), its
 * value is taken from GKeyFile and parsed (value.h); then the environment replaces values (environment.c).
 * The first mistake is told. An empty value means "not set". */
#include "common/config/config.h"

#include "common/config/lookup.h"
#include "common/config/scan.h"
#include "common/config/settings.h"
#include "common/error.h"
#include "common/file_read.h"

#define FILE_SIZE_MAX 8388608 /* ten thousand counters in several languages */

static bool load_key(Config *config, const char *origin, const ScanLine *line, GKeyFile *file, GError **error)
{
    const Option *option = NULL;
    if (!key_check(line->group, line->key, &option, error)) {
        g_prefix_error(error, "%s: ", origin);
        return false;
    }
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = g_key_file_get_string(file, line->group, line->key, &problem);
    if (problem) { /* GLib gives half a value along, and its message could show it */
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: [%s] %s: a backslash is written \\\\; other escapes are \\s \\n \\t \\r", origin,
                    line->group, line->key);
        return false;
    }
    return settings_set(config, option, line->group, line->key, g_strchomp(text), origin, error);
}

static void add_group(Config *config, const char *group, const char *origin)
{
    g_ptr_array_add(config->groups, g_strdup(group));
    if (!g_hash_table_contains(config->headings, group))
        g_hash_table_insert(config->headings, g_strdup(group), g_strdup(origin));
}

static bool load_lines(Config *config, const char *path, GPtrArray *lines, GKeyFile *file, GError **error)
{
    for (guint i = 0; i < lines->len; i++) {
        const ScanLine *line = lines->pdata[i];
        g_autofree char *origin = g_strdup_printf("%s:%u", path, line->number);
        if (line->key) {
            if (!load_key(config, origin, line, file, error))
                return false;
        } else if (group_check(line->group, error)) {
            add_group(config, line->group, origin);
        } else {
            g_prefix_error(error, "%s: ", origin);
            return false;
        }
    }
    return true;
}

static bool load_file(Config *config, const char *path, GError **error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a file of UTF-8 with it */
    g_autoptr(GString) all = file_read(path, FILE_SIZE_MAX, error);
    if (!all)
        return false;
    const char *text = g_str_has_prefix(all->str, mark) ? all->str + strlen(mark) : all->str;
    size_t size = all->len - (size_t)(text - all->str);

    g_autoptr(GPtrArray) lines = scan_lines(path, text, size, error);
    if (!lines)
        return false;
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (lines->len > 0 && !g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, NULL)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: not an INI file", path);
        return false;
    }
    return load_lines(config, path, lines, file, error);
}

Config *config_load(const char *path, char *const *environment, GError **error)
{
    g_autoptr(Config) config = settings_new();
    config->folder = path ? g_path_get_dirname(path) : NULL;
    if ((path && !load_file(config, path, error)) || !environment_apply(config, environment, error))
        return NULL;
    settings_index(config);
    return g_steal_pointer(&config);
}
