/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>

#include "cli/progress.h"

#define SECOND ((int64_t)G_USEC_PER_SEC)

static void words(void **state)
{
    static const struct {
        uint64_t lines, bytes, total;
        int64_t elapsed;
        const char *words;
    } cases[] = {
        {0, 0, 0, 0, "0 lines"},
        {1, 10, 0, 100, "1 line"},
        {999, 10, 100, SECOND / 10, "999 lines, 10 %"},
        {1000, 0, 0, SECOND, "1,000 lines, 1,000/s"},
        {1234567, 50, 100, 10 * SECOND, "1,234,567 lines, 50 %, 123,456/s, 11 s left"},
        {100, 1, 1000, 10 * SECOND, "100 lines, 0 %, 10/s, 3 h left"},
        {100, 1, 100, 10 * SECOND, "100 lines, 1 %, 10/s, 17 min left"},
        {100, 1, 100000, 10 * SECOND, "100 lines, 0 %, 10/s, 278 h left"},
        {100, 1, UINT64_MAX, 10 * SECOND, "100 lines, 0 %, 10/s, 99999 h left"},
        {100, 0, 1000, 10 * SECOND, "100 lines, 0 %, 10/s"},
        {100, 1000, 1000, 10 * SECOND, "100 lines, 100 %, 10/s"},
        {100, 2000, 1000, 10 * SECOND, "100 lines, 100 %, 10/s"}, /* the file has grown */
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            progress_words(cases[i].lines, cases[i].bytes, cases[i].total, cases[i].elapsed);
        assert_string_equal(text, cases[i].words);
    }
}

static void bars(void **state)
{
    static const struct {
        uint64_t bytes, total;
        const char *bar;
    } cases[] = {
        {0, 100, "[>         ] 7 lines, 0 %"},     {55, 100, "[=====>    ] 7 lines, 55 %"},
        {99, 100, "[=========>] 7 lines, 99 %"},   {100, 100, "[==========] 7 lines, 100 %"},
        {200, 100, "[==========] 7 lines, 100 %"}, {55, 0, "7 lines"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *bar = progress_bar(7, cases[i].bytes, cases[i].total, 0, 10);
        assert_string_equal(bar, cases[i].bar);
    }
}

/* Standard error becomes `fd` and is put back. */
static void with_stderr(int fd, void (*what)(void))
{
    int saved = dup(STDERR_FILENO);
    assert_true(saved >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    what();
    (void)fflush(stderr);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
}

static char *read_there(int fd)
{
    GString *text = g_string_new(NULL);
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    char buffer[4096];
    ssize_t size;
    while (poll(&pollfd, 1, 0) > 0 && (size = read(fd, buffer, sizeof buffer)) > 0)
        g_string_append_len(text, buffer, size);
    return g_string_free(text, FALSE);
}

/* Longer than the time between two drawings. */
static void work(void)
{
    g_autoptr(Progress) progress = progress_new(100);
    int64_t end = g_get_monotonic_time() + SECOND / 2;
    while (g_get_monotonic_time() < end)
        progress_update(progress, 7, 50);
}

static void a_terminal_is_drawn_on_and_left_clean(void **state)
{
    (void)state;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    int other = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(other >= 0);
    with_stderr(other, work);
    g_autofree char *drawn = read_there(terminal);
    assert_true(g_str_has_prefix(drawn, "\r\033[K[============>           ] 7 lines, 50 %"));
    assert_true(g_str_has_suffix(drawn, "\r\033[K"));
    assert_null(strchr(drawn, '\n'));
    (void)close(other);
    (void)close(terminal);
}

static void nothing_at_first_elsewhere(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    with_stderr(ends[1], work);
    g_autofree char *told = read_there(ends[0]);
    assert_string_equal(told, "");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(bars),
        cmocka_unit_test(a_terminal_is_drawn_on_and_left_clean),
        cmocka_unit_test(nothing_at_first_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
