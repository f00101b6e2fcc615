/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "ingest/spool/name.h"

static void names_of_unfinished_files_are_not_wanted(void **state)
{
    static const struct {
        const char *name;
        bool wanted;
    } cases[] = {
        {"harbour.ndjson", true},
        {"harbour", true},
        {"a.tmp.json", true},
        {"tmp", true},
        {"atmp", true},
        {"part", true},
        {"-", true},
        {"\n", true},
        {"\xff", true},
        {"done.json", true},
        {"Done", true},
        {"failed2", true},
        {"a.report.txt", true},
        {".", false},
        {"..", false},
        {".hidden", false},
        {".tmp", false},
        {"a.tmp", false},
        {"a.TMP", false},
        {"a.part", false},
        {"a.json.Part", false},
        {"a.filepart", false},
        {"a.crdownload", false},
        {"done", false},
        {"failed", false},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (spool_name_is_wanted(cases[i].name) != cases[i].wanted)
            fail_msg("%s", cases[i].name);
}

static void names_that_are_taken_get_a_number(void **state)
{
    static const struct {
        const char *name;
        unsigned number;
        const char *ending;
        const char *expected;
    } cases[] = {
        {"ferry.json", 1, "", "ferry.json"},
        {"ferry.json", 2, "", "ferry.json.2"},
        {"ferry.json", 1, SPOOL_REPORT_ENDING, "ferry.json.report.txt"},
        {"ferry.json", 17, SPOOL_REPORT_ENDING, "ferry.json.17.report.txt"},
        {"\xff", 3, "", "\xff.3"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = spool_name_numbered(cases[i].name, cases[i].number, cases[i].ending);
        assert_string_equal(name, cases[i].expected);
    }
}

static void long_names_are_cut_to_fit(void **state)
{
    g_autofree char *plain = g_strnfill(SPOOL_NAME_MAX, 'n');
    g_autofree char *bytes = g_strnfill(SPOOL_NAME_MAX, '\x80');
    GString *wide = g_string_new("n");
    (void)state;
    while (wide->len + 2 <= SPOOL_NAME_MAX)
        g_string_append(wide, "ё");

    g_autofree char *whole = spool_name_numbered(plain, 1, "");
    assert_string_equal(whole, plain);
    g_autofree char *second = spool_name_numbered(plain, 2, "");
    assert_int_equal(strlen(second), SPOOL_NAME_MAX);
    assert_true(g_str_has_suffix(second, "nn.2"));
    g_autofree char *report = spool_name_numbered(plain, 9999, SPOOL_REPORT_ENDING);
    assert_int_equal(strlen(report), SPOOL_NAME_MAX);
    assert_true(g_str_has_suffix(report, "nn.9999.report.txt"));
    g_autofree char *not_within = spool_name_numbered(wide->str, 2, SPOOL_REPORT_ENDING);
    assert_true(g_utf8_validate(not_within, -1, NULL) && strlen(not_within) >= SPOOL_NAME_MAX - 1);
    g_autofree char *no_text = spool_name_numbered(bytes, 2, "");
    assert_int_equal(strlen(no_text), SPOOL_NAME_MAX);
    g_string_free(wide, TRUE);
}

static void any_bytes_are_shown_on_one_line(void **state)
{
    static const struct {
        const char *bytes;
        const char *shown;
    } cases[] = {
        {"ferry-2.json", "ferry-2.json"},
        {"Fähre 2 – Süd", "Fähre 2 – Süd"},
        {"a\nb\tc\\d", "a\\nb\\tc\\\\d"},
        {"\x1b[31mred\r", "\\u{1b}[31mred\\u{d}"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"a\xc3", "a\\xc3"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},   /* half of a pair */
        {"\u202egnp.exe", "\\u{202e}gnp.exe"}, /* turns the line around */
        {"a\u2028b\u200b", "a\\u{2028}b\\u{200b}"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = spool_name_printable(cases[i].bytes);
        assert_string_equal(shown, cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_unfinished_files_are_not_wanted),
        cmocka_unit_test(names_that_are_taken_get_a_number),
        cmocka_unit_test(long_names_are_cut_to_fit),
        cmocka_unit_test(any_bytes_are_shown_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
