/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled zones and rules that no tzdata has: broken, cut off, hostile, or merely unusual. */
#include "unit.h"

#include "common/error.h"
#include "common/zone_file.h"

/* --- files --- */

static void put_number(GByteArray *bytes, int64_t number, int size)
{
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        g_byte_array_append(bytes, &(guint8){(guint8)((uint64_t)number >> shift)}, 1);
}

typedef struct {
    char version;
    int64_t leap_seconds, types;
    int64_t times[3], offsets[2];
    uint8_t indices[3];
    const char *footer;
} Content;

static const Content usual = {
    .version = '2',
    .types = 2,
    .times = {1000, 2000, 3000},
    .indices = {1, 0, 1},
    .offsets = {-3600, 7200},
    .footer = "\nABC-2\n",
};

/* An empty block of old times, then three transitions between two types. */
static GByteArray *make_file(const Content *content)
{
    GByteArray *bytes = g_byte_array_new();
    for (int block = 0; block < 2; block++) {
        g_byte_array_append(bytes, (const guint8 *)"TZif", 4);
        put_number(bytes, content->version, 1);
        for (int i = 0; i < 15; i++)
            put_number(bytes, 0, 1);
        int64_t counts[] = {0, 0, content->leap_seconds, 3, content->types, 4};
        for (int i = 0; i < 6; i++)
            put_number(bytes, block ? counts[i] : 0, 4);
    }
    for (int i = 0; i < 3; i++)
        put_number(bytes, content->times[i], 8);
    g_byte_array_append(bytes, content->indices, 3);
    for (int i = 0; i < 2; i++) {
        put_number(bytes, content->offsets[i], 4);
        put_number(bytes, 0, 2);
    }
    g_byte_array_append(bytes, (const guint8 *)"ABC", 4);
    for (int i = 0; i < content->leap_seconds; i++) {
        put_number(bytes, 0, 8);
        put_number(bytes, 0, 4);
    }
    g_byte_array_append(bytes, (const guint8 *)content->footer, (guint)strlen(content->footer));
    return bytes;
}

static void test_a_good_file(void **state)
{
    (void)state;
    g_autoptr(GByteArray) bytes = make_file(&usual);
    ZoneFile file = {0};
    g_autoptr(GError) error = NULL;
    if (!zone_file_parse(bytes->data, bytes->len, &file, &error))
        fail_msg("%s", error->message);
    assert_int_equal(file.first_offset, -3600);
    assert_int_equal(file.count, 3);
    assert_int_equal(file.transitions[1].at, 2000);
    assert_int_equal(file.transitions[1].offset, -3600);
    assert_true(file.has_rules);
    assert_int_equal(file.rules.standard, 7200);
    zone_file_clear(&file);

    Content content = usual;
    content.footer = "\n\n";
    g_autoptr(GByteArray) without_rule = make_file(&content);
    assert_true(zone_file_parse(without_rule->data, without_rule->len, &file, NULL));
    assert_false(file.has_rules);
    zone_file_clear(&file);
}

/* Transitions that change nothing but the name are dropped, save the last: the rule holds from there. */
static void test_offsets_that_stay(void **state)
{
    (void)state;
    Content content = usual;
    content.offsets[0] = 7200;
    g_autoptr(GByteArray) bytes = make_file(&content);
    ZoneFile file = {0};
    assert_true(zone_file_parse(bytes->data, bytes->len, &file, NULL));
    assert_int_equal(file.count, 1);
    assert_int_equal(file.transitions[0].at, 3000);
    zone_file_clear(&file);
}

