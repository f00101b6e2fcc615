/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/request_body.h"

#include <jansson.h>

#include "common/error.h"
#include "common/statement_json.h"
#include "common/statement_rules.h"

MediaType media_type_parse(const char *content_type)
{
    static const struct {
        const char *name;
        MediaType type;
    } known[] = {
        {"application/json", MEDIA_JSON},
        {"application/x-ndjson", MEDIA_NDJSON},
        {"application/protobuf", MEDIA_PROTOBUF},
        {"application/x-protobuf", MEDIA_PROTOBUF},
    };

    if (content_type == NULL)
        return MEDIA_UNKNOWN;
    g_autofree char *name = g_strndup(content_type, strcspn(content_type, ";"));
    g_strstrip(name);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_ascii_strcasecmp(name, known[i].name) == 0)
            return known[i].type;
    return MEDIA_UNKNOWN;
}

/* `one_line`: of many, so that the caller tells which. A new reference. */
static json_t *load_json(const char *text, size_t size, bool one_line, GError **error)
{
    json_error_t reason;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &reason);

    if (value == NULL) {
        const char *what = json_error_code(&reason) == json_error_invalid_utf8 ? "UTF-8" : "JSON";
        g_autofree char *line = one_line ? g_strdup("") : g_strdup_printf("line %d, ", reason.line);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "not valid %s: %scolumn %d: %s", what, line,
                    reason.column, reason.text);
    }
    return value;
}

static Statement *statement_of_json(const char *text, size_t size, bool one_line, char **ret_field,
                                    GError **error)
{
    json_t *value = load_json(text, size, one_line, error);

    if (value == NULL)
        return NULL;
    Statement *statement = statement_from_json(value, ret_field, error);
    json_decref(value);
    return statement;
}

char *body_note(GBytes *body, char **ret_field, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(body, &size);
    json_t *value = load_json(data, size, false, error);
    const json_t *note = json_object_get(value, "note");
    char *text = NULL;

    *ret_field = NULL;
    if (value == NULL)
        return NULL;
    if (json_is_string(note) && json_object_size(value) == 1)
        text = g_strdup(json_string_value(note));
    else
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "the body of a withdrawal is {\"note\":\"the reason\"} and nothing else");
    json_decref(value);
    return text;
}

static bool check_instant(const Google__Protobuf__Timestamp *at, const char *field, char **ret_field,
                          GError **error)
{
    if (at == NULL || at->base.n_unknown_fields == 0)
        return true;
    *ret_field = g_strdup(field);
    return error_refuse(error, "%s: field number %u of it is not known", field,
                        at->base.unknown_fields[0].tag);
}

/* The same rules as for JSON: `revision` and `updated_at` are Daywire's and do not count, a withdrawal is a
 * request of its own, what is not known is refused and not carried along. */
static Statement *statement_of_protobuf(const void *data, size_t size, char **ret_field, GError **error)
{
    g_autoptr(Statement) statement = statement_unpack(data, size, error);
    const char *field = NULL;

    if (statement == NULL)
        return NULL;
    if (statement->base.n_unknown_fields > 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "field number %u is not known",
                    statement->base.unknown_fields[0].tag);
        return NULL;
    }
    if (!check_instant(statement->published_at, "published_at", ret_field, error) ||
        !check_instant(statement->publish_at, "publish_at", ret_field, error) ||
        !check_instant(statement->expires_at, "expires_at", ret_field, error))
        return NULL;
    statement->revision = 0;
    message_clear_timestamp(&statement->updated_at);
    if (statement->status == STATEMENT_STATUS_WITHDRAWN) {
        g_set_error(
            error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
            "status: a withdrawn statement cannot be submitted; withdraw the one with this id by DELETE "
            "/v1/statements/{id}");
        *ret_field = g_strdup("status");
        return NULL;
    }
    if (!statement_validate(statement, &field, error)) {
        *ret_field = g_strdup(field);
        return NULL;
    }
    return g_steal_pointer(&statement);
}

Statement *body_statement(MediaType type, GBytes *body, char **ret_field, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(body, &size);

    *ret_field = NULL;
    if (size == 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "the body is empty: it has to be a statement");
        return NULL;
    }
    return type == MEDIA_JSON ? statement_of_json(data, size, false, ret_field, error)
                              : statement_of_protobuf(data, size, ret_field, error);
}

BodyLine body_line(const Line *line, size_t longest)
{
    BodyLine result = {.number = line->number};

    if (line->text == NULL)
        g_set_error(&result.error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "the line is longer than %zu bytes", longest);
    else
        result.statement = statement_of_json(line->text, line->length, true, &result.field, &result.error);
    return result;
}

void body_line_clear(BodyLine *line)
{
    statement_free(line->statement);
    g_free(line->field);
    g_clear_error(&line->error);
}
