/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/request_body.h"

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

/* `first_line`: 0 for one line of many, whose number the caller tells. */
static Statement *statement_of_json(const char *text, size_t size, unsigned first_line, char **ret_field,
                                    GError **error)
{
    g_autoptr(yyjson_doc) doc = json_read(text, size, first_line, error);

    return doc != NULL ? statement_from_json(yyjson_doc_get_root(doc), ret_field, error) : NULL;
}

char *body_note(GBytes *body, char **ret_field, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(body, &size);
    g_autoptr(yyjson_doc) doc = json_read(data, size, 1, error);
    yyjson_val *value = yyjson_doc_get_root(doc);
    yyjson_val *note = yyjson_obj_get(value, "note");

    *ret_field = NULL;
    if (doc == NULL)
        return NULL;
    if (yyjson_is_str(note) && yyjson_obj_size(value) == 1)
        return g_strdup(yyjson_get_str(note));
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "the body of a withdrawal is {\"note\":\"the reason\"} and nothing else");
    return NULL;
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
    return type == MEDIA_JSON ? statement_of_json(data, size, 1, ret_field, error)
                              : statement_of_protobuf(data, size, ret_field, error);
}

BodyLine body_line(const Line *line, size_t longest)
{
    BodyLine result = {.number = line->number};

    if (line->text == NULL)
        g_set_error(&result.error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "the line is longer than %zu bytes", longest);
    else
        result.statement = statement_of_json(line->text, line->length, 0, &result.field, &result.error);
    return result;
}

void body_line_clear(BodyLine *line)
{
    statement_free(line->statement);
    g_free(line->field);
    g_clear_error(&line->error);
}
