/* SPDX-License-Identifier: Apache-2.0 */
/* Files, good and bad; each bad one with the very message that its writer gets. */
#include "unit.h"

#include <sys/stat.h>

#include "config_fixture.h"

#include "common/error.h"
#include "folder.h"

typedef struct {
    const char *content;
    const char *message;
} Bad;

static const Bad bad_lines[] = {
    {"[gateway]\nlisten\n", "FILE:2: neither \"[group]\" nor \"key = value\"; comments begin with #"},
    {"; a comment of another kind\n",
     "FILE:1: neither \"[group]\" nor \"key = value\"; comments begin with #"},
    {"listen = 127.0.0.1:1\n", "FILE:1: \"listen\" stands before the first [group]"},
    {"# fine\n\n[gateway\n", "FILE:3: a group stands alone on its line: [name]"},
    {"[gateway] # here\n", "FILE:1: a group stands alone on its line: [name]"},
    {"[]\n", "FILE:1: group without a name"},
    {"[site]\n = 3\n", "FILE:2: key without a name"},
    {"[[site]]\n", "FILE:1: the name of the group has a bracket or a tab in it"},
    {"[site]\ntitle[de] = Hafen\n", "FILE:2: the name of the key has a bracket or a tab in it"},
    {"[site]\ntitle = a\x1b[31m\n", "FILE:2: control character U+001B at byte 10 of the line"},
    {"[site]\ntitle = a\rb\n", "FILE:2: control character U+000D at byte 10 of the line"},
    {"[site]\ntitle = \xff\n", "FILE:2: invalid UTF-8 at byte 9 of the line"},
    {"[site]\ntitle = \xe2\x82\n", "FILE:2: invalid UTF-8 at byte 9 of the line"},
    {"[site]\n# caf\xe9\n", "FILE:2: invalid UTF-8 at byte 6 of the line"},
    {"[site]\ntitle = a\n\ntitle = b\n", "FILE:4: \"title\" is already set in line 2"},
    {"[site]\ntitle = a\n[topics]\n[site]\n", "FILE:4: [site] has already begun in line 1"},
    {"[kafka]\nclient.id = a\nclient.id = b\n", "FILE:3: \"client.id\" is already set in line 2"},
};

static const Bad bad_names[] = {
    {"[gateway]\nlistne = 127.0.0.1:1\n",
     "FILE:2: unknown key \"listne\" in [gateway]; did you mean \"listen\"?"},
    {"[gateway]\nLISTEN = 127.0.0.1:1\n", "FILE:2: unknown key \"LISTEN\" in [gateway]"},
    {"[gateway]\nmax_connections = 1\n",
     "FILE:2: unknown key \"max_connections\" in [gateway]; did you mean \"max-connections\"?"},
    {"[gateway]\nsomething-else = 1\n", "FILE:2: unknown key \"something-else\" in [gateway]"},
    {"[gatway]\n", "FILE:1: unknown group [gatway]; did you mean [gateway]?"},
    {"[ gateway ]\n", "FILE:1: unknown group [ gateway ]; did you mean [gateway]?"},
    {"[weather]\n", "FILE:1: unknown group [weather]"},
    {"[ingest one]\n", "FILE:1: unknown group [ingest one]; did you mean [ingest]?"},
    {"[counter]\n", "FILE:1: [counter] lacks a name: [counter NAME]"},
    {"[counter ]\n", "FILE:1: [counter ] lacks a name: [counter NAME]"},
    {"[conuter lighthouse]\n",
     "FILE:1: unknown group [conuter lighthouse]; did you mean [counter lighthouse]?"},
    {"[counters lighthouse]\n",
     "FILE:1: unknown group [counters lighthouse]; did you mean [counter lighthouse]?"},
    {"[counter two words]\n",
     "FILE:1: [counter NAME]: the name \"two words\" is not 1 to 100 of A-Z a-z 0-9 . _ ~ -"},
    {"[counter  two]\n", "FILE:1: [counter NAME]: the name \" two\" is not 1 to 100 of A-Z a-z 0-9 . _ ~ -"},
    {"[counter caf\xc3\xa9]\n",
     "FILE:1: [counter NAME]: the name \"caf\xc3\xa9\" is not 1 to 100 of A-Z a-z 0-9 . _ ~ -"},
    {"[counter a]\nlable.en = x\n",
     "FILE:2: unknown key \"lable.en\" in [counter a]; did you mean \"label.en\"?"},
    {"[counter a]\nlabel. = x\n", "FILE:2: unknown key \"label.\" in [counter a]; did you mean \"label\"?"},
    {"[counter a]\nlabels = x\n", "FILE:2: unknown key \"labels\" in [counter a]; did you mean \"label\"?"},
    {"[counter a]\nsinc = 2020-01-01\n",
     "FILE:2: unknown key \"sinc\" in [counter a]; did you mean \"since\"?"},
};

