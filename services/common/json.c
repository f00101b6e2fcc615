/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static void *take(void *context G_GNUC_UNUSED, size_t size)
{
    return g_malloc(size);
}

static void *retake(void *context G_GNUC_UNUSED, void *memory, size_t old_size G_GNUC_UNUSED, size_t size)
{
    return g_realloc(memory, size);
}

static void give_back(void *context G_GNUC_UNUSED, void *memory)
{
    g_free(memory);
}

static const yyjson_alc memory = {.malloc = take, .realloc = retake, .free = give_back};

/* ---- reading ---- */

static void refuse_syntax(const char *text, size_t size, unsigned first_line, const yyjson_read_err *fault,
                          GError **error)
{
    size_t line = 1, column = 1, character = 0;
    (void)yyjson_locate_pos(text, size, fault->pos, &line, &column, &character);
    if (first_line == 0)
        error_refuse(error, "not valid JSON at column %zu: %s", column, fault->msg);
    else
        error_refuse(error, "not valid JSON at line %zu, column %zu: %s", first_line - 1 + line, column,
                     fault->msg);
}

static yyjson_doc *read_with(yyjson_read_flag flags, const char *text, size_t size, unsigned first_line,
                             GError **error)
{
    yyjson_read_err fault = {0};
    if (size == 0) {
        error_refuse(error, "not valid JSON: there is nothing");
        return NULL;
    }
    /* yyjson promises not to write without YYJSON_READ_INSITU. */
    yyjson_doc *doc = yyjson_read_opts((char *)text, size, flags, &memory, &fault);
    if (!doc)
        refuse_syntax(text, size, first_line, &fault, error);
    return doc;
}

static bool check_text(yyjson_val *value, GError **error)
{
    return strlen(yyjson_get_str(value)) == yyjson_get_len(value) ||
           error_refuse(error, "not valid JSON: a text has the character U+0000");
}

static bool refuse_twice(const char *name, GError **error)
{
    g_autofree char *sent = text_excerpt(name);
    return error_refuse(error, "not valid JSON: the name \"%s\" comes twice in an object", sent);
}

static bool check_value(yyjson_val *value, unsigned depth, GError **error);

/* `names` has room for all of the object. */
static bool check_members(yyjson_val *object, unsigned depth, const char **names, GError **error)
{
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *value = NULL;
    yyjson_obj_foreach(object, i, count, key, value)
    {
        if (!check_text(key, error) || !check_value(value, depth + 1, error))
            return false;
        names[i] = yyjson_get_str(key);
    }
    return true;
}

/* Sorted, not hashed: names can be made that have one hash. */
static bool check_names(const char **names, size_t count, GError **error)
{
    qsort(names, count, sizeof(*names), text_compare);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return refuse_twice(names[i], error);
    return true;
}

static bool check_object(yyjson_val *object, unsigned depth, GError **error)
{
    enum { FEW = 32 };
    const char *few[FEW];
    size_t size = yyjson_obj_size(object);
    const char **names = size > FEW ? g_new(const char *, size) : few;
    bool good = check_members(object, depth, names, error) && check_names(names, size, error);
    if (names != few)
        g_free(names);
    return good;
}

static bool check_array(yyjson_val *array, unsigned depth, GError **error)
{
    size_t i = 0, count = 0;
    yyjson_val *value = NULL;
    yyjson_arr_foreach(array, i, count, value)
    {
        if (!check_value(value, depth + 1, error))
            return false;
    }
    return true;
}

static bool check_value(yyjson_val *value, unsigned depth, GError **error)
{
    if (depth > JSON_DEPTH_MAX)
        return error_refuse(error, "not valid JSON: more than %d values within each other", JSON_DEPTH_MAX);
    if (yyjson_is_str(value))
        return check_text(value, error);
    if (yyjson_is_obj(value))
        return check_object(value, depth, error);
    return !yyjson_is_arr(value) || check_array(value, depth, error);
}

yyjson_doc *json_read(const char *text, size_t size, unsigned first_line, GError **error)
{
    g_autoptr(yyjson_doc) doc = read_with(YYJSON_READ_NOFLAG, text, size, first_line, error);
    if (!doc || !check_value(yyjson_doc_get_root(doc), 1, error))
        return NULL;
    return g_steal_pointer(&doc);
}

yyjson_doc *json_read_leniently(const char *text, size_t size, unsigned first_line, GError **error)
{
    return read_with(YYJSON_READ_NUMBER_AS_RAW, text, size, first_line, error);
}

bool json_get_integer(yyjson_val *value, int64_t *ret_number)
{
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX))
        return false;
    *ret_number = yyjson_get_sint(value);
    return true;
}

const char *json_member_text(yyjson_val *object, const char *name, const char *otherwise)
{
    const char *text = yyjson_get_str(yyjson_obj_get(object, name));
    return text ? text : otherwise;
}

int64_t json_member_integer(yyjson_val *object, const char *name, int64_t otherwise)
{
    int64_t number = otherwise;
    (void)json_get_integer(yyjson_obj_get(object, name), &number);
    return number;
}

char *json_rewrite(yyjson_val *value)
{
    char *text = yyjson_val_write_opts(value, YYJSON_WRITE_NOFLAG, &memory, NULL, NULL);
    g_assert(text); /* what has been read can be written */
    return text;
}

/* ---- writing ---- */

yyjson_mut_doc *json_new(void)
{
    return yyjson_mut_doc_new(&memory);
}

char *json_write(const yyjson_mut_val *value, size_t *ret_size)
{
    char *text = yyjson_mut_val_write_opts(value, YYJSON_WRITE_NOFLAG, &memory, ret_size, NULL);
    g_assert(text); /* it fails for texts that are not UTF-8 and numbers that are none */
    return text;
}

GBytes *json_write_bytes(const yyjson_mut_val *value)
{
    size_t size = 0;
    char *text = json_write(value, &size);
    return g_bytes_new_take(text, size);
}

char *json_write_texts(const char *const *texts, size_t count)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    return json_write(yyjson_mut_arr_with_str(doc, (const char **)texts, count), NULL);
}

void json_append_line(GString *text, const yyjson_mut_val *value)
{
    size_t size = 0;
    g_autofree char *line = json_write(value, &size);
    g_string_append_len(text, line, (gssize)size);
    g_string_append_c(text, '\n');
}

yyjson_mut_val *json_text(yyjson_mut_doc *doc, const char *text)
{
    if (g_utf8_validate(text, -1, NULL))
        return yyjson_mut_strcpy(doc, text);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return yyjson_mut_strcpy(doc, valid);
}

yyjson_mut_val *json_text_or_null(yyjson_mut_doc *doc, const char *text)
{
    return text && *text ? json_text(doc, text) : yyjson_mut_null(doc);
}

yyjson_mut_val *json_instant(yyjson_mut_doc *doc, Instant instant, int offset_minutes)
{
    char text[INSTANT_TEXT_MAX];
    return yyjson_mut_strcpy(doc, instant_format(instant, offset_minutes, text));
}