static void assert_refused(const GByteArray *bytes, const char *reason)
{
    g_autoptr(GError) error = NULL;
    ZoneFile file = {.count = 4711};
    assert_false(zone_file_parse(bytes->data, bytes->len, &file, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_int_equal(file.count, 4711);
    if (reason)
        assert_string_equal(error->message, reason);
}

static void refuse_content(Content content, const char *reason)
{
    g_autoptr(GByteArray) bytes = make_file(&content);
    assert_refused(bytes, reason);
}

static void test_bad_files(void **state)
{
    (void)state;
    Content content = usual;
    content.version = '\0';
    refuse_content(content, "it is of version 1 and knows no time after 2038");
    content = usual;
    content.leap_seconds = 1;
    refuse_content(content, "it counts leap seconds");
    content = usual;
    content.types = 0;
    refuse_content(content, "it has no local time types, or too many");
    content = usual;
    content.types = 0xffffffff;
    refuse_content(content, "it is cut off");
    content = usual;
    content.times[1] = 1000;
    refuse_content(content, "its transitions are not in order");
    content.times[1] = INT64_MIN;
    refuse_content(content, "its transitions are not in order");
    content = usual;
    content.indices[2] = 2;
    refuse_content(content, "a transition leads to no local time type");
    content = usual;
    content.offsets[1] = 93601;
    refuse_content(content, "an offset is larger than 26 hours");
    content.offsets[1] = INT32_MIN;
    refuse_content(content, "an offset is larger than 26 hours");
    content = usual;
    content.footer = "";
    refuse_content(content, "its footer is missing");
    content.footer = "\nABC-2";
    refuse_content(content, "its footer does not end");
    content.footer = "\nnothing\n";
    refuse_content(content, "\"nothing\" is no rule in POSIX' TZ notation");
}

static void test_cut_off_anywhere(void **state)
{
    (void)state;
    g_autoptr(GByteArray) bytes = make_file(&usual);
    for (guint length = 0; length < bytes->len; length++) {
        g_autoptr(GByteArray) start = g_byte_array_new_take(g_memdup2(bytes->data, MAX(length, 1)), length);
        assert_refused(start, NULL);
    }
}

/* Any byte may be any other: it is refused, or gives transitions in order with sound offsets. Fixed seed. */
static void test_damaged_anywhere(void **state)
{
    (void)state;
    g_autoptr(GRand) random = g_rand_new_with_seed(8536);
    g_autoptr(GByteArray) bytes = make_file(&usual);
    for (int round = 0; round < 50000; round++) {
        g_autofree guint8 *data = g_memdup2(bytes->data, bytes->len);
        for (int i = g_rand_int_range(random, 1, 5); i > 0; i--)
            data[g_rand_int_range(random, 0, (gint32)bytes->len)] = (guint8)g_rand_int(random);
        ZoneFile file = {0};
        if (!zone_file_parse(data, bytes->len, &file, NULL))
            continue;
        for (size_t i = 0; i < file.count; i++) {
            assert_true(ABS(file.transitions[i].offset) <= ZONE_OFFSET_MAX);
            assert_true(i == 0 || file.transitions[i].at > file.transitions[i - 1].at);
        }
        zone_file_clear(&file);
    }
}

/* --- rules --- */

static const struct {
    const char *rule;
    int64_t at;
    int32_t offset;
    int64_t until;
} offsets[] = {
    {"UTC0", 0, 0, INT64_MAX},
    {"<+0330>-3:30", 0, 12600, INT64_MAX},
    {"ABC12:34:56", 0, -45296, INT64_MAX},
    /* 2021-01-01, 2021-03-28T00:59:59Z, T01:00, 2021-10-31T00:59:59Z, T01:00 */
    {"GMT0BST,M3.5.0/1,M10.5.0", 1609459200, 0, 1616893200},
    {"GMT0BST,M3.5.0/1,M10.5.0", 1616893199, 0, 1616893200},
    {"GMT0BST,M3.5.0/1,M10.5.0", 1616893200, 3600, 1635642000},
    {"GMT0BST,M3.5.0/1,M10.5.0", 1635641999, 3600, 1635642000},
    {"GMT0BST,M3.5.0/1,M10.5.0", 1635642000, 0, 1648342800},
    /* "daylight" time is the earlier one */
    {"IST-1GMT0,M10.5.0,M3.5.0/1", 1616893200, 3600, 1635642000},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", 1635642000, 0, 1648342800},
    /* southern: over new year; 2021-01-01 to 2021-04-03T16:00Z */
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1609459200, 39600, 1617465600},
    /* times before and after the day itself: Nuuk 2024-03-30 22:00, Gaza's fourth Thursday and 50 hours */
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846799, -7200, 1711846800},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846800, -3600, 1729990800},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", 1711756799, 7200, 1711756800},
    /* daylight time all the year, as RFC 8536 writes it */
    {"EST5EDT,0/0,J365/25", 1609477199, -14400, 1609477200},
    {"EST5EDT,0/0,J365/25", 1609477200, -14400, 1641013200},
    /* J60 is 1 March, 59 is 29 February in leap years: 2024 */
    {"ABC0DEF,J60/0,J61/0", 1709251199, 0, 1709251200},
    {"ABC0DEF,J60/0,J61/0", 1709251200, 3600, 1709334000},
    {"ABC0DEF,59/0,60/0", 1709164799, 0, 1709164800},
    {"ABC0DEF,59/0,60/0", 1709164800, 3600, 1709247600},
};

