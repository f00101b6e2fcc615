/* SPDX-License-Identifier: Apache-2.0 */
/* One table of fields drives both directions: its order is the order of the output, and its names are the
 * only ones that the input may have. */
#include "common/statement_json.h"

#include "common/error.h"
#include "common/instant.h"
#include "common/statement_rules.h"

typedef struct Field Field;
struct Field {
    const char *name;
    size_t offset; /* texts: of the char * in Statement */
    json_t *(*get)(const Field *field, const Statement *statement);
    /* `value` is not null. False with the reason, still without the field's name. */
    bool (*set)(const Field *field, Statement *statement, const json_t *value, GError **error);
};

/* By the numbers of the enums in proto/. */
static const char *const statuses[] = {NULL, "usable", "withdrawn"};
static const char *const changes[] = {NULL, "published", "updated", "corrected", "withdrawn"};
static const char *const body_types[] = {NULL, "text/plain", "text/html"};

G_GNUC_PRINTF(2, 3)
static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, message);
    return false;
}

/* The beginning of what was sent, fit for a message. */
static char *excerpt(const char *text)
{
    enum { LONGEST = 60 };
    g_autofree char *start = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), LONGEST));
    for (char *c = start; *c; c++) {
        if (g_ascii_iscntrl(*c))
            *c = '?';
    }
    return g_strconcat(start, strlen(start) < strlen(text) ? "..." : "", NULL);
}

static const char *type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

/* NULL when it is no string. */
static const char *read_text(const json_t *value, GError **error)
{
    const char *text = json_string_value(value);
    if (!text)
        refuse(error, "a string, this one is %s", type_name(value));
    return text;
}

/* The number of the text in `words`; `expected` is said when it is not among them. */
static bool read_word(const json_t *value, const char *const *words, size_t count, const char *expected,
                      unsigned *ret_number, GError **error)
{
    const char *text = read_text(value, error);
    if (!text)
        return false;
    for (unsigned i = 1; i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret_number = i;
            return true;
        }
    }
    g_autofree char *sent = excerpt(text);
    return refuse(error, "%s, this one is \"%s\"", expected, sent);
}

static bool read_instant(const json_t *value, Instant *ret_instant, int *ret_offset_minutes, GError **error)
{
    const char *text = read_text(value, error);
    if (!text)
        return false;
    if (instant_parse(text, ret_instant, ret_offset_minutes))
        return true;
    g_autofree char *sent = excerpt(text);
    return refuse(error, "date, time and offset as in 2021-07-23T12:00:00+01:00, this one is \"%s\"", sent);
}

static json_t *word_or_null(const char *const *words, size_t count, unsigned number)
{
    return number < count && words[number] ? json_string(words[number]) : json_null();
}

static json_t *instant_or_null(const Google__Protobuf__Timestamp *timestamp, int offset_minutes)
{
    if (!timestamp)
        return json_null();
    char text[INSTANT_TEXT_MAX];
    return json_string(instant_format(instant_from_timestamp(timestamp), offset_minutes, text));
}

static json_t *get_text(const Field *field, const Statement *statement)
{
    const char *text = G_STRUCT_MEMBER(const char *, statement, field->offset);
    return *text ? json_string(text) : json_null();
}

static bool set_text(const Field *field, Statement *statement, const json_t *value, GError **error)
{
    const char *text = read_text(value, error);
    if (!text)
        return false;
    message_set_string(G_STRUCT_MEMBER_P(statement, field->offset), text);
    return true;
}

/* Title, summary and body: a withdrawn statement shows none, whatever it holds. */
static json_t *get_content(const Field *field, const Statement *statement)
{
    return statement->status == STATEMENT_STATUS_WITHDRAWN ? json_null() : get_text(field, statement);
}

static json_t *get_revision(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    return json_integer(statement->revision);
}

static bool set_revision(const Field *field G_GNUC_UNUSED, Statement *statement G_GNUC_UNUSED,
                         const json_t *value, GError **error)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > UINT32_MAX)
        return refuse(error, "a whole number; it is set by Daywire and may be left out");
    return true;
}

static json_t *get_status(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    return word_or_null(statuses, G_N_ELEMENTS(statuses), statement->status);
}

static bool set_status(const Field *field G_GNUC_UNUSED, Statement *statement G_GNUC_UNUSED,
                       const json_t *value, GError **error)
{
    unsigned number = 0;
    if (!read_word(value, statuses, G_N_ELEMENTS(statuses), "usable", &number, error))
        return false;
    if (number != STATEMENT_STATUS_USABLE)
        return refuse(error,
                      "a withdrawn statement cannot be submitted; withdraw the one with this id by DELETE "
                      "/v1/statements/{id} or `daywire withdraw`");
    return true;
}

static json_t *get_change(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    return word_or_null(changes, G_N_ELEMENTS(changes), statement->change);
}

