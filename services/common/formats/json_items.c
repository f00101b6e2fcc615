/* SPDX-License-Identifier: Apache-2.0 */
/* Statements as JSON: an array, one object, or one object a line (NDJSON). An array and a single object are
 * parsed as a whole, hence a syntax error in them loses all; in NDJSON every line stands for itself. */
#include "common/formats/reader.h"

#include "common/formats/json_lines.h"
#include "common/statement_json.h"

#define SPACE " \t\r\n"

static bool matches(const char *text)
{
    char first = text[strspn(text, SPACE)];
    return first == '[' || first == '{';
}

static bool give(const FormatSink *sink, unsigned line, yyjson_val *value)
{
    char *field = NULL;
    GError *reason = NULL;
    Statement *statement = statement_from_json(value, &field, &reason);
    return statement ? format_give(sink, line, statement) : format_refuse(sink, line, field, reason);
}

static void read_lines(const char *text, const FormatSink *sink)
{
    unsigned number = 1;
    bool more = true;
    for (const char *line = text; more && *line; number++) {
        size_t length = strcspn(line, "\n");
        if (strspn(line, SPACE) < length)
            more = json_line_read(line, length, number, sink->context, sink->each, sink->user);
        line += length;
        line += *line == '\n' ? 1 : 0;
    }
}

/* Steps from one element of an array to the next and counts lines, in a text that is known to be valid JSON.
 */
typedef struct {
    const char *at;
    unsigned line;
} ArrayCursor;

static void skip_space(ArrayCursor *cursor)
{
    for (; *cursor->at && strchr(SPACE ",", *cursor->at); cursor->at++)
        cursor->line += *cursor->at == '\n' ? 1 : 0;
}

static void skip_element(ArrayCursor *cursor)
{
    unsigned depth = 0;
    bool in_string = false;
    for (; *cursor->at; cursor->at++) {
        char c = *cursor->at;
        cursor->line += c == '\n' ? 1 : 0;
        if (in_string) {
            if (c == '\\' && cursor->at[1])
                cursor->at++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth > 0 && (c == '}' || c == ']')) {
            depth--;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            return;
        }
    }
}

static void read_array(const char *text, yyjson_val *array, const FormatSink *sink)
{
    ArrayCursor cursor = {.at = text, .line = 1};
    skip_space(&cursor);
    cursor.at++; /* the bracket */
    bool more = true;
    size_t i = 0, count = 0;
    yyjson_val *value = NULL;
    yyjson_arr_foreach(array, i, count, value)
    {
        if (!more)
            break;
        skip_space(&cursor);
        more = give(sink, cursor.line, value);
        skip_element(&cursor);
    }
}

static bool read_items(const char *text, const FormatSink *sink, GError **error)
{
    if (json_lines_probe(text, strlen(text), true) == JSON_LINES_YES) {
        read_lines(text, sink);
        return true;
    }
    g_autoptr(yyjson_doc) doc = json_read(text, strlen(text), 1, error);
    if (!doc)
        return false;
    yyjson_val *value = yyjson_doc_get_root(doc);
    if (yyjson_is_arr(value)) {
        read_array(text, value, sink);
    } else {
        ArrayCursor cursor = {.at = text, .line = 1};
        skip_space(&cursor);
        give(sink, cursor.line, value);
    }
    return true;
}

const FormatReader json_items_reader = {
    .name = "JSON (an array of statements, one statement, or one a line)",
    .matches = matches,
    .read = read_items,
};
