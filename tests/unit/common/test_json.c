/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "common/json.h"

/* ---- reading ---- */

typedef yyjson_doc *Reader(const char *text, size_t size, unsigned first_line, GError **error);

/* From memory of exactly that size, so that AddressSanitizer sees a step beyond it. */
static yyjson_doc *read_exactly(Reader *reader, const char *text, size_t size, unsigned first_line,
                                GError **error)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    yyjson_doc *doc = reader(copy, size, first_line, error);
    free(copy);
    return doc;
}

static void assert_refused_at(Reader *reader, const char *text, size_t size, unsigned first_line,
                              const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(yyjson_doc) doc = read_exactly(reader, text, size, first_line, &error);
    if (doc)
        fail_msg("accepted, not refused with \"%s\": %s", message, text);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
    g_autoptr(yyjson_doc) again = read_exactly(reader, text, size, first_line, NULL);
    assert_null(again);
}

static void assert_refused(const char *text, const char *message)
{
    assert_refused_at(json_read, text, strlen(text), 1, message);
}

static yyjson_doc *read_or_fail(Reader *reader, const char *text)
{
    g_autoptr(GError) error = NULL;
    yyjson_doc *doc = read_exactly(reader, text, strlen(text), 1, &error);
    if (!doc)
        fail_msg("%s: %s", text, error->message);
    assert_null(error);
    return doc;
}

static void assert_rewritten(Reader *reader, const char *text, const char *expected)
{
    g_autoptr(yyjson_doc) doc = read_or_fail(reader, text);
    g_autofree char *again = json_rewrite(yyjson_doc_get_root(doc));
    assert_string_equal(again, expected);
}

#define NO_ROOT   "unexpected character, expected a valid root value"
#define NO_VALUE  "unexpected character, expected a valid JSON value"
#define NO_NAME   "unexpected character, expected a string for object key"
#define NO_COLON  "unexpected character, expected a colon after object key"
#define NO_END    "unexpected character, expected a comma or a closing bracket"
#define NO_BRACE  "unexpected character, expected a comma or a closing brace"
#define NO_NULL   "invalid literal, expected a valid literal such as 'null'"
#define NO_TRUE   "invalid literal, expected a valid literal such as 'true'"
#define CUT       "unexpected end of data"
#define MORE      "unexpected content after document"
#define COMMA     "trailing comma is not allowed"
#define CONTROL   "unexpected control character in string"
#define NOT_UTF8  "invalid UTF-8 encoding in string"
#define ZERO      "number with leading zero is not allowed"
#define INFINITE  "number is infinity when parsed as double"
#define NO_LOW    "no low surrogate in string"
#define BAD_LOW   "invalid low surrogate in string"
#define BAD_HIGH  "invalid high surrogate in string"
#define BAD_U     "invalid escaped sequence in string"
#define BAD_SLASH "invalid escaped character in string"

typedef struct {
    const char *text;
    size_t size;
    unsigned line;
    unsigned column;
    const char *words;
} Fault;

#define FAULT(text_, line_, column_, words_)                                                                 \
    {                                                                                                        \
        text_, sizeof(text_) - 1, line_, column_, words_                                                     \
    }

