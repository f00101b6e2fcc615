/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of JSON, and what is refused of it though its syntax is good. */
#include "unit.h"

#include "json_fixture.h"

static void assert_refused(const char *text, const char *message)
{
    assert_refused_at(text, strlen(text), 1, message);
}

static yyjson_doc *read_or_fail(JsonReader *reader, const char *text)
{
    g_autoptr(GError) error = NULL;
    yyjson_doc *doc = read_exactly(reader, text, strlen(text), 1, &error);
    if (!doc)
        fail_msg("%s: %s", text, error->message);
    assert_null(error);
    return doc;
}

static void assert_rewritten(JsonReader *reader, const char *text, const char *expected)
{
    g_autoptr(yyjson_doc) doc = read_or_fail(reader, text);
    g_autofree char *again = json_rewrite(yyjson_doc_get_root(doc));
    assert_string_equal(again, expected);
}

/* What ends before the memory does. */
static void only_the_size_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } cases[] = {
        {"[1]]", 3, "[1]"}, {"123456", 2, "12"}, {"{}x", 2, "{}"}, {"truexx", 4, "true"}, {"1.50", 3, "1.5"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(yyjson_doc) doc = read_exactly(json_read, cases[i].text, cases[i].size, 1, NULL);
        assert_non_null(doc);
        g_autofree char *again = json_rewrite(yyjson_doc_get_root(doc));
        assert_string_equal(again, cases[i].expected);
    }
}

static void what_is_valid_is_accepted(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"null", "null"},
        {" \t\r\n[ ] \n", "[]"},
        {"{ }", "{}"},
        {"\"\"", "\"\""},
        {"{\"\":0}", "{\"\":0}"},
        {"[true,false,null]", "[true,false,null]"},
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"1E2", "100.0"},
        {"1.50", "1.5"},
        {"1e-400", "0.0"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        {"18446744073709551616", "18446744073709552000.0"},
        {"-9223372036854775809", "-9223372036854776000.0"},
        {"\"\\u00e4\\u20AC\\ud83d\\ude00\\/\\\"\\\\\"", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80/\\\"\\\\\""},
        {"\"\\b\\f\\n\\r\\t\\u0001\x7f\"", "\"\\b\\f\\n\\r\\t\\u0001\x7f\""},
        {"\"\xef\xbb\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\"", "\"\xef\xbb\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_rewritten(json_read, cases[i][0], cases[i][1]);
}

#define TWICE(name) "not valid JSON: the name \"" name "\" comes twice in an object"

static void a_name_comes_once(void **state)
{
    (void)state;
    static const char *const twice[][2] = {
        {"{\"a\":1,\"a\":1}", TWICE("a")},
        {"{\"a\":1,\"b\":2,\"a\":3}", TWICE("a")},
        {"{\"b\":1,\"a\":2,\"a\":3}", TWICE("a")},
        {"{\"a\":1,\"\\u0061\":2}", TWICE("a")},
        {"{\"\\u0061\":1,\"a\":2}", TWICE("a")},
        {"{\"/\":1,\"\\/\":2}", TWICE("/")},
        {"{\"\":1,\"\":2}", TWICE("")},
        {"{\"\xc3\xa4\":1,\"\\u00E4\":2}", TWICE("\xc3\xa4")},
        {"[1,{\"x\":[[{\"a\":1,\"a\":2}]]}]", TWICE("a")},
        {"{\"x\":{\"a\":1,\"b\":2,\"b\":3}}", TWICE("b")},
        {"{\"a\":{\"b\":1,\"b\":2},\"a\":1}", TWICE("b")},
        {"{\"a\\nb\":1,\"a\\nb\":2}", TWICE("a?b")},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(twice); i++)
        assert_refused(twice[i][0], twice[i][1]);
    static const char *const once[] = {
        "{\"a\":1,\"A\":2,\"aa\":3,\"\":4}", "{\"a\":{\"a\":{\"a\":1}}}",        "[{\"a\":1},{\"a\":1}]",
        "{\"a\":\"a\",\"b\":\"a\"}",         "{\"\xc3\xa4\":1,\"a\xcc\x88\":2}", /* composed, decomposed */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(once); i++)
        assert_rewritten(json_read, once[i], once[i]);
    g_autofree char *name = g_strnfill(5000, 'x');
    g_autofree char *text = g_strdup_printf("{\"%s\":1,\"%s\":2}", name, name);
    name[60] = '\0';
    g_autofree char *message = g_strdup_printf(TWICE("%s..."), name);
    assert_refused(text, message);
}

/* "n0" to "nCOUNT-1", but `second` is called as `first`, and spelt with an escape. */
static char *object_of(unsigned count, unsigned first, unsigned second)
{
    GString *text = g_string_new("{");
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(text, "%s\"%s%u\":%u", i ? "," : "", i == second ? "\\u006e" : "n",
                               i == second ? first : i, i);
    return g_string_free(g_string_append_c(text, '}'), FALSE);
}

/* Few names are looked for in another way than many: about where that changes, and far beyond. */
static void a_name_comes_once_among_many(void **state)
{
    (void)state;
    static const unsigned counts[] = {2, 3, 31, 32, 33, 34, 64, 1000};
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        unsigned count = counts[i], last = count - 1;
        g_autofree char *none = object_of(count, count, count);
        g_autoptr(yyjson_doc) doc = read_or_fail(json_read, none);
        assert_int_equal(yyjson_obj_size(yyjson_doc_get_root(doc)), count);
        const unsigned pairs[][2] = {{0, last}, {0, 1}, {last - 1, last}, {count / 2 - 1, count / 2}};
        for (size_t k = 0; k < G_N_ELEMENTS(pairs); k++) {
            g_autofree char *text = object_of(count, pairs[k][0], pairs[k][1]);
            g_autofree char *message = g_strdup_printf(TWICE("n%u"), pairs[k][0]);
            assert_refused(text, message);
            g_autofree char *within = g_strdup_printf("[0,{\"n0\":[%s]}]", text);
            assert_refused(within, message);
        }
    }
}

