/* SPDX-License-Identifier: Apache-2.0 */
/* What is no JSON, and where. */
#include "unit.h"

#include "common/error.h"
#include "json_fixture.h"

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
            assert_refused_at(faults[i].text, faults[i].size, first_lines[k], message);
        }
    }
}

/* Said once in full, as people see them. */
static void the_sentences(void **state)
{
    (void)state;
    const char *text = "{\"a\": 1,\n \"b\": tru }";
    assert_refused_at(text, strlen(text), 0,
                      "not valid JSON at column 7: invalid literal, expected a valid literal such as 'true'");
    assert_refused_at(
        text, strlen(text), 1,
        "not valid JSON at line 2, column 7: invalid literal, expected a valid literal such as 'true'");
    assert_refused_at(
        text, strlen(text), 7,
        "not valid JSON at line 8, column 7: invalid literal, expected a valid literal such as 'true'");
}

/* A body of no bytes has no address either. */
static void nothing_is_refused(void **state)
{
    (void)state;
    static const char *const nowhere[] = {"", NULL};
    JsonReader *const readers[] = {json_read, json_read_leniently};
    for (size_t i = 0; i < 4; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(yyjson_doc) doc = readers[i / 2](nowhere[i % 2], 0, 1, &error);
        assert_null(doc);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(error->message, "not valid JSON: there is nothing");
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_syntax_is_refused_with_its_place),
        cmocka_unit_test(the_sentences),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(bad_syntax_is_refused_leniently_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