static const Fault faults[] = {
    /* no value, or more than one */
    FAULT(" ", 1, 1, "input data is empty"),
    FAULT("\n\r\n\t ", 1, 1, "input data is empty"),
    FAULT("[1] x", 1, 5, MORE),
    FAULT("[1]\n\n x", 3, 2, MORE),
    FAULT("1 2", 1, 3, MORE),
    FAULT("{}{}", 1, 3, MORE),
    FAULT("[] []", 1, 4, MORE),
    FAULT("{}\n{}", 2, 1, MORE),
    FAULT("{},", 1, 3, MORE),
    FAULT("{}\0", 1, 3, MORE),
    FAULT("\0{}", 1, 1, NO_ROOT),
    FAULT("]", 1, 1, NO_ROOT),
    /* cut off */
    FAULT("[", 1, 2, CUT),
    FAULT("{", 1, 2, CUT),
    FAULT("[1,", 1, 4, CUT),
    FAULT("[1\n", 2, 1, CUT),
    FAULT("{\"a\"", 1, 5, CUT),
    FAULT("{\"a\":", 1, 6, CUT),
    FAULT("{\"a\":1", 1, 7, CUT),
    FAULT("{\"a\":1,", 1, 8, CUT),
    FAULT("\"a", 1, 3, CUT),
    FAULT("\"\\", 1, 3, CUT),
    FAULT("\"\\u12", 1, 6, CUT),
    FAULT("tru", 1, 4, CUT),
    FAULT("-", 1, 2, CUT),
    FAULT("1.", 1, 3, CUT),
    FAULT("1e+", 1, 4, CUT),
    /* what JavaScript and others allow */
    FAULT("NaN", 1, 1, NO_ROOT),
    FAULT("nan", 1, 1, NO_NULL),
    FAULT("[NaN]", 1, 2, NO_VALUE),
    FAULT("Infinity", 1, 1, NO_ROOT),
    FAULT("[-Infinity]", 1, 3, "no digit after minus sign"),
    FAULT("[True]", 1, 2, NO_VALUE),
    FAULT("[tRue]", 1, 2, NO_TRUE),
    FAULT("[nul]", 1, 2, NO_NULL),
    FAULT("[fals]", 1, 2, "invalid literal, expected a valid literal such as 'false'"),
    FAULT("[truex]", 1, 6, NO_END),
    FAULT("undefined", 1, 1, NO_ROOT),
    FAULT("// a\n{}", 1, 1, NO_ROOT),
    FAULT("/* a */{}", 1, 1, NO_ROOT),
    FAULT("{/* a */}", 1, 2, NO_NAME),
    FAULT("[1/* a */]", 1, 3, NO_END),
    FAULT("{} // a", 1, 4, MORE),
    FAULT("# a\n1", 1, 1, NO_ROOT),
    FAULT("[1,]", 1, 3, COMMA),
    FAULT("[1,\n]", 1, 3, COMMA),
    FAULT("{\"a\":1,}", 1, 7, COMMA),
    FAULT("[\n  1,\n  2,\n]", 3, 4, COMMA),
    FAULT("{'a':1}", 1, 2, NO_NAME),
    FAULT("{a:1}", 1, 2, NO_NAME),
    FAULT("{1:1}", 1, 2, NO_NAME),
    /* marks missing or amiss */
    FAULT("[,1]", 1, 2, NO_VALUE),
    FAULT("[1,,2]", 1, 4, NO_VALUE),
    FAULT("[1 2]", 1, 4, NO_END),
    FAULT("[1}", 1, 3, NO_END),
    FAULT("[}", 1, 2, NO_VALUE),
    FAULT("{]", 1, 2, NO_NAME),
    FAULT("{\"a\" 1}", 1, 6, NO_COLON),
    FAULT("{\"a\"}", 1, 5, NO_COLON),
    FAULT("{\"a\":}", 1, 6, NO_VALUE),
    FAULT("{\"a\":1 \"b\":2}", 1, 8, NO_BRACE),
    FAULT("{\"a\":1]", 1, 7, NO_BRACE),
    FAULT("{,}", 1, 2, NO_NAME),
    FAULT("[\xc2\xa0"
          "1]",
          1, 2, NO_VALUE),
    FAULT("[\v1]", 1, 2, NO_VALUE),
    /* control characters */
    FAULT("\"a\tb\"", 1, 3, CONTROL),
    FAULT("\"a\nb\"", 1, 3, CONTROL),
    FAULT("{\"a\rb\":1}", 1, 4, CONTROL),
    FAULT("[\"\x1f\"]", 1, 3, CONTROL),
    FAULT("[\"a\0b\"]", 1, 4, CONTROL),
    /* not UTF-8: overlong, surrogates, beyond U+10FFFF, truncated, stray */
    FAULT("\"\xc0\x80\"", 1, 2, NOT_UTF8),
    FAULT("\"\xc1\xbf\"", 1, 2, NOT_UTF8),
    FAULT("\"\xe0\x9f\xbf\"", 1, 2, NOT_UTF8),
    FAULT("\"\xf0\x8f\xbf\xbf\"", 1, 2, NOT_UTF8),
    FAULT("\"\xed\xa0\x80\"", 1, 2, NOT_UTF8),
    FAULT("\"\xed\xbf\xbf\"", 1, 2, NOT_UTF8),
    FAULT("\"\xf4\x90\x80\x80\"", 1, 2, NOT_UTF8),
    FAULT("\"\xf5\x80\x80\x80\"", 1, 2, NOT_UTF8),
    FAULT("\"\xe2\x82\"", 1, 2, NOT_UTF8),
    FAULT("\"\xf0\x9f\x98\"", 1, 2, NOT_UTF8),
    FAULT("[\"a\xc3\"]", 1, 4, NOT_UTF8),
    FAULT("{\"\x80\":1}", 1, 3, NOT_UTF8),
    FAULT("\"\xff\"", 1, 2, NOT_UTF8),
    FAULT("\"\\n\xe4\"", 1, 4, NOT_UTF8),
    FAULT("[\xe4]", 1, 2, NO_VALUE),
    /* escapes */
    FAULT("\"\\x\"", 1, 3, BAD_SLASH),
    FAULT("\"\\'\"", 1, 3, BAD_SLASH),
    FAULT("\"\\U0041\"", 1, 3, BAD_SLASH),
    FAULT("\"\\u12g4\"", 1, 2, BAD_U),
    FAULT("\"\\u 041\"", 1, 2, BAD_U),
    FAULT("\"\\ud800\"", 1, 8, NO_LOW),
    FAULT("\"\\ud800x\"", 1, 8, NO_LOW),
    FAULT("\"\\udbff\\n\"", 1, 8, NO_LOW),
    FAULT("\"\\ud800\\u0041\"", 1, 8, BAD_LOW),
    FAULT("\"\\ud800\\ud800\"", 1, 8, BAD_LOW),
    FAULT("\"\\udc00\"", 1, 2, BAD_HIGH),
    FAULT("{\"\\udfff\":1}", 1, 3, BAD_HIGH),
    /* other encodings, and a mark of this one */
    FAULT("\xef\xbb\xbf{}", 1, 1, "byte order mark (BOM) is not supported"),
    FAULT("\xef\xbb\xbf", 1, 1, "byte order mark (BOM) is not supported"),
    FAULT(" \xef\xbb\xbf{}", 1, 2, NO_ROOT),
    FAULT("\xff\xfe{\0}\0", 1, 1, "UTF-16 encoding is not supported"),
    FAULT("\xfe\xff\0{\0}", 1, 1, "UTF-16 encoding is not supported"),
    FAULT("\xff\xfe\0\0{\0\0\0", 1, 1, "UTF-32 encoding is not supported"),
    FAULT("{\0}\0", 1, 2, NO_NAME),
    /* numbers */
    FAULT("00", 1, 1, ZERO),
    FAULT("[01]", 1, 2, ZERO),
    FAULT("-012", 1, 2, ZERO),
    FAULT("+1", 1, 1, NO_ROOT),
    FAULT("[.5]", 1, 2, NO_VALUE),
    FAULT("[1.]", 1, 4, "no digit after decimal point"),
    FAULT("[1.e5]", 1, 4, "no digit after decimal point"),
    FAULT("[1e]", 1, 4, "no digit after exponent sign"),
    FAULT("[1e-]", 1, 5, "no digit after exponent sign"),
    FAULT("[-]", 1, 3, "no digit after minus sign"),
    FAULT("0x10", 1, 2, MORE),
    FAULT("[1_000]", 1, 3, NO_END),
    FAULT("1e400", 1, 1, INFINITE),
    FAULT("[\n-1e400]", 2, 1, INFINITE),
    FAULT("1.8e308", 1, 1, INFINITE),
    /* columns count characters, not bytes; an escape is as many as are written */
    FAULT("[\"\xc3\xa4\", x]", 1, 7, NO_VALUE),
    FAULT("[\"\xe2\x82\xac\xe2\x82\xac\", x]", 1, 8, NO_VALUE),
    FAULT("[\n \"\xf0\x9f\x98\x80\xc3\xa4\",\n \"\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa4z\", x]", 3, 10,
          NO_VALUE),
    FAULT("{\"\xc3\xa4\":\"\xc3\xa4\xe4\"}", 1, 8, NOT_UTF8),
    FAULT("[\"\\u00e4\", x]", 1, 12, NO_VALUE),
    FAULT("{\r\n\"a\": 1,\r\n\"b\" 2}", 3, 5, NO_COLON),
};

