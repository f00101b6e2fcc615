/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/filter.h"

#include "common/error.h"

typedef enum {
    FIELD_COUNTER,
    FIELD_SOURCE,
    FIELD_TAG,
    FIELD_LANGUAGE,
    FIELD_KIND,
    FIELD_COUNT,
} Field;

static const char *const field_names[FIELD_COUNT] = {"counter", "source", "tag", "language", "kind"};

struct Filter {
    GPtrArray *values[FIELD_COUNT]; /* of char *, NULL-terminated; NULL: takes everything */
};

Filter *filter_new(void)
{
    return g_new0(Filter, 1);
}

static void *copy_text(const void *text, void *user G_GNUC_UNUSED)
{
    return g_strdup(text);
}

Filter *filter_copy(const Filter *filter)
{
    if (!filter)
        return NULL;
    Filter *copy = filter_new();
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (filter->values[i])
            copy->values[i] = g_ptr_array_copy(filter->values[i], copy_text, NULL);
    }
    return copy;
}

void filter_free(Filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        g_clear_pointer(&filter->values[i], g_ptr_array_unref);
    g_free(filter);
}

static Field find_field(const char *name)
{
    Field field = 0;
    while (field < FIELD_COUNT && strcmp(field_names[field], name) != 0)
        field++;
    return field;
}

bool filter_field_exists(const char *field)
{
    return find_field(field) < FIELD_COUNT;
}

static bool has_value(const GPtrArray *values, const char *value)
{
    for (guint i = 0; i < values->len; i++) {
        if (strcmp(values->pdata[i], value) == 0)
            return true;
    }
    return false;
}

static bool check_value(const char *field, const char *value, GError **error)
{
    if (g_utf8_validate(value, -1, NULL) && *value && g_utf8_strlen(value, -1) <= FILTER_VALUE_MAX)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "filter %s: a value has 1 to %d characters",
                field, FILTER_VALUE_MAX);
    return false;
}

bool filter_add(Filter *filter, const char *field, const char *value, GError **error)
{
    Field index = find_field(field);
    if (index == FIELD_COUNT) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "filter: there is no such field; there are " FILTER_FIELDS);
        return false;
    }
    if (!check_value(field, value, error))
        return false;
    GPtrArray *values = filter->values[index];
    if (values && has_value(values, value))
        return true;
    if (values && values->len == FILTER_VALUES_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "filter %s: %d values at most", field,
                    FILTER_VALUES_MAX);
        return false;
    }
    if (!values)
        values = filter->values[index] = g_ptr_array_new_null_terminated(1, g_free, TRUE);
    g_ptr_array_add(values, g_strdup(value));
    return true;
}

const char *const *filter_values(const Filter *filter, const char *field)
{
    Field index = find_field(field);
    if (index == FIELD_COUNT || !filter->values[index])
        return NULL;
    return (const char *const *)filter->values[index]->pdata;
}

/* `unknown`: an empty value of the event passes, since it says nothing. */
static bool takes_text(const GPtrArray *values, const char *text, bool unknown)
{
    return !values || (unknown && !*text) || has_value(values, text);
}

static bool takes_tags(const GPtrArray *values, const Statement *statement, bool unknown)
{
    if (!values || (unknown && statement->n_tags == 0))
        return true;
    for (size_t i = 0; i < statement->n_tags; i++) {
        if (has_value(values, statement->tags[i]))
            return true;
    }
    return false;
}

bool filter_matches(const Filter *filter, const Event *event)
{
    if (!filter)
        return true;
    const Statement *statement = event_statement(event);
    if (!statement)
        return takes_text(filter->values[FIELD_COUNTER], event_tick(event)->counter, false);
    bool withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN;
    return takes_text(filter->values[FIELD_SOURCE], statement->source, withdrawn) &&
           takes_text(filter->values[FIELD_LANGUAGE], statement->language, withdrawn) &&
           takes_text(filter->values[FIELD_KIND], statement->kind, withdrawn) &&
           takes_tags(filter->values[FIELD_TAG], statement, withdrawn);
}
