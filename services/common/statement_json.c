/* SPDX-License-Identifier: Apache-2.0 */
#include "common/statement_json.h"

#include "common/error.h"
#include "common/json_fields.h"
#include "common/statement_rules.h"
#include "common/text.h"

/* By the numbers of the enums in proto/. */
static const char *const statuses[] = {NULL, "usable", "withdrawn"};
static const char *const changes[] = {NULL, "published", "updated", "corrected", "withdrawn"};
static const char *const body_types[] = {NULL, "text/plain", "text/html"};

/* The number of the text in `words`; `expected` is said when it is not among them. */
static bool read_word(yyjson_val *value, const char *const *words, size_t count, const char *expected,
                      unsigned *ret_number, GError **error)
{
    const char *text = field_read_text(value, error);
    if (!text)
        return false;
    for (unsigned i = 1; i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret_number = i;
            return true;
        }
    }
    g_autofree char *sent = text_excerpt(text);
    return error_refuse(error, "%s, this one is \"%s\"", expected, sent);
}

static yyjson_mut_val *word_or_null(yyjson_mut_doc *doc, const char *const *words, size_t count,
                                    unsigned number)
{
    return number < count && words[number] ? yyjson_mut_str(doc, words[number]) : yyjson_mut_null(doc);
}

/* Title, summary and body: a withdrawn statement shows none, whatever it holds. */
static yyjson_mut_val *get_content(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return statement->status == STATEMENT_STATUS_WITHDRAWN ? yyjson_mut_null(doc)
                                                           : field_get_text(field, statement, doc);
}

static yyjson_mut_val *get_revision(const JsonField *field G_GNUC_UNUSED, const void *message,
                                    yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return yyjson_mut_uint(doc, statement->revision);
}

static bool set_revision(const JsonField *field G_GNUC_UNUSED, void *message G_GNUC_UNUSED, yyjson_val *value,
                         GError **error)
{
    int64_t number = 0;
    if (!json_get_integer(value, &number) || number < 0 || number > UINT32_MAX)
        return error_refuse(error, "a whole number; it is set by Daywire and may be left out");
    return true;
}

static yyjson_mut_val *get_status(const JsonField *field G_GNUC_UNUSED, const void *message,
                                  yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return word_or_null(doc, statuses, G_N_ELEMENTS(statuses), statement->status);
}

static bool set_status(const JsonField *field G_GNUC_UNUSED, void *message G_GNUC_UNUSED, yyjson_val *value,
                       GError **error)
{
    unsigned number = 0;
    if (!read_word(value, statuses, G_N_ELEMENTS(statuses), "usable", &number, error))
        return false;
    if (number != STATEMENT_STATUS_USABLE)
        return error_refuse(
            error, "a withdrawn statement cannot be submitted; withdraw the one with this id by DELETE "
                   "/v1/statements/{id} or `daywire withdraw`");
    return true;
}

static yyjson_mut_val *get_change(const JsonField *field G_GNUC_UNUSED, const void *message,
                                  yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return word_or_null(doc, changes, G_N_ELEMENTS(changes), statement->change);
}

static bool set_change(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value, GError **error)
{
    Statement *statement = message;
    unsigned number = 0;
    if (!read_word(value, changes, G_N_ELEMENTS(changes), "published, updated or corrected", &number, error))
        return false;
    statement->change = number;
    return true;
}

static yyjson_mut_val *get_body_type(const JsonField *field G_GNUC_UNUSED, const void *message,
                                     yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        return yyjson_mut_null(doc);
    return word_or_null(doc, body_types, G_N_ELEMENTS(body_types), statement->body_type);
}

static bool set_body_type(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value,
                          GError **error)
{
    Statement *statement = message;
    unsigned number = 0;
    if (!read_word(value, body_types, G_N_ELEMENTS(body_types), "text/plain or text/html", &number, error))
        return false;
    statement->body_type = number;
    return true;
}

static yyjson_mut_val *get_tags(const JsonField *field G_GNUC_UNUSED, const void *message,
                                yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    yyjson_mut_val *tags = yyjson_mut_arr(doc);
    for (size_t i = 0; i < statement->n_tags; i++)
        yyjson_mut_arr_append(tags, json_text(doc, statement->tags[i]));
    return tags;
}