static const Bad bad_values[] = {
    {"[gateway]\nworkers = many\n",
     "FILE:2: [gateway] workers: \"many\" is not a whole number from 0 to 256"},
    {"[gateway]\nworkers = 257\n", "FILE:2: [gateway] workers: \"257\" is not a whole number from 0 to 256"},
    {"[gateway]\nworkers = -1\n", "FILE:2: [gateway] workers: \"-1\" is not a whole number from 0 to 256"},
    {"[gateway]\nworkers = 1 # one\n",
     "FILE:2: [gateway] workers: \"1 # one\" is not a whole number from 0 to 256"},
    {"[gateway]\nworkers = 99999999999999999999\n",
     "FILE:2: [gateway] workers: \"99999999999999999999\" is not a whole number from 0 to 256"},
    {"[gateway]\nheartbeat = 25\n",
     "FILE:2: [gateway] heartbeat: \"25\" is not a duration (250ms, 5s, 5m, 2h, 1d) from 1s to 10m"},
    {"[gateway]\nheartbeat = 11m\n",
     "FILE:2: [gateway] heartbeat: \"11m\" is not a duration (250ms, 5s, 5m, 2h, 1d) from 1s to 10m"},
    {"[gateway]\nheartbeat = 1.5s\n",
     "FILE:2: [gateway] heartbeat: \"1.5s\" is not a duration (250ms, 5s, 5m, 2h, 1d) from 1s to 10m"},
    {"[gateway]\nheartbeat = 0\n",
     "FILE:2: [gateway] heartbeat: \"0\" is not a duration (250ms, 5s, 5m, 2h, 1d) from 1s to 10m"},
    {"[gateway]\nheartbeat = 9223372036854775807d\n",
     "FILE:2: [gateway] heartbeat: \"9223372036854775807d\" is not a duration (250ms, 5s, 5m, 2h, 1d) from "
     "1s to 10m"},
    {"[gateway]\nmax-message = 2M\n",
     "FILE:2: [gateway] max-message: \"2M\" is not a size in bytes (4096, 64K, 10M, 1G) from 1K to 1M"},
    {"[gateway]\nmax-message = 16k\n",
     "FILE:2: [gateway] max-message: \"16k\" is not a size in bytes (4096, 64K, 10M, 1G) from 1K to 1M"},
    {"[gateway]\nlisten = 8080\n",
     "FILE:2: [gateway] listen: \"8080\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[gateway]\nlisten = harbour:8080\n",
     "FILE:2: [gateway] listen: \"harbour:8080\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[gateway]\nlisten = ::1:8080\n",
     "FILE:2: [gateway] listen: \"::1:8080\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[gateway]\nlisten = 127.0.0.1:65536\n",
     "FILE:2: [gateway] listen: \"127.0.0.1:65536\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[gateway]\nlisten = 127.0.0.1:+80\n",
     "FILE:2: [gateway] listen: \"127.0.0.1:+80\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[gateway]\nlisten = []:80\n",
     "FILE:2: [gateway] listen: \"[]:80\" is not address:port (127.0.0.1:8080, [::1]:8080)"},
    {"[counters]\ncatch-up = lastest\n",
     "FILE:2: [counters] catch-up: \"lastest\" is not latest or all; did you mean \"latest\"?"},
    {"[counters]\ncatch-up = never\n", "FILE:2: [counters] catch-up: \"never\" is not latest or all"},
    {"[counter a]\nsince = 2021-02-29\n",
     "FILE:2: [counter a] since: \"2021-02-29\" is not a date (YYYY-MM-DD)"},
    {"[counter a]\nsince = 04.03.2018\n",
     "FILE:2: [counter a] since: \"04.03.2018\" is not a date (YYYY-MM-DD)"},
    {"[counter a]\ntime-zone = Europe/Londno\n", "FILE:2: [counter a] time-zone: \"Europe/Londno\" is not a "
                                                 "time zone that this system knows (Europe/London)"},
    {"[site]\nclock.New York = EST5EDT,M3.2.0,M11.1.0\n",
     "FILE:2: [site] clock.New York: \"EST5EDT,M3.2.0,M11.1.0\" is not a time zone that this system knows "
     "(Europe/London)"},
    {"[site]\ntime-zone = +01:00\n",
     "FILE:2: [site] time-zone: \"+01:00\" is not a time zone that this system knows (Europe/London)"},
    {"[site]\ntime-zone = ../../etc/localtime\n", "FILE:2: [site] time-zone: \"../../etc/localtime\" is not "
                                                  "a time zone that this system knows (Europe/London)"},
    {"[site]\ntitle = C:\\harbour\n",
     "FILE:2: [site] title: a backslash is written \\\\; other escapes are \\s \\n \\t \\r"},
    {"[site]\ntime-zone = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
     "FILE:2: [site] time-zone: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" is not a "
     "time zone "
     "that this system knows (Europe/London)"},
};

