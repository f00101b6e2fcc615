/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/config_fixture.h"
#include "common/error.h"
#include "gateway/origins.h"

static void test_only_listed_origins_pass(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Origins) origins = origins_new(" https://www.example.org  http://localhost:8080 null", &error);

    (void)state;
    assert_null(error);
    assert_false(origins_all(origins));
    assert_true(origins_allow(origins, "https://www.example.org"));
    assert_true(origins_allow(origins, "HTTPS://WWW.Example.org"));
    assert_true(origins_allow(origins, "http://localhost:8080"));
    assert_true(origins_allow(origins, "null"));
    assert_false(origins_allow(origins, "http://www.example.org"));
    assert_false(origins_allow(origins, "https://www.example.org:8443"));
    assert_false(origins_allow(origins, "https://www.example.org.evil.example"));
    assert_false(origins_allow(origins, "https://evil.example/https://www.example.org"));
    assert_false(origins_allow(origins, ""));
}

static void test_a_star_is_all(void **state)
{
    g_autoptr(Origins) origins = origins_new("*", NULL);

    (void)state;
    assert_true(origins_all(origins));
    assert_true(origins_allow(origins, "https://anything.example"));
}

static void test_none_is_none(void **state)
{
    g_autoptr(Origins) origins = origins_new("", NULL);

    (void)state;
    assert_false(origins_allow(origins, "https://www.example.org"));
}

static void test_what_is_no_origin_is_refused_by_name(void **state)
{
    static const char *const wrong[] = {"www.example.org",           "https://www.example.org/",
                                        "https://www.example.org/a", "https://",
                                        "https://*.example.org?x=1", "https://u@www.example.org"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *list = g_strdup_printf("https://good.example %s", wrong[i]);
        assert_null(origins_new(list, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_non_null(strstr(error->message, wrong[i]));
    }
}

static void test_what_is_wrong_is_refused_by_its_place(void **state)
{
    static const struct {
        const char *file;
        char *environment[2];
        const char *place;
    } cases[] = {
        {"[gateway]\norigins =\n", {NULL}, ":2: [gateway] origins: is empty"},
        {"[gateway]\n\norigins =  \n", {NULL}, ":3: [gateway] origins: is empty"},
        {"[gateway]\norigins = *\n", {(char *)"DAYWIRE_GATEWAY_ORIGINS="}, "$DAYWIRE_GATEWAY_ORIGINS: "},
        {"[gateway]\norigins = example.org\n", {NULL}, ":2: [gateway] origins: 'example.org'"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Config) config = fixture_load(cases[i].file, cases[i].environment);
        g_autoptr(GError) error = NULL;
        assert_null(origins_read(config, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_non_null(strstr(error->message, cases[i].place));
    }
    g_autoptr(Config) config = fixture_load(NULL, NULL);
    g_autoptr(Origins) origins = origins_read(config, NULL);
    assert_true(origins_all(origins));
}

static void test_the_own_origin_is_the_host_that_was_asked(void **state)
{
    static const struct {
        const char *origin, *host;
        bool own;
    } cases[] = {
        {"https://wire.example", "wire.example", true},
        {"http://wire.example", "wire.example", true},
        {"https://Wire.example", "wire.Example:443", true},
        {"http://wire.example", "wire.example:80", true},
        {"http://wire.example:8080", "wire.example:8080", true},
        {"http://[::1]:8080", "[::1]:8080", true},
        {"https://wire.example", "wire.example:80", false},
        {"http://wire.example", "wire.example:8080", false},
        {"http://wire.example:8080", "wire.example", false},
        {"https://evil.example", "wire.example", false},
        {"https://wire.example.evil.example", "wire.example", false},
        {"https://wire.exampl", "wire.example", false},
        {"ftp://wire.example", "wire.example", false},
        {"null", "null", false},
        {"https://", "", false},
        {"https://:443", ":443", false},
        {"https://wire.example", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (origins_is_own(cases[i].origin, cases[i].host) != cases[i].own)
            fail_msg("%s at %s", cases[i].origin, cases[i].host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_listed_origins_pass),
        cmocka_unit_test(test_a_star_is_all),
        cmocka_unit_test(test_none_is_none),
        cmocka_unit_test(test_what_is_no_origin_is_refused_by_name),
        cmocka_unit_test(test_what_is_wrong_is_refused_by_its_place),
        cmocka_unit_test(test_the_own_origin_is_the_host_that_was_asked),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
