/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "gateway/cursor.h"

static Cursor *make(uint32_t epoch, const CursorPosition *positions, size_t count)
{
    Cursor *cursor = cursor_new(epoch, count);
    memcpy(cursor->positions, positions, count * sizeof(*positions));
    return cursor;
}

static void assert_round_trip(const Cursor *cursor)
{
    g_autofree char *text = cursor_format(cursor);
    g_autofree Cursor *back = cursor_parse(text);
    assert_non_null(back);
    assert_int_equal(back->epoch, cursor->epoch);
    assert_int_equal(back->count, cursor->count);
    for (size_t i = 0; i < cursor->count; i++) {
        assert_int_equal(back->positions[i].offset, cursor->positions[i].offset);
        assert_int_equal(back->positions[i].stamp, cursor->positions[i].stamp);
    }
}

static void test_a_cursor_survives_its_text(void **state)
{
    (void)state;
    const CursorPosition some[] = {{0, 0}, {1, 1}, {127, 128}, {128, UINT32_MAX}, {INT64_MAX, 16384}};
    g_autofree Cursor *cursor = make(0xfffefdfc, some, G_N_ELEMENTS(some));
    assert_round_trip(cursor);
    for (size_t count = 1; count <= 7; count++) { /* every length modulo base64's groups */
        g_autofree Cursor *zeros = cursor_new(0, count);
        assert_round_trip(zeros);
    }
}

/* Clients keep cursors: the form may only change together with its version. */
static void test_the_text_is_this_one(void **state)
{
    (void)state;
    const CursorPosition some[] = {{300, 70000000}, {5, 0}};
    g_autofree Cursor *cursor = make(0xfbff0102, some, G_N_ELEMENTS(some));
    g_autofree char *text = cursor_format(cursor);
    assert_string_equal(text, "Afv_AQKsAoC7sCEFAA");
}

static void test_the_largest_cursor_fits(void **state)
{
    (void)state;
    g_autofree Cursor *cursor = cursor_new(UINT32_MAX, CURSOR_POSITIONS_MAX);
    for (size_t i = 0; i < cursor->count; i++)
        cursor->positions[i] = (CursorPosition){.offset = (INT64_C(1) << 42) - 1, .stamp = UINT32_MAX};
    g_autofree char *text = cursor_format(cursor);
    assert_true(strlen(text) <= CURSOR_TEXT_MAX);
    assert_round_trip(cursor);
}

static void test_what_is_no_cursor_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "x",
        "null",
        "Afv_AQKsAoC7sCEFAA=", /* padded */
        "Afv/AQKsAoC7sCEFAA",  /* the other alphabet */
        " Afv_AQKsAoC7sCEFAA",
        "Afv_AQKsAoC7sCEFAA\n",
        "Afv_AQKsAoC7sCEFgA",     /* ends within a number */
        "Afv_AQKsAoC7sCEF",       /* an offset without its stamp */
        "Afv_AQI",                /* no positions */
        "Avv_AQKsAoC7sCEFAA",     /* version 2 */
        "AQAAAACAgICAgICAgIABAA", /* an offset of 64 bits and more */
        "AQAAAAAA__________8B",   /* a stamp beyond 32 bits */
        "\xff\xfe",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree Cursor *cursor = cursor_parse(texts[i]);
        if (cursor)
            fail_msg("\"%s\" was taken for a cursor", texts[i]);
    }
    g_autofree Cursor *most = cursor_new(1, CURSOR_POSITIONS_MAX + 1);
    g_autofree char *too_many = cursor_format(most);
    assert_null(cursor_parse(too_many));
    g_autofree char *endless = g_strnfill(1000000, 'A');
    assert_null(cursor_parse(endless));
}

