/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/upload_window.h"

static void add(UploadWindow *window, uint64_t line, const char *text)
{
    upload_window_add(window, line, line * 10, text, strlen(text));
}

/* A window with the lines 1 to `lines`, at most 4, whose texts are their numbers. */
static void begin(UploadWindow *window, uint64_t lines)
{
    static const char *const texts[] = {"one", "two", "three", "four"};
    upload_window_init(window);
    for (uint64_t i = 0; i < lines; i++)
        add(window, i + 1, texts[i]);
}

static void assert_given(UploadWindow *window, size_t size, bool finish, const char *expected)
{
    char buffer[64];
    size_t given = upload_window_give(window, buffer, size, finish);
    g_autofree char *text = g_strndup(buffer, given);
    assert_string_equal(text, expected);
}

static void assert_awaited(const UploadWindow *window, uint64_t expected)
{
    uint64_t line = 0;
    assert_int_equal(upload_window_awaited(window, &line), expected != 0);
    assert_int_equal(line, expected);
}

static void lines_are_given_and_answered_in_order(void **state)
{
    (void)state;
    UploadWindow window;
    upload_window_init(&window);
    assert_given(&window, 64, false, "");
    assert_awaited(&window, 0);
    add(&window, 1, "one");
    add(&window, 3, "three");
    assert_int_equal(window.bytes, 10);
    assert_given(&window, 64, false, "one\nthree\n");
    assert_given(&window, 64, false, "");
    add(&window, 4, "four");
    assert_given(&window, 64, false, "four\n");
    assert_awaited(&window, 1);
    upload_window_answer(&window, false);
    assert_int_equal(window.position, 10);
    assert_awaited(&window, 3);
    upload_window_answer(&window, false);
    upload_window_answer(&window, false);
    assert_true(upload_window_is_empty(&window));
    assert_int_equal(window.bytes, 0);
    assert_int_equal(window.position, 40);
    assert_awaited(&window, 0);
    upload_window_clear(&window);
}

static void a_line_is_awaited_when_all_of_it_is_given(void **state)
{
    (void)state;
    UploadWindow window;
    begin(&window, 2);
    assert_given(&window, 3, false, "one");
    assert_awaited(&window, 0);
    assert_given(&window, 2, false, "\nt");
    assert_awaited(&window, 1);
    /* No more than what was begun. */
    add(&window, 3, "three");
    assert_given(&window, 64, true, "wo\n");
    assert_given(&window, 64, true, "");
    upload_window_clear(&window);
}

static void what_has_no_answer_is_given_again(void **state)
{
    (void)state;
    UploadWindow window;
    begin(&window, 4);
    assert_given(&window, 15, false, "one\ntwo\nthree\nf");
    upload_window_answer(&window, false); /* one */
    upload_window_answer(&window, true);  /* two: no room */
    assert_awaited(&window, 3);
    upload_window_answer(&window, false);
    assert_int_equal(window.busy, 1);
    assert_int_equal(window.position, 10); /* three is done, two is not */
    assert_int_equal(window.lines.length, 3);
    upload_window_rewind(&window);
    assert_int_equal(window.busy, 0);
    add(&window, 5, "five");
    assert_given(&window, 64, false, "two\nfour\nfive\n");
    assert_awaited(&window, 2);
    upload_window_answer(&window, false);
    assert_int_equal(window.position, 30);
    assert_awaited(&window, 4);
    upload_window_answer(&window, false);
    upload_window_answer(&window, false);
    assert_true(upload_window_is_empty(&window));
    upload_window_clear(&window);
}

static void what_was_not_begun_can_be_dropped(void **state)
{
    (void)state;
    UploadWindow window;
    begin(&window, 3);
    assert_given(&window, 5, false, "one\nt");
    upload_window_drop_waiting(&window);
    assert_given(&window, 64, true, "wo\n");
    assert_false(upload_window_waits(&window));
    upload_window_answer(&window, false);
    upload_window_answer(&window, false);
    assert_true(upload_window_is_empty(&window));
    add(&window, 4, "four");
    upload_window_drop_waiting(&window);
    assert_true(upload_window_is_empty(&window));
    assert_int_equal(window.bytes, 0);
    add(&window, 5, "five");
    assert_given(&window, 64, false, "five\n");
    upload_window_clear(&window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_given_and_answered_in_order),
        cmocka_unit_test(a_line_is_awaited_when_all_of_it_is_given),
        cmocka_unit_test(what_has_no_answer_is_given_again),
        cmocka_unit_test(what_was_not_begun_can_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
