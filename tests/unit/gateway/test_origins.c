/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_listed_origins_pass),
        cmocka_unit_test(test_a_star_is_all),
        cmocka_unit_test(test_none_is_none),
        cmocka_unit_test(test_what_is_no_origin_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
