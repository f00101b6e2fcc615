/* SPDX-License-Identifier: Apache-2.0 */
/* The table itself, and what is written from it. */
#include "unit.h"

#include <glib.h>

#include "common/config/lookup.h"
#include "common/nearest.h"
#include "common/config/options.h"
#include "common/config/value.h"

static bool is_number(OptionType type)
{
    return type == OPTION_INTEGER || type == OPTION_DURATION || type == OPTION_SIZE;
}

static void test_the_table_is_sound(void **state)
{
    (void)state;
    for (const Option *option = options; option->group; option++) {
        g_autoptr(GError) error = NULL;
        int64_t number = 0;
        print_message("[%s] %s\n", option->group, option->key);
        assert_true(option->help && *option->help && !strpbrk(option->help, "\r\n"));
        assert_true((option->type == OPTION_CHOICE) == (option->choices != NULL));
        if (is_number(option->type)) {
            assert_true(option->least < option->most);
            assert_non_null(option->fallback); /* or the getter would have nothing to give */
        }
        if (option->fallback && !option_parse(option, option->fallback, &number, &error))
            fail_msg("default: %s", error->message);
        for (const Option *other = option + 1; other->group; other++)
            assert_false(strcmp(option->group, other->group) == 0 && strcmp(option->key, other->key) == 0);
    }
}

static void test_groups_stand_together(void **state)
{
    (void)state;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (const Option *option = options; option->group; option++)
        if (option == options || strcmp(option->group, option[-1].group) != 0)
            assert_true(g_hash_table_add(seen, (gpointer)option->group));
}

static void test_help(void **state)
{
    (void)state;
    g_autofree char *text = options_help((const char *const[]){"topics", "counter *", NULL});
    assert_true(g_str_has_prefix(text, "[topics]\n  statements = TEXT\n      topic of the statements "
                                       "(default daywire.statements)\n"));
    assert_non_null(strstr(text, "\n\n[counter NAME]\n  since = DATE\n      the civil date to count from\n"));
    assert_non_null(strstr(text, "  label.NAME = TEXT\n"));
    assert_non_null(strstr(text,
                           "  leap-day = feb28|mar1\n      the anniversary of 29 February in other years; "
                           "likewise of a day that a month has not (default mar1)\n"));
    assert_non_null(strstr(text, "(default 1; 1 to 256)\n"));
    assert_null(strstr(text, "[gateway]"));
    g_autofree char *all = options_help(NULL);
    assert_non_null(strstr(all, "[gateway]\n"));
    assert_non_null(strstr(all, "(default 25s; 1s to 10m)\n"));
    assert_non_null(strstr(all, "(default 16K; 1K to 1M)\n"));
}