static void check_refusals(const Bad *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autofree char *message = fixture_refusal(bad[i].content, NULL);
        assert_string_equal(message, bad[i].message);
    }
}

static void test_bad_lines(void **state)
{
    (void)state;
    check_refusals(bad_lines, G_N_ELEMENTS(bad_lines));
}

static void test_bad_names(void **state)
{
    (void)state;
    check_refusals(bad_names, G_N_ELEMENTS(bad_names));
}

static void test_bad_values(void **state)
{
    (void)state;
    check_refusals(bad_values, G_N_ELEMENTS(bad_values));
}

static void test_a_password_is_in_no_message(void **state)
{
    (void)state;
    g_autofree char *escape = fixture_refusal("[kafka]\nsasl.password = hunter\\2\n", NULL);
    assert_string_equal(escape,
                        "FILE:2: [kafka] sasl.password: a backslash is written \\\\; other escapes are "
                        "\\s \\n \\t \\r");
    g_autofree char *twice =
        fixture_refusal("[kafka]\nsasl.password = hunter2\nsasl.password = hunter3\n", NULL);
    assert_null(strstr(twice, "hunter"));
    g_autofree char *stray = fixture_refusal("[kafka]\nhunter2\n", NULL);
    assert_null(strstr(stray, "hunter"));
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    g_autoptr(GError) missing = NULL;
    assert_null(config_load("/nonexistent/daywire.conf", NULL, &missing));
    assert_string_equal(missing->message, "/nonexistent/daywire.conf: No such file or directory");
    g_autoptr(GError) folder = NULL;
    assert_null(config_load("/", NULL, &folder));
    assert_string_equal(folder->message, "/: Is a directory");
    g_autoptr(GError) endless = NULL;
    assert_null(config_load("/dev/zero", NULL, &endless));
    assert_string_equal(endless->message, "/dev/zero: is no regular file");
    /* Nobody writes into the pipe: opened like a file it would be waited for. */
    char *home = folder_new();
    g_autofree char *pipe = g_build_filename(home, "pipe", NULL);
    g_autoptr(GError) silent = NULL;
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_null(config_load(pipe, NULL, &silent));
    assert_true(g_str_has_suffix(silent->message, "/pipe: is no regular file"));
    folder_remove(home);
}

