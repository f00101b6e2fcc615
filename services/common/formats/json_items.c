/* SPDX-License-Identifier: Apache-2.0 */
/* Statements as JSON: an array, one object, or one object a line (NDJSON). An array and a single object are
 * parsed as a whole, hence a syntax error in them loses all; in NDJSON every line stands for itself. */
#include "common/formats/reader.h"

#include <jansson.h>

#include "common/formats/json_lines.h"
#include "common/formats/json_problem.h"
#include "common/statement_json.h"

#define PARSE_FLAGS JSON_REJECT_DUPLICATES
#define SPACE       " \t\r\n"

static bool matches(const char *text)
{
    char first = text[strspn(text, SPACE)];
    return first == '[' || first == '{';
}

static json_t *parse(const char *text, GError **error)
{
    json_error_t problem;
    json_t *value = json_loads(text, PARSE_FLAGS, &problem);
    if (!value)
        json_problem_refuse(&problem, 1, error);
    return value;
}

static bool give(const FormatSink *sink, unsigned line, const json_t *value)
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

static void read_array(const char *text, const json_t *array, const FormatSink *sink)
{
    ArrayCursor cursor = {.at = text, .line = 1};
    skip_space(&cursor);
    cursor.at++; /* the bracket */
    bool more = true;
    for (size_t i = 0; more && i < json_array_size(array); i++) {
        skip_space(&cursor);
        more = give(sink, cursor.line, json_array_get(array, i));
        skip_element(&cursor);
    }
}

static bool read_items(const char *text, const FormatSink *sink, GError **error)
{
    if (json_lines_probe(text, strlen(text), true) == JSON_LINES_YES) {
        read_lines(text, sink);
        return true;
    }
    json_t *value = parse(text, error);
    if (!value)
        return false;
    if (json_is_array(value)) {
        read_array(text, value, sink);
    } else {
        ArrayCursor cursor = {.at = text, .line = 1};
        skip_space(&cursor);
        give(sink, cursor.line, value);
    }
    json_decref(value);
    return true;
}

const FormatReader json_items_reader = {
    .name = "JSON (an array of statements, one statement, or one a line)",
    .matches = matches,
    .read = read_items,
};