static void test_any_bytes_are_parsed_without_harm(void **state)
{
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    g_autoptr(GRand) rand = g_rand_new_with_seed(20240501);
    for (int round = 0; round < 20000; round++) {
        char text[64] = "AQ";
        size_t length = (size_t)g_rand_int_range(rand, 2, 60);
        for (size_t i = 2; i < length; i++)
            text[i] = alphabet[g_rand_int_range(rand, 0, 64)];
        g_autofree Cursor *cursor = cursor_parse(text);
        if (cursor)
            assert_round_trip(cursor);
    }
}

static void test_the_epoch_names_cluster_and_topics(void **state)
{
    (void)state;
    uint32_t epoch = cursor_epoch("cluster", "statements", "ticks");
    assert_int_equal(epoch, cursor_epoch("cluster", "statements", "ticks"));
    assert_int_not_equal(epoch, cursor_epoch("cluster2", "statements", "ticks"));
    assert_int_not_equal(epoch, cursor_epoch("cluster", "ticks", "statements"));
    assert_int_not_equal(epoch, cursor_epoch("clusters", "tatements", "ticks"));
    assert_int_not_equal(epoch, cursor_epoch("", "", ""));
}

static void test_stamps_are_seconds_since_2020(void **state)
{
    (void)state;
    const Instant begin = INT64_C(1577836800) * INSTANT_SECOND;
    assert_int_equal(cursor_stamp(begin + 90 * INSTANT_SECOND + 999999), 90);
    assert_int_equal(cursor_stamp(begin), 1); /* 0 says "no record" */
    assert_int_equal(cursor_stamp(0), 1);
    assert_int_equal(cursor_stamp(INT64_MAX), UINT32_MAX);
}

static void test_covers_what_lies_before(void **state)
{
    (void)state;
    const CursorPosition some[] = {{10, 1}, {0, 0}};
    g_autofree Cursor *cursor = make(1, some, 2);
    assert_true(cursor_covers(cursor, 0, 9));
    assert_false(cursor_covers(cursor, 0, 10));
    assert_false(cursor_covers(cursor, 1, 0));
    assert_false(cursor_covers(cursor, 2, 0)); /* a partition that it does not know */
}

static void test_cursors_are_compared_by_each_partition(void **state)
{
    (void)state;
    const CursorPosition low[] = {{10, 1}, {5, 2}}, high[] = {{11, 3}, {5, 2}}, other[] = {{9, 4}, {6, 5}};
    g_autofree Cursor *a = make(1, low, 2);
    g_autofree Cursor *b = make(1, high, 2);
    g_autofree Cursor *c = make(1, other, 2);
    g_autofree Cursor *foreign = make(2, high, 2);
    g_autofree Cursor *narrow = make(1, high, 1);
    assert_true(cursor_is_behind(a, a));
    assert_true(cursor_is_behind(a, b));
    assert_false(cursor_is_behind(b, a));
    assert_false(cursor_is_behind(a, c));
    assert_false(cursor_is_behind(c, a));
    assert_false(cursor_is_behind(a, foreign));
    assert_false(cursor_is_behind(a, narrow));
    assert_false(cursor_same_log(a, foreign));
    assert_false(cursor_same_log(a, narrow));
    cursor_merge(a, c);
    assert_int_equal(a->positions[0].offset, 10);
    assert_int_equal(a->positions[0].stamp, 1);
    assert_int_equal(a->positions[1].offset, 6);
    assert_int_equal(a->positions[1].stamp, 5); /* a stamp goes with its offset */
    assert_true(cursor_is_behind(c, a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cursor_survives_its_text),
        cmocka_unit_test(test_the_text_is_this_one),
        cmocka_unit_test(test_the_largest_cursor_fits),
        cmocka_unit_test(test_what_is_no_cursor_is_refused),
        cmocka_unit_test(test_any_bytes_are_parsed_without_harm),
        cmocka_unit_test(test_the_epoch_names_cluster_and_topics),
        cmocka_unit_test(test_stamps_are_seconds_since_2020),
        cmocka_unit_test(test_covers_what_lies_before),
        cmocka_unit_test(test_cursors_are_compared_by_each_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
