/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/config_fixture.h"
#include "common/error.h"
#include "ingest/feeds/settings.h"

static void test_a_whole_feed(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = fixture_load("[feed harbour]\n"
                                            "url = HTTPS://Example.ORG:443/News?format=rss\n"
                                            "every = 5m\n"
                                            "initial = newest 20\n"
                                            "language = pt-br\n"
                                            "kind = press release\n"
                                            "tags = harbour,  ferry line ,\n"
                                            "[feed lighthouse]\n"
                                            "url = http://example.org\n"
                                            "[feed pier]\n"
                                            "url = http://127.0.0.1:8000/x\n"
                                            "initial = none\n",
                                            NULL);
    g_autoptr(GPtrArray) feeds = feed_settings_new(config, &error);

    (void)state;
    assert_non_null(feeds);
    assert_int_equal(feeds->len, 3);
    const FeedSettings *harbour = feeds->pdata[0], *lighthouse = feeds->pdata[1], *pier = feeds->pdata[2];
    assert_string_equal(harbour->name, "harbour");
    assert_string_equal(harbour->url, "https://example.org/News?format=rss");
    assert_true(harbour->every == 300 * INSTANT_SECOND);
    assert_int_equal(harbour->initial, 20);
    assert_string_equal(harbour->language, "pt-BR");
    assert_string_equal(harbour->kind, "press release");
    assert_string_equal(harbour->tags[0], "harbour");
    assert_string_equal(harbour->tags[1], "ferry line");
    assert_null(harbour->tags[2]);
    assert_true(lighthouse->every == 900 * INSTANT_SECOND);
    assert_string_equal(lighthouse->url, "http://example.org/");
    assert_true(lighthouse->initial == FEED_INITIAL_ALL);
    assert_string_equal(lighthouse->language, "");
    assert_null(lighthouse->tags[0]);
    assert_string_equal(pier->url, "http://127.0.0.1:8000/x");
    assert_int_equal(pier->initial, 0);
}

static void test_limits(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) plain = fixture_load("", NULL);
    g_autoptr(Config) config = fixture_load("[feeds]\n"
                                            "user-agent = Harbour/2\n"
                                            "timeout = 5s\n"
                                            "max-size = 64K\n"
                                            "max-at-once = 2\n"
                                            "allow-private = true\n"
                                            "allow-networks = 10.0.0.0/8\n"
                                            "proxy = http://proxy.example.org:3128\n",
                                            NULL);
    FeedLimits *limits = feed_limits_new(plain, &error);

    (void)state;
    assert_non_null(limits);
    assert_true(g_str_has_prefix(limits->user_agent, "Daywire/"));
    assert_false(limits->allow_private);
    assert_null(limits->proxy);
    feed_limits_free(limits);
    limits = feed_limits_new(config, &error);
    assert_non_null(limits);
    assert_string_equal(limits->user_agent, "Harbour/2");
    assert_int_equal(limits->timeout_ms, 5000);
    assert_int_equal(limits->max_size, 65536);
    assert_int_equal(limits->max_at_once, 2);
    assert_true(limits->allow_private);
    assert_string_equal(limits->proxy, "http://proxy.example.org:3128");
    feed_limits_free(limits);
}

static const struct {
    const char *content, *message;
} mistakes[] = {
    {"[feed a]\nevery = 5m\n", "[feed a] lacks its address: url = https://..."},
    {"[feed a]\nurl = ftp://example.org/\n",
     "FILE:2: [feed a] url: is no address that begins with http:// or https://"},
    {"[feed a]\nurl = file:///etc/passwd\n",
     "FILE:2: [feed a] url: is no address that begins with http:// or https://"},
    {"[feed a]\nurl = example.org/feed\n",
     "FILE:2: [feed a] url: is no address that begins with http:// or https://"},
    {"[feed a]\nurl = http:///feed\n", "FILE:2: [feed a] url: names no host"},
    {"[feed a]\nurl = https://user:secret@example.org/\n",
     "FILE:2: [feed a] url: has a user or password, which feeds are not fetched with"},
    {"[feed a]\nurl = https://example.org/ä\n",
     "FILE:2: [feed a] url: is not at most 2000 characters of ASCII"},
    {"[feed a]\nurl = https://example.org/x\n[feed b]\n\nurl = HTTPS://EXAMPLE.org:443/x#y\n",
     "FILE:5: [feed b] url: [feed a] has the same one"},
    {"[feed a]\nurl = https://example.org/\ninitial = some\n",
     "FILE:3: [feed a] initial: all, none, or \"newest\" and a number (newest 20)"},
    {"[feed a]\nurl = https://example.org/\ninitial = newest 0\n",
     "FILE:3: [feed a] initial: all, none, or \"newest\" and a number (newest 20)"},
    {"[feed a]\nurl = https://example.org/\ninitial = newest -1\n",
     "FILE:3: [feed a] initial: all, none, or \"newest\" and a number (newest 20)"},
    {"[feed a]\nurl = https://example.org/\nlanguage = english\n",
     "FILE:3: [feed a] language: is no language tag (en, de, pt-BR)"},
    {"[feeds]\nallow-networks = 10.0.0.0/8 home\n",
     "FILE:2: [feeds] allow-networks: \"home\" is no network (10.0.0.0/8, fd00::/8, 192.168.1.7)"},
    {"[feeds]\nproxy = socks5://proxy:1080\n",
     "FILE:2: [feeds] proxy: a proxy is written as http://proxy.example.org:3128"},
    {"[feeds]\nproxy = http://user:secret@proxy:3128\n",
     "FILE:2: [feeds] proxy: a proxy is written as http://proxy.example.org:3128"},
    {"[feeds]\nuser-agent = Häfen\n", "FILE:2: [feeds] user-agent: is not at most 200 characters of ASCII"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = fixture_load(mistakes[i].content, NULL);
        const char *path = fixture_write(mistakes[i].content, strlen(mistakes[i].content));
        if (feed_settings_check(config, &error))
            fail_msg("this was taken: %s", mistakes[i].content);
        g_auto(GStrv) parts = g_strsplit(error->message, path, -1);
        g_autofree char *message = g_strjoinv("FILE", parts);
        assert_string_equal(message, mistakes[i].message);
    }
}

static void test_words_that_no_statement_may_have(void **state)
{
    static const char *const keys[] = {"kind", "tags"};
    g_autofree char *word = g_strnfill(201, 'x');

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *content =
            g_strdup_printf("[feed a]\nurl = https://example.org/\n%s = %s\n", keys[i], word);
        g_autofree char *expected = g_strdup_printf(":3: [feed a] %s: %s: ", keys[i], keys[i]);
        g_autoptr(Config) config = fixture_load(content, NULL);
        assert_false(feed_settings_check(config, &error));
        if (!strstr(error->message, expected))
            fail_msg("%s", error->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_feed),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_words_that_no_statement_may_have),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
