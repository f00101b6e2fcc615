/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "gateway/inbound.h"

static const InboundRules text_rules = {.max_message = 10, .rate = 2, .binary = false};
static const InboundRules binary_rules = {.max_message = 10, .rate = 2, .binary = true};

static InboundPiece piece(const char *text, bool first, bool final)
{
    return (InboundPiece){
        .data = text, .size = strlen(text), .first = first, .final = final, .binary = false};
}

static InboundVerdict take(Inbound *inbound, InboundPiece one, InboundMessage *message)
{
    return inbound_take(inbound, &text_rules, &one, 1000, message);
}

static void test_pieces_become_a_message(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;

    (void)state;
    assert_int_equal(take(&inbound, piece("abc", true, false), &message), INBOUND_MORE);
    assert_int_equal(take(&inbound, piece("d", false, false), &message), INBOUND_MORE);
    assert_int_equal(take(&inbound, piece("ef", false, true), &message), INBOUND_MESSAGE);
    assert_int_equal(message.size, 6);
    assert_memory_equal(message.data, "abcdef", 6);
    assert_int_equal(take(&inbound, piece("whole", true, true), &message), INBOUND_MESSAGE);
    assert_int_equal(message.size, 5);
    assert_memory_equal(message.data, "whole", 5);
    assert_null(inbound.pieces);
    assert_int_equal(take(&inbound, piece("", true, true), &message), INBOUND_MESSAGE);
    assert_int_equal(message.size, 0);
    inbound_clear(&inbound);
}

static void test_a_message_is_bounded_over_all_its_pieces(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;

    (void)state;
    assert_int_equal(take(&inbound, piece("12345678901", true, true), &message), INBOUND_TOO_BIG);
    assert_int_equal(take(&inbound, piece("1234567890", true, true), &message), INBOUND_MESSAGE);
    assert_int_equal(take(&inbound, piece("12345678", true, false), &message), INBOUND_MORE);
    assert_int_equal(take(&inbound, piece("90", false, false), &message), INBOUND_MORE);
    assert_int_equal(take(&inbound, piece("1", false, true), &message), INBOUND_TOO_BIG);
    inbound_clear(&inbound);
}

static void test_the_type_must_fit(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;
    InboundPiece text = piece("a", true, true);
    InboundPiece binary = {.data = "\xff", .size = 1, .first = true, .final = true, .binary = true};

    (void)state;
    assert_int_equal(inbound_take(&inbound, &text_rules, &binary, 0, &message), INBOUND_TYPE);
    assert_int_equal(inbound_take(&inbound, &binary_rules, &text, 0, &message), INBOUND_TYPE);
    assert_int_equal(inbound_take(&inbound, &binary_rules, &binary, 0, &message), INBOUND_MESSAGE);
}

static void test_text_is_utf8_also_across_pieces(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;

    (void)state;
    assert_int_equal(take(&inbound, piece("a\xc3", true, false), &message), INBOUND_MORE);
    assert_int_equal(take(&inbound, piece("\xa9", false, true), &message), INBOUND_MESSAGE);
    inbound_clear(&inbound);
    assert_int_equal(take(&inbound, piece("a\xc3", true, true), &message), INBOUND_NOT_TEXT);
    assert_int_equal(take(&inbound, piece("\xed\xa0\x80", true, true), &message), INBOUND_NOT_TEXT);
}

/* Two a second, five seconds' worth at once. */
static void test_the_rate_is_bounded(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;
    InboundPiece one = piece("a", true, true);
    int64_t now = INT64_C(1000) * G_USEC_PER_SEC;

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(inbound_take(&inbound, &text_rules, &one, now, &message), INBOUND_MESSAGE);
    assert_int_equal(inbound_take(&inbound, &text_rules, &one, now, &message), INBOUND_TOO_FAST);
    /* Steady at the rate it goes on for ever. */
    inbound = (Inbound){0};
    for (unsigned i = 0; i < 1000; i++, now += INT64_C(500000))
        assert_int_equal(inbound_take(&inbound, &text_rules, &one, now, &message), INBOUND_MESSAGE);
    /* A long silence saves up no more than a burst. */
    now += INT64_C(3600) * G_USEC_PER_SEC;
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(inbound_take(&inbound, &text_rules, &one, now, &message), INBOUND_MESSAGE);
    assert_int_equal(inbound_take(&inbound, &text_rules, &one, now, &message), INBOUND_TOO_FAST);
}

static void test_empty_pieces_are_not_free(void **state)
{
    Inbound inbound = {0};
    InboundMessage message;
    unsigned pieces = 0;

    (void)state;
    assert_int_equal(take(&inbound, piece("a", true, false), &message), INBOUND_MORE);
    while (take(&inbound, piece("", false, false), &message) == INBOUND_MORE)
        assert_true(++pieces < 100);
    inbound_clear(&inbound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_become_a_message),
        cmocka_unit_test(test_a_message_is_bounded_over_all_its_pieces),
        cmocka_unit_test(test_the_type_must_fit),
        cmocka_unit_test(test_text_is_utf8_also_across_pieces),
        cmocka_unit_test(test_the_rate_is_bounded),
        cmocka_unit_test(test_empty_pieces_are_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
