/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "common/json.h"

typedef struct {
    const char *text;
    const char *written;
} Written;

static const Written written[] = {
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"a \"quoted\" \\ word", "\"a \\\"quoted\\\" \\\\ word\""},
    {"https://example.org/", "\"https://example.org/\""},
    {"</script>", "\"</script>\""},
    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"\x01\x1b[1m\x1f\x7f", "\"\\u0001\\u001B[1m\\u001F\x7f\""},
    {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\""},
    {"\xe2\x80\xa8\xc2\xa0\xef\xbf\xbf", "\"\xe2\x80\xa8\xc2\xa0\xef\xbf\xbf\""},
};

static void texts_are_written_for_another_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++) {
        g_autoptr(yyjson_mut_doc) doc = json_new();
        size_t size = 0;
        g_autofree char *text = json_write(json_text(doc, written[i].text), &size);
        assert_string_equal(text, written[i].written);
        assert_int_equal(size, strlen(text));
        json_t *read = json_loads(text, JSON_DECODE_ANY, NULL);
        assert_string_equal(json_string_value(read), written[i].text);
        json_decref(read);
    }
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\xff", "\xef\xbf\xbd"},
        {"a\xe4z", "a\xef\xbf\xbdz"},
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc3\xa4\xed\xa0\x80", "\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(yyjson_mut_doc) doc = json_new();
        yyjson_mut_val *const values[] = {json_text(doc, cases[i][0]), json_text_or_null(doc, cases[i][0])};
        for (size_t k = 0; k < G_N_ELEMENTS(values); k++) {
            g_autofree char *text = json_write(values[k], NULL);
            json_t *read = json_loads(text, JSON_DECODE_ANY, NULL);
            assert_string_equal(json_string_value(read), cases[i][1]);
            json_decref(read);
        }
    }
}

static void no_text_is_null(void **state)
{
    (void)state;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    assert_true(yyjson_mut_is_null(json_text_or_null(doc, NULL)));
    assert_true(yyjson_mut_is_null(json_text_or_null(doc, "")));
    assert_string_equal(yyjson_mut_get_str(json_text_or_null(doc, " ")), " ");
    assert_string_equal(yyjson_mut_get_str(json_text(doc, "")), "");
}

static void a_text_is_copied(void **state)
{
    (void)state;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    char text[] = "before";
    yyjson_mut_val *value = json_text(doc, text);
    text[0] = 'x';
    assert_string_equal(yyjson_mut_get_str(value), "before");
}

/* An object with everything, that is not its document's root. */
static yyjson_mut_val *sample(yyjson_mut_doc *doc)
{
    yyjson_mut_doc_set_root(doc, yyjson_mut_null(doc));
    yyjson_mut_val *object = yyjson_mut_obj(doc), *list = yyjson_mut_arr(doc);
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++)
        yyjson_mut_arr_append(list, json_text(doc, written[i].text));
    yyjson_mut_obj_add_val(doc, object, "texts", list);
    yyjson_mut_obj_add(object, json_text(doc, "a \"/\\\n\xc3\xa4"), yyjson_mut_obj(doc));
    yyjson_mut_obj_add_int(doc, object, "least", INT64_MIN);
    yyjson_mut_obj_add_int(doc, object, "most", INT64_MAX);
    yyjson_mut_obj_add_bool(doc, object, "yes", true);
    yyjson_mut_obj_add_null(doc, object, "none");
    return object;
}

static json_t *sample_of_jansson(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++)
        json_array_append_new(list, json_string(written[i].text));
    return json_pack("{so,s{},sI,sI,sb,sn}", "texts", list, "a \"/\\\n\xc3\xa4", "least",
                     (json_int_t)INT64_MIN, "most", (json_int_t)INT64_MAX, "yes", 1, "none");
}

static void values_are_written_for_another_reader(void **state)
{
    (void)state;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *value = sample(doc);
    size_t size = 0;
    g_autofree char *text = json_write(value, &size);
    assert_int_equal(size, strlen(text));
    assert_null(strpbrk(text, "\r\n\t"));
    json_t *expected = sample_of_jansson();
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(expected);
    assert_true(json_equal(read, expected));
    json_decref(read);
    json_decref(expected);

    g_autoptr(GBytes) bytes = json_write_bytes(value);
    assert_int_equal(g_bytes_get_size(bytes), size);
    assert_memory_equal(g_bytes_get_data(bytes, NULL), text, size);
    g_autoptr(yyjson_doc) own = json_read(text, size, 1, NULL);
    assert_non_null(own);
    g_autofree char *again = json_rewrite(yyjson_doc_get_root(own));
    assert_string_equal(again, text);
}

static void a_line_is_appended(void **state)
{
    (void)state;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    g_autoptr(GString) lines = g_string_new("before\n");
    json_append_line(lines, json_text(doc, "a\nb"));
    yyjson_mut_val *list = yyjson_mut_arr(doc);
    yyjson_mut_arr_add_int(doc, list, 1);
    yyjson_mut_arr_add_int(doc, list, -2);
    json_append_line(lines, list);
    assert_string_equal(lines->str, "before\n\"a\\nb\"\n[1,-2]\n");
    assert_int_equal(lines->len, strlen(lines->str));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_written_for_another_reader),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(no_text_is_null),
        cmocka_unit_test(a_text_is_copied),
        cmocka_unit_test(values_are_written_for_another_reader),
        cmocka_unit_test(a_line_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
