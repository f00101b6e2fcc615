/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/http/chunks.h"

/* What is decoded of a text in pieces of `step` bytes, at most `use` bytes taken at a time, and "." at its end, "!"
 * where it is wrong, "…" when more has to come. */
static char *decode(const char *text, size_t step, size_t use)
{
    g_autoptr(GString) decoded = g_string_new(NULL);
    size_t whole = strlen(text);
    Chunks chunks = {0};
    ChunksResult result = CHUNKS_MORE;

    for (size_t at = 0; at < whole && result != CHUNKS_END && result != CHUNKS_BAD; at += step) {
        size_t size = MIN(step, whole - at);
        g_autofree char *piece = g_memdup2(text + at, size);
        const char *data = piece;
        size_t length = 0;
        while ((result = chunks_next(&chunks, &data, &size, &length)) == CHUNKS_DATA) {
            length = MIN(length, use);
            g_string_append_len(decoded, data, (gssize)length);
            chunks_use(&chunks, length);
            data += length;
            size -= length;
        }
    }
    g_string_append(decoded, result == CHUNKS_END ? "." : result == CHUNKS_BAD ? "!" : "…");
    return g_string_free(g_steal_pointer(&decoded), FALSE);
}

static void texts(void **state)
{
    static const struct {
        const char *text;
        const char *decoded;
    } cases[] = {
        {"0\r\n\r\n", "."},
        {"5\r\nhello\r\n0\r\n\r\n", "hello."},
        {"5\r\nhello\r\n0\r\n\r\nmore", "hello."},
        {"A\r\n0123456789\r\n00000000000000b\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a."},
        {"5;a=b;c=\"d\"\r\nhello\r\n0;last\r\n\r\n", "hello."},
        {"5 \t;a\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", "hello."},
        {"5\r\nhe\r\no\r\n0\r\n\r\n", "he\r\no."},
        {"5\r\nhel", "hel…"},
        {"5\r\nhello\r\n0\r\n", "hello…"},
        {"", "…"},
        {"\r\n", "!"},
        {" 5\r\n", "!"},
        {"+5\r\n", "!"},
        {"0x5\r\n", "!"},
        {"5\n", "!"},
        {"5 hello\r\n", "!"},
        {"5 \r\nhello\r\n0 \r\n\r\n", "hello."},
        {"5\r\r\n", "!"},
        {"5;a\nhello", "!"},
        {"5\r\nhelloX", "hello!"},
        {"5\r\nhello\n", "hello!"},
        {"5\r\nhello\r\r", "hello!"},
        {"0000000000000005\r\nhello", "!"},
        {"0\r\nA: b\n\r\n", "!"},
        {"0\r\n\r\r", "!"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t step = 1; step < 40; step++)
            for (size_t use = 1; use < 12; use += 5) {
                g_autofree char *decoded = decode(cases[i].text, step, use);
                if (strcmp(decoded, cases[i].decoded) != 0)
                    fail_msg("'%s' in steps of %zu gave '%s'", cases[i].text, step, decoded);
            }
}

static void what_is_skipped_is_bounded(void **state)
{
    g_autofree char *filler = g_strnfill(9000, 'x');
    g_autofree char *extension = g_strdup_printf("5;%s\r\nhello\r\n0\r\n\r\n", filler);
    g_autofree char *trailer = g_strdup_printf("0\r\nA: %s\r\n\r\n", filler);
    g_autoptr(GString) many = g_string_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 3000; i++)
        g_string_append(many, "1;abc\r\nx\r\n");
    const char *const bad[] = {extension, trailer, many->str};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *decoded = decode(bad[i], 100, 100);
        assert_true(g_str_has_suffix(decoded, "!"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(what_is_skipped_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
