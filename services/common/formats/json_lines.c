/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/json_lines.h"

#include "common/formats/feed_json.h"
#include "common/formats/reader.h"
#include "common/statement_json.h"

#define BOM "\xef\xbb\xbf"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_value(const char *text, size_t size)
{
    g_autoptr(yyjson_doc) doc = json_read(text, size, 1, NULL);

    return doc != NULL;
}

/* A feed may be written on one line. */
static bool is_feed(const char *text, size_t size)
{
    g_autofree char *copy = g_strndup(text, size);
    return feed_is_json(copy);
}

JsonLinesVerdict json_lines_probe(const char *data, size_t size, bool whole)
{
    const char *end = data + size;
    const char *start = data;

    if (size >= strlen(BOM) && memcmp(data, BOM, strlen(BOM)) == 0)
        start += strlen(BOM);
    while (start < end && is_space(*start))
        start++;
    if (start == end && !whole)
        return JSON_LINES_UNKNOWN;
    if (start == end || *start != '{')
        return JSON_LINES_NO;
    const char *line_end = memchr(start, '\n', (size_t)(end - start));
    if (!line_end)
        return !whole                                  ? JSON_LINES_UNKNOWN
               : is_feed(start, (size_t)(end - start)) ? JSON_LINES_NO
                                                       : JSON_LINES_YES;
    if (is_feed(start, (size_t)(line_end - start)))
        return JSON_LINES_NO;
    if (is_value(start, (size_t)(line_end - start)) || memmem(line_end, (size_t)(end - line_end), "\n{", 2))
        return JSON_LINES_YES;
    return whole ? JSON_LINES_NO : JSON_LINES_UNKNOWN;
}

bool json_line_read(const char *text, size_t size, unsigned line, const FormatContext *context,
                    FormatFunction each, void *user)
{
    const FormatSink sink = {.context = context, .each = each, .user = user};
    char *field = NULL;
    GError *reason = NULL;
    g_autoptr(yyjson_doc) doc = json_read(text, size, line, &reason);

    if (!doc)
        return format_refuse(&sink, line, NULL, reason);
    Statement *statement = statement_from_json(yyjson_doc_get_root(doc), &field, &reason);
    return statement ? format_give(&sink, line, statement) : format_refuse(&sink, line, field, reason);
}
