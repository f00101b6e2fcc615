/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/scan.h"

#include <stdbool.h>

#include "common/error.h"

typedef struct {
    const char *file;
    GPtrArray *lines;
    GHashTable *seen; /* "[group]" or "[group]key" -> ScanLine */
    const char *group;
    unsigned number;
    GError **error;
} Scan;

static void scan_line_free(gpointer data)
{
    ScanLine *line = data;
    g_free(line->group);
    g_free(line->key);
    g_free(line);
}

G_GNUC_PRINTF(2, 3)
static bool refuse(const Scan *scan, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(scan->error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s:%u: %s", scan->file, scan->number,
                message);
    return false;
}

static bool check_characters(const Scan *scan, const char *line, size_t length)
{
    const char *bad = NULL;
    if (!g_utf8_validate_len(line, length, &bad))
        return refuse(scan, "invalid UTF-8 at byte %zu of the line", (size_t)(bad - line) + 1);
    for (const char *at = line; at < line + length; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_iscntrl(c) && c != '\t')
            return refuse(scan, "control character U+%04X at byte %zu of the line", c,
                          (size_t)(at - line) + 1);
    }
    return true;
}

/* Takes over `key`, which is NULL for the line of a group. */
static bool add_line(Scan *scan, const char *group, char *key)
{
    ScanLine *line = g_new(ScanLine, 1);
    *line = (ScanLine){.group = g_strdup(group), .key = key, .number = scan->number};
    g_ptr_array_add(scan->lines, line);
    g_autofree char *name = g_strdup_printf("[%s]%s", group, key ? key : "");
    const ScanLine *first = g_hash_table_lookup(scan->seen, name);
    if (first && key)
        return refuse(scan, "\"%s\" is already set in line %u", key, first->number);
    if (first)
        return refuse(scan, "[%s] has already begun in line %u", group, first->number);
    g_hash_table_insert(scan->seen, g_steal_pointer(&name), line);
    if (!key)
        scan->group = line->group;
    return true;
}

static bool check_name(const Scan *scan, const char *what, const char *name)
{
    if (*name == '\0')
        return refuse(scan, "%s without a name", what);
    if (strlen(name) > SCAN_NAME_MAX)
        return refuse(scan, "the name of the %s is longer than %d bytes", what, SCAN_NAME_MAX);
    if (strpbrk(name, "[]\t"))
        return refuse(scan, "the name of the %s has a bracket or a tab in it", what);
    return true;
}

static bool scan_group(Scan *scan, char *line)
{
    size_t length = strlen(line);
    if (line[length - 1] != ']')
        return refuse(scan, "a group stands alone on its line: [name]");
    line[length - 1] = '\0';
    return check_name(scan, "group", line + 1) && add_line(scan, line + 1, NULL);
}

static bool scan_key(Scan *scan, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return refuse(scan, "neither \"[group]\" nor \"key = value\"; comments begin with #");
    *equals = '\0';
    g_strchomp(line);
    if (!check_name(scan, "key", line))
        return false;
    if (!scan->group)
        return refuse(scan, "\"%s\" stands before the first [group]", line);
    return add_line(scan, scan->group, g_strdup(line));
}

static bool scan_line(Scan *scan, const char *start, size_t length)
{
    if (length > 0 && start[length - 1] == '\r')
        length--;
    if (!check_characters(scan, start, length))
        return false;
    g_autofree char *line = g_strndup(start, length);
    g_strstrip(line);
    if (*line == '\0' || *line == '#')
        return true;
    return *line == '[' ? scan_group(scan, line) : scan_key(scan, line);
}

GPtrArray *scan_lines(const char *file, const char *text, size_t size, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(scan_line_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Scan scan = {.file = file, .lines = lines, .seen = seen, .error = error};
    const char *end = text + size;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        scan.number++;
        if (!scan_line(&scan, text, (size_t)(stop - text)))
            return NULL;
        text = newline ? newline + 1 : end;
    }
    return g_steal_pointer(&lines);
}
