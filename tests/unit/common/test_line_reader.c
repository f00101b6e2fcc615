/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <inttypes.h>
#include <glib.h>

#include "common/line_reader.h"

#define LONGEST 8

static void tell(GString *told, const Line *line)
{
    g_string_append_printf(told, "%" PRIu64, line->number);
    if (line->text)
        g_string_append_printf(told, ":%.*s\n", (int)line->length, line->text);
    else
        g_string_append(told, "!\n");
}

/* What the reader tells of a text that comes in pieces of `step` bytes: "number:text" a line, "number!" for one
 * that is too long. */
static char *read_in_steps(const char *text, size_t size, size_t step)
{
    g_autoptr(LineReader) reader = line_reader_new(LONGEST);
    g_autoptr(GString) told = g_string_new(NULL);
    Line line;

    for (size_t at = 0; at < size; at += step) {
        /* A copy of its own, so that a sanitizer sees what is read beyond it or too late. */
        size_t piece_size = MIN(step, size - at);
        g_autofree char *piece = g_memdup2(text + at, piece_size);
        const char *data = piece;
        while (line_reader_take(reader, &data, &piece_size, &line))
            tell(told, &line);
        assert_int_equal(piece_size, 0);
    }
    if (line_reader_end(reader, &line))
        tell(told, &line);
    assert_false(line_reader_end(reader, &line));
    return g_strdup(told->str);
}

static void lines_of_every_form(void **state)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"", ""},
        {"\n\n \t\n\r\n", ""},
        {"a", "1:a\n"},
        {"a\n", "1:a\n"},
        {"a\nb", "1:a\n2:b\n"},
        {"a\r\nb\r\n", "1:a\n2:b\n"},
        {"a\r", "1:a\n"},
        {"\r\n\n  \nb", "4:b\n"},
        {"a\rb\n", "1:a\rb\n"},
        {" a \n", "1: a \n"},
        /* exactly as long as it may be, and one byte longer */
        {"12345678\n12345678", "1:12345678\n2:12345678\n"},
        {"123456789\nb\n", "1!\n2:b\n"},
        {"a\n123456789", "1:a\n2!\n"},
        {"a\n1234567890123456789012345\n\n123456789\nb", "1:a\n2!\n4!\n5:b\n"},
        {"         \nb", "1!\n2:b\n"},
        {"\xef\xbb\xbf"
         "a\nb",
         "1:a\n2:b\n"},
        {"\xef\xbb\xbf\n\xef\xbb\xbf", "2:\xef\xbb\xbf\n"},
        {"\xef\xbb", "1:\xef\xbb\n"},
        {"\xef\xbb\xbf", ""},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t step = 1; step <= 30; step++) {
            g_autofree char *told = read_in_steps(cases[i].text, strlen(cases[i].text), step);
            if (strcmp(told, cases[i].told) != 0)
                fail_msg("'%s' in steps of %zu gave '%s'", cases[i].text, step, told);
        }
}

static void a_nul_byte_is_a_byte(void **state)
{
    g_autoptr(LineReader) reader = line_reader_new(LONGEST);
    const char *data = "a\0b\n";
    size_t size = 4;
    Line line;

    (void)state;
    assert_true(line_reader_take(reader, &data, &size, &line));
    assert_int_equal(line.length, 3);
    assert_memory_equal(line.text, "a\0b", 3);
}

/* Its bytes are not gathered: a line of 4 GB costs no memory. */
static void a_long_line_is_dropped_as_it_comes(void **state)
{
    g_autoptr(LineReader) reader = line_reader_new(LONGEST);
    g_autofree char *piece = g_strnfill((gsize)1024 * 1024, 'x');
    Line line;

    (void)state;
    for (unsigned i = 0; i < 4096; i++) {
        const char *data = piece;
        size_t size = (size_t)1024 * 1024;
        assert_false(line_reader_take(reader, &data, &size, &line));
    }
    const char *data = "\nb\n";
    size_t size = 3;
    assert_true(line_reader_take(reader, &data, &size, &line));
    assert_null(line.text);
    assert_int_equal(line.number, 1);
    assert_true(line_reader_take(reader, &data, &size, &line));
    assert_int_equal(line.number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_every_form),
        cmocka_unit_test(a_nul_byte_is_a_byte),
        cmocka_unit_test(a_long_line_is_dropped_as_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
