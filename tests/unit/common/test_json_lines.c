/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/formats/json_lines.h"

static const char *name_of(JsonLinesVerdict verdict)
{
    return verdict == JSON_LINES_YES ? "yes" : verdict == JSON_LINES_NO ? "no" : "unknown";
}

static void beginnings(void **state)
{
    static const struct {
        const char *text;
        const char *part;  /* when more may follow */
        const char *whole; /* when that is all */
    } cases[] = {
        {"", "unknown", "no"},
        {" \r\n\t", "unknown", "no"},
        {"\xef\xbb\xbf", "unknown", "no"},
        {"[", "no", "no"},
        {"{", "unknown", "yes"},
        {"<html>", "no", "no"},
        {"23.07.2021 - A\n", "no", "no"},
        {"{}\n", "yes", "yes"},
        {"\n\n {\"a\":1} \r\n", "yes", "yes"},
        {"\xef\xbb\xbf{}\n{}", "yes", "yes"},
        {"{\"a\":1}", "unknown", "yes"},
        {"{\n \"a\":", "unknown", "no"},
        {"{\n \"a\": {\n  \"b\": 1\n }\n}\n", "unknown", "no"},
        {"{\"broken\n{\"a\":1}\n", "yes", "yes"},
        {"{\"broken\nmore", "unknown", "no"},
        {"{\"a\":\"\xff\"}\n", "unknown", "no"},
        {"{\"a\":\"\xff\"}\n{", "yes", "yes"},
        {"{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}", "unknown", "no"},
        {"{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}\n", "no", "no"},
        {"{\"title\":\"see jsonfeed.org\"}\n", "yes", "yes"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t size = strlen(cases[i].text);
        g_autofree char *copy = g_memdup2(cases[i].text, size); /* not one byte more */
        assert_string_equal(name_of(json_lines_probe(copy, size, false)), cases[i].part);
        assert_string_equal(name_of(json_lines_probe(copy, size, true)), cases[i].whole);
    }
}

static bool note(const FormatItem *item, void *user)
{
    g_string_append_printf(user, "%u %s", item->line,
                           item->statement ? item->statement->title : item->reason);
    return item->statement != NULL;
}

static void lines(void **state)
{
    static const struct {
        const char *text;
        const char *noted;
    } cases[] = {
        {"{\"title\":\"A\",\"date\":\"2021-07-23\"}", "7 A"},
        {" {\"title\":\"A\",\"date\":\"2021-07-23\"}\r", "7 A"},
        {"{\"title\":\"A\",\"date\":\"2021-07-32\"}",
         "7 date: a day of the calendar as YYYY-MM-DD, this one is \"2021-07-32\""},
        {"7", "7 a statement is a JSON object, this is a number"},
        {"[]", "7 a statement is a JSON object, this is an array"},
        {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"title\":\"B\"}",
         "7 not valid JSON: the name \"title\" comes twice in an object"},
        {"{\"title\":\"A\\u0000B\",\"date\":\"2021-07-23\"}",
         "7 not valid JSON: a text has the character U+0000"},
        {"{\"title\":\"A\",\"date\":\"2021-07-23\"} {",
         "7 not valid JSON at line 7, column 35: unexpected content after document"},
        {"\xef\xbb\xbf{}", "7 not valid JSON at line 7, column 1: byte order mark (BOM) is not supported"},
        {"{\"title\":", "7 not valid JSON at line 7, column 10: unexpected end of data"},
        {"{\"title\":\"\xff\"}", "7 not valid JSON at line 7, column 11: invalid UTF-8 encoding in string"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) noted = g_string_new(NULL);
        const FormatContext context = {0};
        bool more = json_line_read(cases[i].text, strlen(cases[i].text), 7, &context, note, noted);
        assert_string_equal(noted->str, cases[i].noted);
        assert_int_equal(more, strcmp(cases[i].noted, "7 A") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beginnings),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
