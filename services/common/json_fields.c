/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json_fields.h"

#include "common/error.h"
#include "common/model.h"
#include "common/text.h"

const char *field_type_name(yyjson_val *value)
{
    switch (yyjson_get_tag(value)) {
    case YYJSON_TYPE_OBJ | YYJSON_SUBTYPE_NONE:
        return "an object";
    case YYJSON_TYPE_ARR | YYJSON_SUBTYPE_NONE:
        return "an array";
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE:
        return "true";
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE:
        return "false";
    case YYJSON_TYPE_NULL | YYJSON_SUBTYPE_NONE:
        return "null";
    default:
        return yyjson_is_num(value) ? "a number" : "a string";
    }
}

const char *field_read_text(yyjson_val *value, GError **error)
{
    const char *text = yyjson_get_str(value);
    if (!text)
        error_refuse(error, "a string, this one is %s", field_type_name(value));
    return text;
}

bool field_read_integer(yyjson_val *value, int64_t least, int64_t most, int64_t *ret_number, GError **error)
{
    int64_t number = 0;
    if (json_get_integer(value, &number) && number >= least && number <= most) {
        *ret_number = number;
        return true;
    }
    g_autofree char *sent = yyjson_is_num(value) ? json_rewrite(value) : g_strdup(field_type_name(value));
    return error_refuse(error,
                        "a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", this one is %s",
                        least, most, sent);
}

bool field_read_instant(yyjson_val *value, Instant *ret_instant, int *ret_offset_minutes, GError **error)
{
    const char *text = field_read_text(value, error);
    if (!text)
        return false;
    if (instant_parse(text, ret_instant, ret_offset_minutes))
        return true;
    g_autofree char *sent = text_excerpt(text);
    return error_refuse(error, "date, time and offset as in 2021-07-23T12:00:00+01:00, this one is \"%s\"",
                        sent);
}

yyjson_mut_val *field_instant_or_null(yyjson_mut_doc *doc, const Google__Protobuf__Timestamp *timestamp,
                                      int offset_minutes)
{
    return timestamp ? json_instant(doc, instant_from_timestamp(timestamp), offset_minutes)
                     : yyjson_mut_null(doc);
}

yyjson_mut_val *field_get_text(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return json_text_or_null(doc, G_STRUCT_MEMBER(const char *, message, field->offset));
}

bool field_set_text(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    const char *text = field_read_text(value, error);
    if (!text)
        return false;
    message_set_string(G_STRUCT_MEMBER_P(message, field->offset), text);
    return true;
}

yyjson_mut_val *form_to_json(const JsonForm *form, const void *message, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    for (size_t i = 0; i < form->count; i++) {
        const JsonField *field = &form->fields[i];
        yyjson_mut_val *value = field->get(field, message, doc);
        if (value)
            yyjson_mut_obj_add_val(doc, object, field->name, value);
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

static bool check_names(const JsonForm *form, yyjson_val *object, char **ret_field, GError **error)
{
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *value = NULL;
    yyjson_obj_foreach(object, i, count, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (has_field(form, name))
            continue;
        g_autofree char *sent = text_excerpt(name);
        g_autoptr(GString) known = g_string_new(form->fields[0].name);
        for (size_t j = 1; j < form->count; j++)
            g_string_append_printf(known, ", %s", form->fields[j].name);
        error_refuse(error, "%s: no such field; %s has %s", sent, form->what, known->str);
        *ret_field = g_steal_pointer(&sent);
        return false;
    }
    return true;
}

static bool read_field(const JsonForm *form, const JsonField *field, yyjson_val *value, void *message,
                       GError **error)
{
    if (value && !yyjson_is_null(value))
        return field->set(field, message, value, error);
    return !field->needed || error_refuse(error, "%s needs this", form->what);
}

bool form_from_json(const JsonForm *form, yyjson_val *value, void *message, char **ret_field, GError **error)
{
    *ret_field = NULL;
    if (!yyjson_is_obj(value))
        return error_refuse(error, "%s is a JSON object, this is %s", form->what,
                            value ? field_type_name(value) : "nothing");
    if (!check_names(form, value, ret_field, error))
        return false;
    for (size_t i = 0; i < form->count; i++) {
        const JsonField *field = &form->fields[i];
        if (read_field(form, field, yyjson_obj_get(value, field->name), message, error))
            continue;
        g_prefix_error(error, "%s: ", field->name);
        *ret_field = g_strdup(field->name);
        return false;
    }
    return true;
}
