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
#include <jansson.h>

#include "common/instant.h"

typedef struct JsonField JsonField;
struct JsonField {
    const char *name;
    size_t offset; /* of the member in the message, for a `get` or `set` that serves several fields */
    json_t *(*get)(const JsonField *field, const void *message); /* a new reference; NULL: left out */
    bool (*set)(const JsonField *field, void *message, const json_t *value, GError **error); /* never null */
    bool needed;         /* refused when absent or null */
    int64_t least, most; /* numbers */
};

typedef struct {
    const char *what; /* "a statement" */
    const JsonField *fields;
    size_t count;
} JsonForm;

/* All fields in their order. A new reference. */
json_t *form_to_json(const JsonForm *form, const void *message);
/* Sets the fields of `message`, a new one, that `value` has; a null one is an absent one. The field at fault
 * is in *ret_field, fit for a message: g_free it; NULL when it is none. What was set before stays set. */
bool form_from_json(const JsonForm *form, const json_t *value, void *message, char **ret_field,
                    GError **error) MUST_CHECK;

/* The beginning of what was sent, fit for a message. g_free it. */
char *field_excerpt(const char *text);
const char *field_type_name(const json_t *value);

/* The text belongs to `value`. */
const char *field_read_text(const json_t *value, GError **error) MUST_CHECK;
bool field_read_integer(const json_t *value, int64_t least, int64_t most, int64_t *ret_number, GError **error)
    MUST_CHECK;
/* `ret_offset_minutes` may be NULL. */
bool field_read_instant(const json_t *value, Instant *ret_instant, int *ret_offset_minutes, GError **error)
    MUST_CHECK;

json_t *field_instant_or_null(const Google__Protobuf__Timestamp *timestamp, int offset_minutes);

/* For the table: texts, as they are; "" is null. */
json_t *field_get_text(const JsonField *field, const void *message);
bool field_set_text(const JsonField *field, void *message, const json_t *value, GError **error);

#endif
