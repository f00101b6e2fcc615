/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/config_fixture.h"
#include "gateway/site.h"

static char *site_json(const char *content)
{
    g_autoptr(Config) config = fixture_load(content, NULL);
    g_autoptr(GError) error = NULL;
    Site *site = site_new(config, &error);
    assert_null(error);
    g_autoptr(yyjson_mut_doc) doc = json_new();
    char *text = json_write(site_to_json(site, doc), NULL);
    site_free(site);
    return text;
}

static void all_of_it_is_told(void **state)
{
    (void)state;
    g_autofree char *text =
        site_json("[site]\ntitle = Hafenamt \"Nord\"\ncontact = Enquiries: +44 20 7946 0000\n"
                  "language = de-CH\ntime-zone = Europe/Zurich\n"
                  "clock.London = Europe/London\nclock.Köln = Europe/Berlin\n");
    assert_string_equal(text,
                        "{\"title\":\"Hafenamt \\\"Nord\\\"\",\"contact\":\"Enquiries: +44 20 7946 0000\","
                        "\"language\":\"de-CH\",\"time_zone\":\"Europe/Zurich\",\"clocks\":["
                        "{\"label\":\"London\",\"time_zone\":\"Europe/London\"},"
                        "{\"label\":\"Köln\",\"time_zone\":\"Europe/Berlin\"}]}");
}

static void there_are_defaults(void **state)
{
    (void)state;
    g_autofree char *text = site_json(NULL);
    assert_string_equal(text,
                        "{\"title\":\"Daywire\",\"contact\":null,\"language\":\"en\",\"time_zone\":\"UTC\","
                        "\"clocks\":[]}");
}

static char *refusal(const char *content)
{
    g_autoptr(Config) config = fixture_load(content, NULL);
    g_autoptr(GError) error = NULL;
    assert_null(site_new(config, &error));
    assert_non_null(error);
    return g_strdup(error->message);
}

static void a_wrong_language_is_refused_by_line(void **state)
{
    (void)state;
    static const char *const wrong[] = {"english language", "e", "en_GB", "en--GB", "en-", "1en",
                                        "abcdefghi",        "-"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *content = g_strconcat("[site]\nlanguage = ", wrong[i], "\n", NULL);
        g_autofree char *message = refusal(content);
        assert_non_null(strstr(message, ":2: [site] language: a BCP 47 tag"));
    }
}

static char *url_of(const char *setting, const char *host)
{
    g_autofree char *content = g_strconcat("[site]\nurl = ", setting, "\n", NULL);
    g_autoptr(Config) config = fixture_load(setting ? content : NULL, NULL);
    Site *site = site_new(config, NULL);
    assert_non_null(site);
    char *found = site_url(site, host, NULL);
    site_free(site);
    return found;
}

static void the_url_is_that_of_the_site_or_of_the_request(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *host, *expected;
    } cases[] = {
        {"https://press.example", "other", "https://press.example"},
        {"https://Press.example:8443/", NULL, "https://Press.example:8443"},
        {"http://[2001:db8::1]:81", NULL, "http://[2001:db8::1]:81"},
        {NULL, "press.example", "http://press.example"},
        {NULL, "[::1]:8080", "http://[::1]:8080"},
        {NULL, NULL, NULL},
        {NULL, "", NULL},
        {NULL, " press.example\t", "http://press.example"},
        {NULL, "a b", NULL},
        {NULL, "a\"><b", NULL},
        {NULL, "a/b", NULL},
        {NULL, "u@a", NULL},
        {NULL, "a?b", NULL},
        {NULL, "a#b", NULL},
        {NULL, "a:x", NULL},
        {NULL, ":80", NULL},
        {NULL, "a%0d", NULL},
        {NULL, "\xc3\xa4.example", "http://xn--4ca.example"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = url_of(cases[i].setting, cases[i].host);
        if (g_strcmp0(found, cases[i].expected) != 0)
            fail_msg("%s, %s: %s", cases[i].setting, cases[i].host, found);
    }
}

static void a_wrong_url_is_refused_by_line(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "press.example", "ftp://press.example", "https://",    "https://a/b",        "https://u:p@a",
        "https://a?b",   "https://a#b",         "https://a b", "https://a:99999999", "javascript:alert(1)"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *content = g_strconcat("[site]\nurl = ", wrong[i], "\n", NULL);
        g_autofree char *message = refusal(content);
        assert_non_null(strstr(message, ":2: [site] url: http:// or https://"));
    }
}

static void clocks_are_bounded(void **state)
{
    (void)state;
    g_autoptr(GString) content = g_string_new("[site]\n");
    for (int i = 0; i < 25; i++)
        g_string_append_printf(content, "clock.City %d = UTC\n", i);
    g_autofree char *message = refusal(content->str);
    assert_non_null(strstr(message, ":26: [site] clock.City 24: a page has at most 24 clocks"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_is_told),
        cmocka_unit_test(there_are_defaults),
        cmocka_unit_test(a_wrong_language_is_refused_by_line),
        cmocka_unit_test(the_url_is_that_of_the_site_or_of_the_request),
        cmocka_unit_test(a_wrong_url_is_refused_by_line),
        cmocka_unit_test(clocks_are_bounded),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