/* Names can be chosen such that a known hash is the same for all of them ("Ez" and "FY", in GLib's). */
static void no_names_take_long(void **state)
{
    (void)state;
    enum { COUNT = 50000, PAIRS = 16, SECONDS = 4 /* milliseconds are expected, a quarter minute else */ };
    g_autoptr(GString) text = g_string_new("{");
    for (unsigned i = 0; i < COUNT; i++) {
        g_string_append(text, i ? ",\"" : "\"");
        for (unsigned bit = 0; bit < PAIRS; bit++)
            g_string_append(text, i >> bit & 1 ? "Ez" : "FY");
        g_string_append(text, "\":1");
    }
    g_string_append_c(text, '}');
    int64_t start = g_get_monotonic_time();
    g_autoptr(yyjson_doc) doc = read_or_fail(json_read, text->str);
    assert_true(g_get_monotonic_time() - start < SECONDS * G_USEC_PER_SEC);
}

static void a_text_has_no_nul(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"\\u0000\"",
        "\"a\\u0000\"",
        "\"\\u0000a\"",
        "[1,[\"a\",\"b\\u0000c\"]]",
        "{\"a\":\"\\u0000\"}",
        "{\"a\\u0000\":1}",
        "{\"\\u0000\":1}",
        "[{\"b\":{\"a\\u0000b\":1}}]",
        "{\"a\":1,\"a\\u0000b\":2}", /* no more alike than that */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_refused(texts[i], "not valid JSON: a text has the character U+0000");
    assert_rewritten(json_read, "\"\\\\u0000\"", "\"\\\\u0000\"");
}

#define TOO_DEEP "not valid JSON: more than 100 values within each other"

static char *nested(unsigned depth, const char *open, const char *inner, const char *close)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < depth; i++)
        g_string_append(text, open);
    g_string_append(text, inner);
    for (unsigned i = 0; i < depth; i++)
        g_string_append(text, close);
    return g_string_free(text, FALSE);
}