static char *place_of(const Fault *fault, unsigned first_line)
{
    if (first_line == 0)
        return g_strdup_printf("not valid JSON at column %u: %s", fault->column, fault->words);
    return g_strdup_printf("not valid JSON at line %u, column %u: %s", first_line - 1 + fault->line,
                           fault->column, fault->words);
}

static void bad_syntax_is_refused_with_its_place(void **state)
{
    (void)state;
    static const unsigned first_lines[] = {0, 1, 7};
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(first_lines); k++) {
            g_autofree char *message = place_of(&faults[i], first_lines[k]);
            assert_refused_at(json_read, faults[i].text, faults[i].size, first_lines[k], message);
        }
    }
}

/* Said once in full, as people see them. */
static void the_sentences(void **state)
{
    (void)state;
    const char *text = "{\"a\": 1,\n \"b\": tru }";
    assert_refused_at(json_read, text, strlen(text), 0,
                      "not valid JSON at column 7: invalid literal, expected a valid literal such as 'true'");
    assert_refused_at(
        json_read, text, strlen(text), 1,
        "not valid JSON at line 2, column 7: invalid literal, expected a valid literal such as 'true'");
    assert_refused_at(
        json_read, text, strlen(text), 7,
        "not valid JSON at line 8, column 7: invalid literal, expected a valid literal such as 'true'");
}