static bool set_tags(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value, GError **error)
{
    Statement *statement = message;
    if (!yyjson_is_arr(value))
        return error_refuse(error, "an array of strings, this one is %s", field_type_name(value));
    if (yyjson_arr_size(value) > STATEMENT_TAGS_MAX)
        return error_refuse(error, "at most %d, there are %zu", STATEMENT_TAGS_MAX, yyjson_arr_size(value));
    size_t i = 0, count = 0;
    yyjson_val *tag = NULL;
    yyjson_arr_foreach(value, i, count, tag)
    {
        if (!yyjson_is_str(tag))
            return error_refuse(error, "an array of strings, number %zu is %s", i + 1, field_type_name(tag));
        statement_add_tag(statement, yyjson_get_str(tag));
    }
    return true;
}

static yyjson_mut_val *get_published_at(const JsonField *field G_GNUC_UNUSED, const void *message,
                                        yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return field_instant_or_null(doc, statement->published_at, statement->published_at_offset_minutes);
}

static bool set_published_at(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value,
                             GError **error)
{
    Statement *statement = message;
    Instant instant = 0;
    int offset_minutes = 0;
    if (!field_read_instant(value, &instant, &offset_minutes, error))
        return false;
    statement->published_at = instant_to_timestamp(instant);
    statement->published_at_offset_minutes = offset_minutes;
    return true;
}

static yyjson_mut_val *get_updated_at(const JsonField *field G_GNUC_UNUSED, const void *message,
                                      yyjson_mut_doc *doc)
{
    const Statement *statement = message;
    return field_instant_or_null(doc, statement->updated_at, 0);
}

static bool set_updated_at(const JsonField *field G_GNUC_UNUSED, void *message G_GNUC_UNUSED,
                           yyjson_val *value, GError **error)
{
    Instant ignored = 0;
    return field_read_instant(value, &ignored, NULL, error);
}

/* Most statements have no schedule: then they do not show one. */
static yyjson_mut_val *get_schedule(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    const Google__Protobuf__Timestamp *at =
        G_STRUCT_MEMBER(Google__Protobuf__Timestamp *, message, field->offset);
    return at ? field_instant_or_null(doc, at, 0) : NULL;
}

/* The offset counts where the instant of publication follows from this one. */
static bool set_publish_at(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value,
                           GError **error)
{
    Statement *statement = message;
    Instant instant = 0;
    int offset_minutes = 0;
    if (!field_read_instant(value, &instant, &offset_minutes, error))
        return false;
    statement->publish_at = instant_to_timestamp(instant);
    if (!statement->published_at)
        statement->published_at_offset_minutes = offset_minutes;
    return true;
}

static bool set_expires_at(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value,
                           GError **error)
{
    Statement *statement = message;
    Instant instant = 0;
    if (!field_read_instant(value, &instant, NULL, error))
        return false;
    statement->expires_at = instant_to_timestamp(instant);
    return true;
}

/* clang-format off */
#define FIELD(name_, get_, set_) \
    {.name = #name_, .offset = offsetof(Statement, name_), .get = get_, .set = set_}
#define TEXT(name_)    FIELD(name_, field_get_text, field_set_text)
#define CONTENT(name_) FIELD(name_, get_content, field_set_text)
#define OTHER(name_)   FIELD(name_, get_##name_, set_##name_)

static const JsonField fields[] = {
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
    FIELD(publish_at, get_schedule, set_publish_at),
    FIELD(expires_at, get_schedule, set_expires_at),
};
/* clang-format on */

static const JsonForm form = {"a statement", fields, G_N_ELEMENTS(fields)};

yyjson_mut_val *statement_to_json(const Statement *statement, yyjson_mut_doc *doc)
{
    return form_to_json(&form, statement, doc);
}

Statement *statement_from_json(yyjson_val *object, char **ret_field, GError **error)
{
    g_autoptr(Statement) statement = statement_new();
    if (!form_from_json(&form, object, statement, ret_field, error))
        return NULL;
    const char *field = NULL;
    if (!statement_validate(statement, &field, error)) {
        *ret_field = g_strdup(field);
        return NULL;
    }
    return g_steal_pointer(&statement);
}
