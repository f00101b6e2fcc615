/* SPDX-License-Identifier: Apache-2.0 */
/* A message and its JSON form by one table of fields: its order is the order of the output, and its names are
 * the only ones that the input may have. For statement_json.c and tick_json.c alone. Any thread.
 *
 * All that reads returns false, or NULL, with INVALID and a sentence that says what is expected and what was
 * sent. The reader of a field leaves out the field's name, which form_from_json() puts in front. */
#ifndef DAYWIRE_COMMON_JSON_FIELDS_H
#define DAYWIRE_COMMON_JSON_FIELDS_H

#include <stdbool.h>
#include <glib.h>

#include "common/instant.h"
#include "common/json.h"

typedef struct JsonField JsonField;
struct JsonField {
    const char *name;
    size_t offset; /* of the member in the message, for a `get` or `set` that serves several fields */
    /* NULL: left out */
    yyjson_mut_val *(*get)(const JsonField *field, const void *message, yyjson_mut_doc *doc);
    /* `value` is never null */
    bool (*set)(const JsonField *field, void *message, yyjson_val *value, GError **error);
    bool needed;         /* refused when absent or null */
    int64_t least, most; /* numbers */
};

typedef struct {
    const char *what; /* "a statement" */
    const JsonField *fields;
    size_t count;
} JsonForm;

/* All fields in their order, as a value of `doc`. */
yyjson_mut_val *form_to_json(const JsonForm *form, const void *message, yyjson_mut_doc *doc);
/* Sets the fields of `message`, a new one, that `value` has; a null one is an absent one. The field at fault
 * is in *ret_field, fit for a message: g_free it; NULL when it is none. What was set before stays set. */
bool form_from_json(const JsonForm *form, yyjson_val *value, void *message, char **ret_field, GError **error)
    MUST_CHECK;

const char *field_type_name(yyjson_val *value);

/* The text belongs to `value`. */
const char *field_read_text(yyjson_val *value, GError **error) MUST_CHECK;
bool field_read_integer(yyjson_val *value, int64_t least, int64_t most, int64_t *ret_number, GError **error)
    MUST_CHECK;
/* `ret_offset_minutes` may be NULL. */
bool field_read_instant(yyjson_val *value, Instant *ret_instant, int *ret_offset_minutes, GError **error)
    MUST_CHECK;

yyjson_mut_val *field_instant_or_null(yyjson_mut_doc *doc, const Google__Protobuf__Timestamp *timestamp,
                                      int offset_minutes);

/* For the table: texts, as they are; "" is null. */
yyjson_mut_val *field_get_text(const JsonField *field, const void *message, yyjson_mut_doc *doc);
bool field_set_text(const JsonField *field, void *message, yyjson_val *value, GError **error);

#endif
