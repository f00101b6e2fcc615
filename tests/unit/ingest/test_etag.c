/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "ingest/etag.h"

static void test_format(void **state)
{
    static const struct {
        uint32_t revision;
        int64_t version;
        const char *etag;
    } cases[] = {
        {1, 0, "\"1\""},
        {3, 17, "\"3.17\""},
        {0, 17, "\"0.17\""},
        {UINT32_MAX, INT64_MAX, "\"4294967295.9223372036854775807\""},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *etag = etag_format(cases[i].revision, cases[i].version);
        assert_string_equal(etag, cases[i].etag);
    }
}

typedef struct {
    const char *header;
    const char *etag; /* NULL: it does not exist */
    bool strongly;
    bool weakly;
} Case;

static const Case comparisons[] = {
    {"\"3\"", "\"3\"", true, true},
    {"\"3\"", "\"4\"", false, false},
    {"\"3\"", "\"3.17\"", false, false},
    {"\"3.17\"", "\"3\"", false, false},
    {"\"33\"", "\"3\"", false, false},
    {"W/\"3\"", "\"3\"", false, true}, /* weakened on its way */
    {"W/\"4\"", "\"3\"", false, false},
    {"*", "\"3\"", true, true},
    {" * ", "\"3\"", true, true},
    {"*", NULL, false, false},
    {"\"3\"", NULL, false, false},
    {"\"1\", \"2\" ,\"3\"", "\"3\"", true, true},
    {"\"1\",W/\"2\"", "\"2\"", false, true},
    {",,\"3\",", "\"3\"", true, true}, /* RFC 9110, 5.6.1: empty elements of a list */
    {"\"a, b\", \"3\"", "\"3\"", true, true},
    {"\"a\\\", \"3\"", "\"3\"", true, true}, /* there are no escapes in a tag */
    {"\"\"", "\"3\"", false, false},
    /* What is not a list is refused before (below), and names nothing. */
    {"3", "\"3\"", false, false},
    {"\"1\" \"3\"", "\"3\"", false, false},
    {"", "\"3\"", false, false},
};

static void test_comparisons(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(comparisons); i++) {
        const Case *c = &comparisons[i];
        if (etag_is_named(c->header, c->etag, ETAG_STRONGLY) != c->strongly ||
            etag_is_named(c->header, c->etag, ETAG_WEAKLY) != c->weakly)
            fail_msg("%s and %s", c->header, c->etag);
    }
}

static void test_validity(void **state)
{
    static const char *const good[] = {"*", " * ", "\"3\"", "W/\"3\"", "\"1\", W/\"2\"", ",\"1\",,", "\"\""};
    static const char *const bad[] = {"",         " ",        ",",           "3",
                                      "\"3",      "3\"",      "w/\"3\"",     "W/3",
                                      "*, \"3\"", "\"3\", *", "\"1\" \"2\"", "\"1\";\"2\"",
                                      "W/ \"3\"", "\"3\"x",   "**",          "\"3\", 4, \"5\""};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        if (!etag_header_is_valid(good[i]))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (etag_header_is_valid(bad[i]))
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_validity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