static void test_offsets_of_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        ZoneRules rules = {0};
        int64_t until = 0;
        assert_true(zone_rules_parse(offsets[i].rule, &rules, NULL));
        int32_t offset = zone_rules_offset(&rules, offsets[i].at, &until);
        if (offset != offsets[i].offset || until != offsets[i].until)
            fail_msg("%s at %" G_GINT64_FORMAT ": %d until %" G_GINT64_FORMAT, offsets[i].rule, offsets[i].at,
                     offset, until);
    }
}

static void test_bad_rules(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "AB0",
        "ABC",
        "<ABC0",
        "<A>0",
        "<AB C>0",
        "ABC25",
        "ABC1:60",
        "ABC1:00:60",
        "ABC0 ",
        "ABC0DEF", /* POSIX would take a default */
        "ABC0DEF,",
        "ABC0DEF,M3.5.0",
        "ABC0DEF,M3.5.0,",
        "ABC0DEF,M13.5.0,M10.5.0",
        "ABC0DEF,M3.0.0,M10.5.0",
        "ABC0DEF,M3.6.0,M10.5.0",
        "ABC0DEF,M3.5.7,M10.5.0",
        "ABC0DEF,J0,J2",
        "ABC0DEF,J366,J2",
        "ABC0DEF,366,2",
        "ABC0DEF,M3.5.0/168,M10.5.0",
        "ABC0DEF,M3.5.0/1,M10.5.0/",
        "ABC0DEF,M3.5.0/1,M10.5.0,",
        "ABC99999999999999999999",
        ":Europe/London",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        ZoneRules rules = {.standard = 4711};
        if (zone_rules_parse(bad[i], &rules, &error))
            fail_msg("'%s' was taken for a rule", bad[i]);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_int_equal(rules.standard, 4711);
    }
}

/* Far away in both directions, the offset is one of the two, and time goes on. */
static void test_far_away(void **state)
{
    (void)state;
    ZoneRules rules = {0};
    assert_true(zone_rules_parse("GMT0BST,M3.5.0/1,M10.5.0", &rules, NULL));
    static const int64_t instants[] = {INT64_MIN, -INT64_C(62135596800), INT64_C(253402300799), INT64_MAX};
    for (size_t i = 0; i < G_N_ELEMENTS(instants); i++) {
        int64_t until = 0;
        int32_t offset = zone_rules_offset(&rules, instants[i], &until);
        assert_true(offset == 0 || offset == 3600);
        assert_true(until > instants[i] || until == INT64_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_file),      cmocka_unit_test(test_offsets_that_stay),
        cmocka_unit_test(test_bad_files),        cmocka_unit_test(test_cut_off_anywhere),
        cmocka_unit_test(test_damaged_anywhere), cmocka_unit_test(test_offsets_of_rules),
        cmocka_unit_test(test_bad_rules),        cmocka_unit_test(test_far_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