static void test_size_of_the_file(void **state)
{
    (void)state;
    size_t most = 8388608;
    g_autofree char *content = g_strnfill(most + 1, '#');
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(fixture_write(content, most), NULL, &error);
    assert_non_null(config);
    assert_null(config_load(fixture_write(content, most + 1), NULL, &error));
    assert_int_equal(error->code, DAYWIRE_ERROR_TOO_LARGE);
}

static void test_nul_bytes(void **state)
{
    (void)state;
    static const char content[] = "[site]\ntitle = a\0b\n";
    g_autoptr(GError) error = NULL;
    assert_null(config_load(fixture_write(content, sizeof(content) - 1), NULL, &error));
    assert_true(g_str_has_suffix(error->message, ":2: invalid UTF-8 at byte 10 of the line"));
}

static void test_defaults(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(NULL, NULL);
    assert_string_equal(config_string(config, "gateway", "listen"), "0.0.0.0:8080");
    assert_null(config_string(config, "ingest", "token-file"));
    assert_int_equal(config_integer(config, "topics", "partitions"), 1);
    assert_int_equal(config_milliseconds(config, "gateway", "window"), 86400000);
    assert_int_equal(config_bytes(config, "ingest", "max-body"), 8 * 1024 * 1024);
    assert_string_equal(config_string(config, "counter none", "time-zone"), "UTC");
    assert_null(config_instances(config, "counter")[0]);
    assert_null(config_keys(config, "kafka", "")[0]);
    assert_null(config_keys(config, "site", "clock.")[0]);
    assert_null(config_warnings(config)[0]);
    g_autofree char *origin = config_origin(config, "gateway", "listen");
    assert_string_equal(origin, "default");
}

static const char sample[] = "\xef\xbb\xbf# a comment\r\n"
                             "[kafka]\r\n"
                             "  bootstrap.servers=127.0.0.1:9092,127.0.0.1:9093  \r\n"
                             "sasl.password = a=b \\\\ c\r\n"
                             "client.id =\r\n"
                             "\t[counter zebra]\t\r\n"
                             "since = 2018-03-04\r\n"
                             "label.en = {days, plural, one {# day} other {# days}}\r\n"
                             "label.ru = \xd0\xb4\xd0\xbd\xd0\xb5\xd0\xb9\r\n"
                             "[counter ~a.b_c-9]\r\n"
                             "time-zone = Pacific/Apia\r\n"
                             "[site]\r\n"
                             "title =\r\n"
                             "contact = line one\\nline two\\s\r\n"
                             "clock.New York = America/New_York\r\n"
                             "clock.S\xc3\xa3o Paulo = America/Sao_Paulo\r\n"
                             "clock.Nowhere =\r\n"
                             "[gateway]\r\n"
                             "listen = [::1]:0\r\n"
                             "heartbeat = 1500ms\r\n"
                             "window-bytes = 65536\r\n"
                             "drain = 0\r\n"
                             "workers = 256"; /* no end of the line */

static void test_a_good_file(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(sample, NULL);
    assert_string_equal(config_string(config, "kafka", "bootstrap.servers"), "127.0.0.1:9092,127.0.0.1:9093");
    assert_string_equal(config_string(config, "kafka", "sasl.password"), "a=b \\ c");
    assert_string_equal(config_string(config, "counter zebra", "since"), "2018-03-04");
    assert_string_equal(config_string(config, "counter zebra", "label.ru"),
                        "\xd0\xb4\xd0\xbd\xd0\xb5\xd0\xb9");
    assert_null(config_string(config, "counter zebra", "label.de"));
    assert_string_equal(config_string(config, "counter ~a.b_c-9", "time-zone"), "Pacific/Apia");
    assert_string_equal(config_string(config, "site", "contact"), "line one\nline two");
    assert_string_equal(config_string(config, "gateway", "listen"), "[::1]:0");
    assert_int_equal(config_milliseconds(config, "gateway", "heartbeat"), 1500);
    assert_int_equal(config_bytes(config, "gateway", "window-bytes"), 65536);
    assert_int_equal(config_milliseconds(config, "gateway", "drain"), 0);
    assert_int_equal(config_integer(config, "gateway", "workers"), 256);
    /* an empty value: not set */
    assert_string_equal(config_string(config, "site", "title"), "Daywire");
    assert_null(config_string(config, "kafka", "client.id"));
}