static void test_markdown(void **state)
{
    (void)state;
    g_autofree char *text = options_markdown();
    assert_non_null(
        strstr(text, "| `leap-day` | `feb28\\|mar1` | `mar1` | | the anniversary of 29 February in other "
                     "years; likewise of a day that a month has not | `DAYWIRE_COUNTER_NAME_LEAP_DAY` |\n"));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned rows = 0, count = 0;
    for (char **line = lines; *line; line++) {
        if (**line != '|')
            continue;
        unsigned bars = 0;
        for (const char *at = *line; *at; at++)
            bars += *at == '|' && (at == *line || at[-1] != '\\');
        assert_int_equal(bars, 7);
        rows += g_str_has_prefix(*line, "| `");
    }
    for (const Option *option = options; option->group; option++)
        count++;
    assert_int_equal(rows, count);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        OptionType type;
        const char *text;
        int64_t number; /* -1: refused */
    } cases[] = {
        {OPTION_DURATION, "0", 0},
        {OPTION_DURATION, "0s", 0},
        {OPTION_DURATION, "250ms", 250},
        {OPTION_DURATION, "5s", 5000},
        {OPTION_DURATION, "5m", 300000},
        {OPTION_DURATION, "2h", 7200000},
        {OPTION_DURATION, "1d", 86400000},
        {OPTION_DURATION, "007s", 7000},
        {OPTION_DURATION, "5", -1},
        {OPTION_DURATION, "s", -1},
        {OPTION_DURATION, "5 s", -1},
        {OPTION_DURATION, "5S", -1},
        {OPTION_DURATION, "-5s", -1},
        {OPTION_DURATION, "5ss", -1},
        {OPTION_DURATION, "5w", -1},
        {OPTION_DURATION, "106751991168d", -1},
        {OPTION_DURATION, "213503982335d", -1},
        {OPTION_SIZE, "17179869185G", -1},
        {OPTION_DURATION, "18446744073709551617s", -1},
        {OPTION_SIZE, "4096", 4096},
        {OPTION_SIZE, "64K", 65536},
        {OPTION_SIZE, "10M", 10485760},
        {OPTION_SIZE, "1G", 1073741824},
        {OPTION_SIZE, "1T", -1},
        {OPTION_SIZE, "1KB", -1},
        {OPTION_SIZE, "0x10", -1},
        {OPTION_SIZE, "8589934592G", -1},
        {OPTION_INTEGER, "12", 12},
        {OPTION_INTEGER, "1e3", -1},
        {OPTION_INTEGER, " 1", -1},
        {OPTION_INTEGER, "0x1", -1},
        {OPTION_INTEGER, "1_000", -1},
        {OPTION_BOOLEAN, "true", 1},
        {OPTION_BOOLEAN, "false", 0},
        {OPTION_BOOLEAN, "yes", -1},
        {OPTION_BOOLEAN, "True", -1},
        {OPTION_BOOLEAN, "1", -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Option option = {
            .group = "g", .key = "k", .type = cases[i].type, .least = 0, .most = INT64_MAX, .help = "h"};
        int64_t number = 4711;
        g_autoptr(GError) error = NULL;
        bool good = option_parse(&option, cases[i].text, &number, &error);
        if (good != (cases[i].number >= 0))
            fail_msg("'%s' was %s", cases[i].text, good ? "taken" : "refused");
        assert_int_equal(number, good ? cases[i].number : 4711);
        assert_true(good == (error == NULL));
    }
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"listen", "admin", "database", "window", "window-bytes", "to", NULL};
    static const struct {
        const char *typed, *meant;
    } cases[] = {
        {"listne", "listen"},
        {"lisen", "listen"},
        {"listenn", "listen"},
        {"lxsten", "listen"},
        {"window_bytes", "window-bytes"},
        {"widnow", "window"},
        {"databse", "database"},
        {"amdin", "admin"},
        {"ot", "to"},
        {"", NULL},
        {"x", NULL},
        {"port", NULL},
        {"lllllllll", NULL},
        {"admin", "admin"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *nearest = nearest_name(cases[i].typed, names);
        assert_string_equal(nearest ? nearest : "(none)", cases[i].meant ? cases[i].meant : "(none)");
    }
    g_autofree char *long_name = g_strnfill(100000, 'a');
    assert_null(nearest_name(long_name, names));
    assert_null(nearest_name("listen", (const char *const[]){long_name, NULL}));
    assert_null(nearest_name("listen", (const char *const[]){NULL}));
}

static void test_lookup(void **state)
{
    (void)state;
    assert_string_equal(option_find("counter x", "label.en")->key, "label.*");
    assert_string_equal(option_find("kafka", "anything at all")->key, "*");
    assert_null(option_find("counter", "since"));
    assert_null(option_find("counter ", "since"));
    assert_null(option_find("gateway", "clock.X"));
    assert_int_equal(wildcard_prefix("label.*"), 6);
    assert_int_equal(wildcard_prefix("*"), 0);
    assert_int_equal(wildcard_prefix("listen"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_sound),
        cmocka_unit_test(test_groups_stand_together),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_lookup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
