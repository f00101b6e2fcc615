/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json_fields.h"

#include "common/error.h"
#include "common/model.h"

char *field_excerpt(const char *text)
{
    enum { LONGEST = 60 };
    g_autofree char *start = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), LONGEST));
    for (char *c = start; *c; c++) {
        if (g_ascii_iscntrl(*c))
            *c = '?';
    }
    return g_strconcat(start, strlen(start) < strlen(text) ? "..." : "", NULL);
}

const char *field_type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

const char *field_read_text(const json_t *value, GError **error)
{
    const char *text = json_string_value(value);
    if (!text)
        error_refuse(error, "a string, this one is %s", field_type_name(value));
    return text;
}

bool field_read_integer(const json_t *value, int64_t least, int64_t most, int64_t *ret_number, GError **error)
{
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= least && number <= most) {
        *ret_number = number;
        return true;
    }
    g_autofree char *sent = json_is_number(value)
                                ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))
                                : g_strdup(field_type_name(value));
    return error_refuse(error,
                        "a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", this one is %s",
                        least, most, sent);
}

bool field_read_instant(const json_t *value, Instant *ret_instant, int *ret_offset_minutes, GError **error)
{
    const char *text = field_read_text(value, error);
    if (!text)
        return false;
    if (instant_parse(text, ret_instant, ret_offset_minutes))
        return true;
    g_autofree char *sent = field_excerpt(text);
    return error_refuse(error, "date, time and offset as in 2021-07-23T12:00:00+01:00, this one is \"%s\"",
                        sent);
}

json_t *field_instant_or_null(const Google__Protobuf__Timestamp *timestamp, int offset_minutes)
{
    if (!timestamp)
        return json_null();
    char text[INSTANT_TEXT_MAX];
    return json_string(instant_format(instant_from_timestamp(timestamp), offset_minutes, text));
}

json_t *field_get_text(const JsonField *field, const void *message)
{
    const char *text = G_STRUCT_MEMBER(const char *, message, field->offset);
    return *text ? json_string(text) : json_null();
}

bool field_set_text(const JsonField *field, void *message, const json_t *value, GError **error)
{
    const char *text = field_read_text(value, error);
    if (!text)
        return false;
    message_set_string(G_STRUCT_MEMBER_P(message, field->offset), text);
    return true;
}

json_t *form_to_json(const JsonForm *form, const void *message)
{
    json_t *object = json_object();
    for (size_t i = 0; i < form->count; i++) {
        const JsonField *field = &form->fields[i];
        json_t *value = field->get(field, message);
        if (value)
            json_object_set_new_nocheck(object, field->name, value);
    }
    return object;
}

static bool has_field(const JsonForm *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool check_names(const JsonForm *form, const json_t *object, char **ret_field, GError **error)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, name, value)
    {
        if (has_field(form, name))
            continue;
        g_autofree char *sent = field_excerpt(name);
        g_autoptr(GString) known = g_string_new(form->fields[0].name);
        for (size_t i = 1; i < form->count; i++)
            g_string_append_printf(known, ", %s", form->fields[i].name);
        error_refuse(error, "%s: no such field; %s has %s", sent, form->what, known->str);
        *ret_field = g_steal_pointer(&sent);
        return false;
    }
    return true;
}

static bool read_field(const JsonForm *form, const JsonField *field, const json_t *value, void *message,
                       GError **error)
{
    if (value && !json_is_null(value))
        return field->set(field, message, value, error);
    return !field->needed || error_refuse(error, "%s needs this", form->what);
}

bool form_from_json(const JsonForm *form, const json_t *value, void *message, char **ret_field,
                    GError **error)
{
    *ret_field = NULL;
    if (!json_is_object(value))
        return error_refuse(error, "%s is a JSON object, this is %s", form->what,
                            value ? field_type_name(value) : "nothing");
    if (!check_names(form, value, ret_field, error))
        return false;
    for (size_t i = 0; i < form->count; i++) {
        const JsonField *field = &form->fields[i];
        if (read_field(form, field, json_object_get(value, field->name), message, error))
            continue;
        g_prefix_error(error, "%s: ", field->name);
        *ret_field = g_strdup(field->name);
        return false;
    }
    return true;
}