static void the_depth_has_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *open, *inner, *close;
        unsigned deepest; /* of what is opened: a value in the innermost is one more */
    } cases[] = {
        {"[", "", "]", 100},           {"[", "1", "]", 99},          {"{\"a\":", "{}", "}", 99},
        {"{\"a\":", "\"x\"", "}", 99}, {"[{\"a\":", "[]", "}]", 49}, {"[0,", "[]", "]", 99},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *deep = nested(cases[i].deepest, cases[i].open, cases[i].inner, cases[i].close);
        assert_rewritten(json_read, deep, deep);
        const unsigned more[] = {1, 100, 100000};
        for (size_t k = 0; k < G_N_ELEMENTS(more); k++) {
            g_autofree char *deeper =
                nested(cases[i].deepest + more[k], cases[i].open, cases[i].inner, cases[i].close);
            assert_refused(deeper, TOO_DEEP);
        }
    }
    g_autofree char *open = nested(1000000, "[", "", "");
    assert_refused(open, "not valid JSON at line 1, column 1000001: unexpected end of data");
}

static void others_are_read_leniently(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1.50", "1.50"},
        {"[1.50,-0,1e400,0.10E+1]", "[1.50,-0,1e400,0.10E+1]"},
        {"{\"a\":123456789012345678901234567890 }", "{\"a\":123456789012345678901234567890}"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"b\":2,\"a\":3}"},
        {"{\"a\\u0000\":\"b\\u0000c\"}", "{\"a\\u0000\":\"b\\u0000c\"}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_rewritten(json_read_leniently, cases[i][0], cases[i][1]);
    g_autofree char *deep = nested(5000, "[", "", "]");
    assert_rewritten(json_read_leniently, deep, deep);

    g_autoptr(yyjson_doc) doc = read_or_fail(
        json_read_leniently,
        "{\"n\":1.50,\"t\":\"a\\u0000b\",\"n\":2,\"n\\u0000\":3,\"big\":123456789012345678901234567890}");
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_string_equal(yyjson_get_raw(yyjson_obj_get(root, "n")), "1.50");
    assert_string_equal(yyjson_get_raw(yyjson_obj_get(root, "big")), "123456789012345678901234567890");
    yyjson_val *text = yyjson_obj_get(root, "t");
    assert_int_equal(yyjson_get_len(text), 3);
    assert_memory_equal(yyjson_get_str(text), "a\0b", 4);
    int64_t number = 7;
    assert_false(json_get_integer(yyjson_obj_get(root, "n"), &number)); /* it is a text */
    assert_int_equal(number, 7);
}

static void integers_are_told_from_other_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"1", true, 1},
        {"-1", true, -1},
        {"4294967296", true, INT64_C(4294967296)},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"18446744073709551615", false, 0},
        {"18446744073709551616", false, 0},
        {"-9223372036854775809", false, 0},
        {"1.0", false, 0},
        {"1e2", false, 0},
        {"-0.0", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[1]", false, 0},
        {"{\"a\":1}", false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(yyjson_doc) doc = read_or_fail(json_read, cases[i].text);
        int64_t number = 4711;
        if (json_get_integer(yyjson_doc_get_root(doc), &number) != cases[i].is)
            fail_msg("%s", cases[i].text);
        assert_true(number == (cases[i].is ? cases[i].number : 4711));
    }
    int64_t number = 4711;
    assert_false(json_get_integer(NULL, &number));
    assert_int_equal(number, 4711);
}

static void a_part_is_rewritten(void **state)
{
    (void)state;
    g_autoptr(yyjson_doc) doc =
        read_or_fail(json_read, " { \"a\" : [ 1 , { \"b\" : \"\\u00e4\\/\\n\" } ] ,\n \"c\" : null }");
    yyjson_val *root = yyjson_doc_get_root(doc);
    g_autofree char *all = json_rewrite(root);
    assert_string_equal(all, "{\"a\":[1,{\"b\":\"\xc3\xa4/\\n\"}],\"c\":null}");
    g_autofree char *part = json_rewrite(yyjson_obj_get(root, "a"));
    assert_string_equal(part, "[1,{\"b\":\"\xc3\xa4/\\n\"}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_size_counts),
        cmocka_unit_test(what_is_valid_is_accepted),
        cmocka_unit_test(a_name_comes_once),
        cmocka_unit_test(a_name_comes_once_among_many),
        cmocka_unit_test(no_names_take_long),
        cmocka_unit_test(a_text_has_no_nul),
        cmocka_unit_test(the_depth_has_a_limit),
        cmocka_unit_test(others_are_read_leniently),
        cmocka_unit_test(integers_are_told_from_other_numbers),
        cmocka_unit_test(a_part_is_rewritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
