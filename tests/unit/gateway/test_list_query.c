/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/http/request.h"
#include "gateway/list_query.h"

static HttpMailbox *mailbox;

static HttpRequest *request(const char *query)
{
    HttpRequest *made = http_request_new(mailbox, "GET");
    g_auto(GStrv) parameters = g_strsplit(query, "&", -1);

    for (char **parameter = parameters; *parameter != NULL; parameter++) {
        g_autofree char *decoded = g_uri_unescape_string(*parameter, NULL);
        assert_true(http_request_add_parameter(made, decoded));
    }
    return made;
}

static void test_defaults(void **state)
{
    g_autoptr(HttpRequest) made = request("q=");
    const char *field = NULL;
    ViewQuery query;

    (void)state;
    assert_true(list_query_parse(made, &query, &field, NULL));
    assert_int_equal(query.limit, 50);
    assert_null(query.search);
    assert_null(query.before);
    assert_false(query.withdrawn);
}

static void test_all_parameters(void **state)
{
    g_autoptr(HttpRequest) made = request("limit=1000&before=p&q=heron&source=s&tag=t&kind=k&language=en");
    const char *field = NULL;
    ViewQuery query;

    (void)state;
    assert_true(list_query_parse(made, &query, &field, NULL));
    assert_int_equal(query.limit, 1000);
    assert_string_equal(query.before, "p");
    assert_string_equal(query.search, "heron");
    assert_string_equal(query.source, "s");
    assert_string_equal(query.tag, "t");
    assert_string_equal(query.kind, "k");
    assert_string_equal(query.language, "en");
}

static void test_written_as_it_is_read(void **state)
{
    static const char *const queries[] = {"", "?limit=20", "?q=a%20b%26c", "?tag=%3D&before=x%2By",
                                          "?limit=1000&q=heron&source=s&tag=t&kind=k&language=en&before=p"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autoptr(HttpRequest) made = request(queries[i] + (*queries[i] ? 1 : 0));
        const char *field = NULL;
        ViewQuery query;
        assert_true(list_query_parse(made, &query, &field, NULL));
        g_autofree char *written = list_query_format(&query, query.before);
        assert_string_equal(written, queries[i]);
    }
}

static void test_refusals_name_the_parameter(void **state)
{
    static const struct {
        const char *query, *field;
    } cases[] = {
        {"limit=0", "limit"},         {"limit=1001", "limit"}, {"limit=ten", "limit"},
        {"limit=5&limit=6", "limit"}, {"limit=+5", "limit"},   {"colour=red", "colour"},
        {"q=a&tag=t&tag=u", "tag"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(HttpRequest) made = request(cases[i].query);
        g_autoptr(GError) error = NULL;
        const char *field = NULL;
        ViewQuery query;
        assert_false(list_query_parse(made, &query, &field, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(field, cases[i].field);
        assert_non_null(strstr(error->message, cases[i].field));
    }
}

static void test_a_search_is_bounded(void **state)
{
    g_autofree char *words = g_strnfill(LIST_SEARCH_MAX + 1, 'x');
    g_autofree char *text = g_strconcat("q=", words, NULL);
    g_autoptr(HttpRequest) made = request(text);
    g_autoptr(GError) error = NULL;
    const char *field = NULL;
    ViewQuery query;

    (void)state;
    assert_false(list_query_parse(made, &query, &field, &error));
    assert_string_equal(field, "q");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_all_parameters),
        cmocka_unit_test(test_written_as_it_is_read),
        cmocka_unit_test(test_refusals_name_the_parameter),
        cmocka_unit_test(test_a_search_is_bounded),
    };
    mailbox = http_mailbox_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_mailbox_unref(mailbox);
    return failed;
}
