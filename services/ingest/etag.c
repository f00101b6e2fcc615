/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/etag.h"

#include <glib.h>
#include <string.h>

#define SPACE " \t"

char *etag_format(uint32_t revision, int64_t schedule_version)
{
    if (schedule_version == 0)
        return g_strdup_printf("\"%u\"", revision);
    return g_strdup_printf("\"%u.%" G_GINT64_FORMAT "\"", revision, schedule_version);
}

static bool is_star(const char *header)
{
    header += strspn(header, SPACE);
    return *header == '*' && header[1 + strspn(header + 1, SPACE)] == '\0';
}

/* Moves *at behind the next tag of a list and the comma after it. False at the end, or where there is no tag: then
 * *at is not at the end. */
static bool next_tag(const char **at, const char **ret_tag, size_t *ret_length)
{
    const char *tag = *at + strspn(*at, SPACE ",");
    const char *quoted = g_str_has_prefix(tag, "W/") ? tag + 2 : tag;
    const char *end = *quoted == '"' ? strchr(quoted + 1, '"') : NULL;

    *at = tag;
    if (!end)
        return false;
    const char *after = end + 1 + strspn(end + 1, SPACE);
    if (*after != ',' && *after != '\0')
        return false;
    *ret_tag = tag;
    *ret_length = (size_t)(end + 1 - tag);
    *at = after;
    return true;
}

bool etag_header_is_valid(const char *header)
{
    const char *at = header;
    const char *tag = NULL;
    size_t length = 0;
    unsigned count = 0;

    if (is_star(header))
        return true;
    while (next_tag(&at, &tag, &length))
        count++;
    return count > 0 && *at == '\0';
}

/* None of ours is weak. */
static bool is_same(const char *tag, size_t length, const char *etag, EtagComparison comparison)
{
    if (comparison == ETAG_WEAKLY && *tag == 'W') {
        tag += 2;
        length -= 2;
    }
    return length == strlen(etag) && memcmp(tag, etag, length) == 0;
}

bool etag_is_named(const char *header, const char *etag, EtagComparison comparison)
{
    const char *at = header;
    const char *tag = NULL;
    size_t length = 0;

    if (!etag)
        return false;
    if (is_star(header))
        return true;
    while (next_tag(&at, &tag, &length))
        if (is_same(tag, length, etag, comparison))
            return true;
    return false;
}