static void test_lists_keep_the_order(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(sample, NULL);
    const char *const *names = config_instances(config, "counter");
    assert_string_equal(names[0], "zebra");
    assert_string_equal(names[1], "~a.b_c-9");
    assert_null(names[2]);
    const char *const *clocks = config_keys(config, "site", "clock.");
    assert_string_equal(clocks[0], "clock.New York");
    assert_string_equal(clocks[1], "clock.S\xc3\xa3o Paulo");
    assert_null(clocks[2]); /* the empty one is not set */
    assert_string_equal(config_string(config, "site", clocks[1]), "America/Sao_Paulo");
    const char *const *properties = config_keys(config, "kafka", "");
    assert_string_equal(properties[0], "bootstrap.servers");
    assert_string_equal(properties[1], "sasl.password");
    assert_null(properties[2]);
    assert_string_equal(config_keys(config, "counter zebra", "label.")[1], "label.ru");
    assert_null(config_keys(config, "counter ~a.b_c-9", "label.")[0]);
}

static void test_origin(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(sample, NULL);
    g_autofree char *set = config_origin(config, "counter zebra", "label.ru");
    g_autofree char *empty = config_origin(config, "site", "title");
    assert_true(g_str_has_suffix(set, "/daywire.conf:9"));
    assert_string_equal(empty, "default");
}

/* A relative path begins in the folder of the file. */
static void test_paths_beside_the_file(void **state)
{
    (void)state;
    static const char content[] =
        "[counter a]\nholidays = days/2026\n[counter b]\nholidays = /etc/days\n[counter c]\n";
    g_autoptr(Config) config = fixture_load(content, NULL);
    g_autofree char *folder = g_path_get_dirname(fixture_write(content, strlen(content)));
    g_autofree char *expected = g_build_filename(folder, "days/2026", NULL);
    g_autofree char *relative = config_path_beside(config, "counter a", "holidays");
    g_autofree char *absolute = config_path_beside(config, "counter b", "holidays");
    assert_string_equal(relative, expected);
    assert_string_equal(absolute, "/etc/days");
    assert_null(config_path_beside(config, "counter c", "holidays"));
    assert_true(config_is_set(config, "counter a", "holidays"));
    assert_false(config_is_set(config, "counter c", "holidays"));
    assert_false(config_is_set(config, "counter c", "count"));
}

/* Whatever the scan lets through, GKeyFile takes too: else a file would be refused without its line. */
static void test_scan_and_gkeyfile_agree(void **state)
{
    (void)state;
    static const char alphabet[] = "[]=# \t\r\n\\;abk.*\xc3\xa9-_";
    g_autoptr(GRand) random = g_rand_new_with_seed(20210724);
    unsigned taken = 0;
    for (int turn = 0; turn < 4000; turn++) {
        GString *text = g_string_new("[kafka]\na=b\n[counter x]\nlabel.a=b\n");
        for (int i = g_rand_int_range(random, 1, 12); i > 0; i--) {
            gssize place = g_rand_int_range(random, 0, (gint32)text->len);
            char c = alphabet[g_rand_int_range(random, 0, sizeof(alphabet) - 1)];
            if (g_rand_boolean(random))
                g_string_insert_c(text, place, c);
            else
                text->str[place] = c;
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_load(fixture_write(text->str, text->len), NULL, &error);
        taken += config != NULL;
        if (error && strstr(error->message, "not an INI file"))
            fail_msg("GKeyFile refused: %s", text->str);
        g_string_free(text, TRUE);
    }
    assert_in_range(taken, 100, 3900); /* both ways were walked */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_a_password_is_in_no_message),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_size_of_the_file),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_a_good_file),
        cmocka_unit_test(test_lists_keep_the_order),
        cmocka_unit_test(test_origin),
        cmocka_unit_test(test_paths_beside_the_file),
        cmocka_unit_test(test_scan_and_gkeyfile_agree),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