static bool set_change(const Field *field G_GNUC_UNUSED, Statement *statement, const json_t *value,
                       GError **error)
{
    unsigned number = 0;
    if (!read_word(value, changes, G_N_ELEMENTS(changes), "published, updated or corrected", &number, error))
        return false;
    statement->change = number;
    return true;
}

static json_t *get_body_type(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        return json_null();
    return word_or_null(body_types, G_N_ELEMENTS(body_types), statement->body_type);
}

static bool set_body_type(const Field *field G_GNUC_UNUSED, Statement *statement, const json_t *value,
                          GError **error)
{
    unsigned number = 0;
    if (!read_word(value, body_types, G_N_ELEMENTS(body_types), "text/plain", &number, error))
        return false;
    statement->body_type = number;
    return true;
}

static json_t *get_tags(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    json_t *tags = json_array();
    for (size_t i = 0; i < statement->n_tags; i++)
        json_array_append_new(tags, json_string(statement->tags[i]));
    return tags;
}

static bool set_tags(const Field *field G_GNUC_UNUSED, Statement *statement, const json_t *value,
                     GError **error)
{
    if (!json_is_array(value))
        return refuse(error, "an array of strings, this one is %s", type_name(value));
    if (json_array_size(value) > STATEMENT_TAGS_MAX)
        return refuse(error, "at most %d, there are %zu", STATEMENT_TAGS_MAX, json_array_size(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *tag = json_array_get(value, i);
        if (!json_is_string(tag))
            return refuse(error, "an array of strings, number %zu is %s", i + 1, type_name(tag));
        statement_add_tag(statement, json_string_value(tag));
    }
    return true;
}

static json_t *get_published_at(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    return instant_or_null(statement->published_at, statement->published_at_offset_minutes);
}

static bool set_published_at(const Field *field G_GNUC_UNUSED, Statement *statement, const json_t *value,
                             GError **error)
{
    Instant instant = 0;
    int offset_minutes = 0;
    if (!read_instant(value, &instant, &offset_minutes, error))
        return false;
    statement->published_at = instant_to_timestamp(instant);
    statement->published_at_offset_minutes = offset_minutes;
    return true;
}

static json_t *get_updated_at(const Field *field G_GNUC_UNUSED, const Statement *statement)
{
    return instant_or_null(statement->updated_at, 0);
}

static bool set_updated_at(const Field *field G_GNUC_UNUSED, Statement *statement G_GNUC_UNUSED,
                           const json_t *value, GError **error)
{
    Instant ignored = 0;
    return read_instant(value, &ignored, NULL, error);
}

/* clang-format off */
#define TEXT(name_)    {#name_, offsetof(Statement, name_), get_text, set_text}
#define CONTENT(name_) {#name_, offsetof(Statement, name_), get_content, set_text}
#define OTHER(name_)   {#name_, 0, get_##name_, set_##name_}

static const Field fields[] = {
    TEXT(id),
    OTHER(revision),
    OTHER(status),
    OTHER(change),
    TEXT(note),
    CONTENT(title),
    CONTENT(summary),
    CONTENT(body),
    OTHER(body_type),
    TEXT(language),
    TEXT(url),
    TEXT(source),
    TEXT(kind),
    OTHER(tags),
    TEXT(author),
    TEXT(place),
    TEXT(date),
    OTHER(published_at),
    OTHER(updated_at),
};
/* clang-format on */

json_t *statement_to_json(const Statement *statement)
{
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        json_object_set_new_nocheck(object, fields[i].name, fields[i].get(&fields[i], statement));
    return object;
}

static const Field *find_field(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

static bool check_names(const json_t *object, char **ret_field, GError **error)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, name, value)
    {
        if (find_field(name))
            continue;
        g_autofree char *sent = excerpt(name);
        g_autoptr(GString) known = g_string_new(fields[0].name);
        for (size_t i = 1; i < G_N_ELEMENTS(fields); i++)
            g_string_append_printf(known, ", %s", fields[i].name);
        refuse(error, "%s: no such field; a statement has %s", sent, known->str);
        *ret_field = g_steal_pointer(&sent);
        return false;
    }
    return true;
}

Statement *statement_from_json(const json_t *object, char **ret_field, GError **error)
{
    *ret_field = NULL;
    if (!json_is_object(object)) {
        refuse(error, "a statement is a JSON object, this is %s", object ? type_name(object) : "nothing");
        return NULL;
    }
    if (!check_names(object, ret_field, error))
        return NULL;
    g_autoptr(Statement) statement = statement_new();
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const json_t *value = json_object_get(object, fields[i].name);
        if (!value || json_is_null(value) || fields[i].set(&fields[i], statement, value, error))
            continue;
        g_prefix_error(error, "%s: ", fields[i].name);
        *ret_field = g_strdup(fields[i].name);
        return NULL;
    }
    const char *field = NULL;
    if (!statement_validate(statement, &field, error)) {
        *ret_field = g_strdup(field);
        return NULL;
    }
    return g_steal_pointer(&statement);
}
