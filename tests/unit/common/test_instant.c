/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "common/instant.h"

#define FIRST INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define LAST  INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

typedef struct {
    const char *text;
    Instant instant;
    int offset;
    const char *canonical; /* as it is written again */
} Good;

static const Good good[] = {
    {"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01t00:00:00z", 0, 0, "1970-01-01T00:00:00Z"},
    {"2021-07-23T12:00:00+01:00", INT64_C(1627038000000000), 60, "2021-07-23T12:00:00+01:00"},
    {"2021-07-23T12:00:00.5-03:30", INT64_C(1627054200500000), -210, "2021-07-23T12:00:00.500-03:30"},
    {"2021-07-23T12:00:00.123456Z", INT64_C(1627041600123456), 0, "2021-07-23T12:00:00.123456Z"},
    {"2021-07-23T12:00:00.1234569999999999999999999Z", INT64_C(1627041600123456), 0,
     "2021-07-23T12:00:00.123456Z"},
    {"2021-07-23T12:00:00.000001Z", INT64_C(1627041600000001), 0, "2021-07-23T12:00:00.000001Z"},
    {"2021-07-23T12:00:00.000Z", INT64_C(1627041600000000), 0, "2021-07-23T12:00:00Z"},
    {"2021-07-23T12:00:00-00:00", INT64_C(1627041600000000), 0, "2021-07-23T12:00:00Z"},
    {"2016-12-31T23:59:60Z", INT64_C(1483228799000000), 0, "2016-12-31T23:59:59Z"},
    {"1969-12-31T23:59:59.999999Z", -1, 0, "1969-12-31T23:59:59.999999Z"},
    {"0001-01-01T00:00:00Z", FIRST, 0, "0001-01-01T00:00:00Z"},
    {"9999-12-31T23:59:59.999999Z", LAST, 0, "9999-12-31T23:59:59.999999Z"},
    {"2021-01-01T00:00:00+23:59", INT64_C(1609372860000000), 1439, "2021-01-01T00:00:00+23:59"},
};

static void test_parse_and_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        Instant instant = 1;
        int offset = 1;
        char text[INSTANT_TEXT_MAX];
        if (!instant_parse(good[i].text, &instant, &offset))
            fail_msg("'%s' was refused", good[i].text);
        assert_int_equal(instant, good[i].instant);
        assert_int_equal(offset, good[i].offset);
        assert_string_equal(instant_format(instant, offset, text), good[i].canonical);
        assert_true(instant_parse(good[i].text, &instant, NULL));
    }
}

static void test_what_is_no_instant(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "T",
        "Z",
        "2021-07-23",
        "2021-07-23T",
        "2021-07-23T12",
        "2021-07-23T12:00",
        "2021-07-23T12:00Z",
        "2021-07-23T12:00:00", /* an offset is obligatory */
        "2021-07-23T12:00:00 Z",
        "2021-07-23 12:00:00Z",
        "2021-07-23T12:00:00Z ",
        " 2021-07-23T12:00:00Z",
        "2021-07-23T12:00:00Z\n",
        "2021-07-23T12:00:00ZZ",
        "2021-07-23T24:00:00Z",
        "2021-07-23T12:60:00Z",
        "2021-07-23T12:00:61Z",
        "2021-07-23T12:00:00.Z",
        "2021-07-23T12:00:00,5Z",
        "2021-07-23T12:00:00.5",
        "2021-07-23T12:00:00.-5Z",
        "2021-07-23T1:00:00Z",
        "2021-07-23T12:0:00Z",
        "2021-07-23T12:00:0Z",
        "2021-07-23T12-00-00Z",
        "2021-07-23T120000Z",
        "2021-07-23T12:00:00+1:00",
        "2021-07-23T12:00:00+0100",
        "2021-07-23T12:00:00+01",
        "2021-07-23T12:00:00+24:00",
        "2021-07-23T12:00:00+01:60",
        "2021-07-23T12:00:00+01:00:00",
        "2021-07-23T12:00:00+",
        "2021-07-23T12:00:00 01:00",
        "2021-02-29T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-2021-07-23T12:00:00Z",
        "0001-01-01T00:00:00+00:01", /* before the first instant */
        "9999-12-31T23:59:59-00:01", /* after the last */
        "2021-07-23T12:00:\xd9\xa0\xd9\xa0Z",
        "1627041600",
        "now",
        "2021-07-23T-1:00:00Z",
        "2021-07-23T+1:00:00Z",
        "2021-W29-5T12:00:00Z",
        "2021-204T12:00:00Z",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Instant instant = 4711;
        int offset = 815;
        if (instant_parse(wrong[i], &instant, &offset))
            fail_msg("'%s' was taken for an instant", wrong[i]);
        assert_int_equal(instant, 4711);
        assert_int_equal(offset, 815);
    }
}

/* Cut anywhere, a good text is a bad one, and reading it stays within it (AddressSanitizer watches). */
static void test_cut_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        for (size_t length = 0; length < strlen(good[i].text); length++) {
            g_autofree char *cut = g_strndup(good[i].text, length);
            Instant instant = 4711;
            assert_false(instant_parse(cut, &instant, NULL));
        }
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    static const int offsets[] = {0, 1, -1, 60, 330, 345, -210, 840, -720};
    unsigned turn = 0;
    for (Instant instant = FIRST + INT64_C(86400000000); instant < LAST - INT64_C(86400000000);
         instant += INT64_C(123456789012345), turn++) {
        char text[INSTANT_TEXT_MAX];
        Instant back = 0;
        int offset = offsets[turn % G_N_ELEMENTS(offsets)], offset_back = 0;
        assert_true(instant_parse(instant_format(instant, offset, text), &back, &offset_back));
        assert_int_equal(back, instant);
        assert_int_equal(offset_back, offset);
    }
}

static void test_format_at_the_ends(void **state)
{
    (void)state;
    char text[INSTANT_TEXT_MAX];
    assert_string_equal(instant_format(LAST, 60, text), "9999-12-31T23:59:59.999999Z");
    assert_string_equal(instant_format(FIRST, -60, text), "0001-01-01T00:00:00Z");
    assert_string_equal(instant_format(INT64_MAX, 0, text), "9999-12-31T23:59:59.999999Z");
    assert_string_equal(instant_format(INT64_MIN, 60, text), "0001-01-01T01:00:00+01:00");
}

static void test_timestamps(void **state)
{
    (void)state;
    static const Instant instants[] = {0, 1, -1, 1627041600123456, -1627041600123456, FIRST, LAST};
    for (size_t i = 0; i < G_N_ELEMENTS(instants); i++) {
        Google__Protobuf__Timestamp *timestamp = instant_to_timestamp(instants[i]);
        assert_in_range(timestamp->nanos, 0, 999999999);
        assert_int_equal(instant_from_timestamp(timestamp), instants[i]);
        g_free(timestamp);
    }
    assert_int_equal(instant_from_timestamp(NULL), 0);
}

static void test_hostile_timestamps(void **state)
{
    (void)state;
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    timestamp.seconds = INT64_MAX;
    timestamp.nanos = INT32_MAX;
    assert_int_equal(instant_from_timestamp(&timestamp), LAST);
    timestamp.seconds = INT64_MIN;
    timestamp.nanos = INT32_MIN;
    assert_int_equal(instant_from_timestamp(&timestamp), FIRST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_format),   cmocka_unit_test(test_what_is_no_instant),
        cmocka_unit_test(test_cut_texts),          cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_format_at_the_ends), cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_hostile_timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