/* A body of no bytes has no address either. */
static void nothing_is_refused(void **state)
{
    (void)state;
    static const char *const nowhere[] = {"", NULL};
    Reader *const readers[] = {json_read, json_read_leniently};
    for (size_t i = 0; i < 4; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(yyjson_doc) doc = readers[i / 2](nowhere[i % 2], 0, 1, &error);
        assert_null(doc);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(error->message, "not valid JSON: there is nothing");
    }
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

/* But for numbers, with the same sentences. */
static void bad_syntax_is_refused_leniently_as_well(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(yyjson_doc) doc =
            read_exactly(json_read_leniently, faults[i].text, faults[i].size, 7, &error);
        bool infinite = strcmp(faults[i].words, INFINITE) == 0;
        if (!doc == infinite)
            fail_msg("%s: %s", faults[i].text, doc ? "accepted" : error->message);
        if (!doc && !strstr(faults[i].words, "digit")) {
            g_autofree char *message = place_of(&faults[i], 7);
            assert_string_equal(error->message, message);
        }
    }
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

/* ---- writing ---- */

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
    assert_rewritten(json_read, text, text);
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
        cmocka_unit_test(bad_syntax_is_refused_with_its_place),
        cmocka_unit_test(the_sentences),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(only_the_size_counts),
        cmocka_unit_test(what_is_valid_is_accepted),
        cmocka_unit_test(a_name_comes_once),
        cmocka_unit_test(a_name_comes_once_among_many),
        cmocka_unit_test(no_names_take_long),
        cmocka_unit_test(a_text_has_no_nul),
        cmocka_unit_test(the_depth_has_a_limit),
        cmocka_unit_test(others_are_read_leniently),
        cmocka_unit_test(bad_syntax_is_refused_leniently_as_well),
        cmocka_unit_test(integers_are_told_from_other_numbers),
        cmocka_unit_test(a_part_is_rewritten),
        cmocka_unit_test(texts_are_written_for_another_reader),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(no_text_is_null),
        cmocka_unit_test(a_text_is_copied),
        cmocka_unit_test(values_are_written_for_another_reader),
        cmocka_unit_test(a_line_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
