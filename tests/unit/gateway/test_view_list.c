/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "view_fixture.h"

static void test_the_list_is_newest_first(void **state)
{
    ViewFixture *fixture = *state;
    put_dated(fixture, "old", "1999-12-31");
    put_dated(fixture, "new", "2024-05-02");
    put_dated(fixture, "same-b", "2024-05-01");
    put_dated(fixture, "same-a", "2024-05-01");
    Statement *timed = make_statement("timed", 1, "after the start of its date");
    timed->published_at = instant_to_timestamp(NOON);
    put(fixture, timed);
    put_dated(fixture, "first", "0001-01-01");
    commit(fixture);
    assert_list(fixture, (ViewQuery){0}, "new timed same-a same-b old first");
}

static void test_pages_neither_skip_nor_repeat(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GString) all = g_string_new(NULL);
    for (int i = 0; i < 23; i++) {
        g_autofree char *id = g_strdup_printf("s%02d", i);
        put_dated(fixture, id, i % 3 ? "2024-05-01" : "2024-05-02");
    }
    commit(fixture);
    g_autofree char *next = NULL;
    unsigned pages = 0;
    do {
        g_autofree char *before = g_steal_pointer(&next);
        ViewQuery query = {.limit = 5, .before = before};
        g_autofree char *ids = list(fixture, &query, &next);
        g_string_append_printf(all, "%s%s", all->len ? " " : "", ids);
        put_dated(fixture, pages == 0 ? "newer" : "zz", pages == 0 ? "2024-05-03" : "2024-05-01");
        commit(fixture); /* what comes meanwhile does not move the pages */
        pages++;
    } while (next);
    assert_int_equal(pages, 5);
    assert_string_equal(all->str,
                        "s00 s03 s06 s09 s12 s15 s18 s21 s01 s02 s04 s05 s07 s08 s10 s11 s13 s14 s16 s17 s19"
                        " s20 s22 zz");
}

static void test_a_page_ends_with_4_mib(void **state)
{
    ViewFixture *fixture = *state;
    g_autofree char *body = g_strnfill(500000, 'x');
    for (int i = 0; i < 20; i++) {
        g_autofree char *id = g_strdup_printf("s%02d", i);
        Statement *statement = make_statement(id, 1, "big");
        message_set_string(&statement->body, body);
        put(fixture, statement);
    }
    commit(fixture);
    g_autofree char *next = NULL;
    ViewQuery query = {.limit = 100};
    g_autofree char *first = list(fixture, &query, &next);
    assert_string_equal(first, "s00 s01 s02 s03 s04 s05 s06 s07 s08");
    query.before = next;
    g_autofree char *rest = NULL;
    g_autofree char *second = list(fixture, &query, &rest);
    assert_string_equal(second, "s09 s10 s11 s12 s13 s14 s15 s16 s17");
}

static void test_the_list_is_filtered(void **state)
{
    ViewFixture *fixture = *state;
    static const char *const rows[][5] = {
        {"a", "press", "comment", "en", "harbour"},
        {"b", "press", "interview", "de", "tide"},
        {"c", "museum", "comment", "en", "tide"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Statement *statement = make_statement(rows[i][0], 1, "title");
        message_set_string(&statement->source, rows[i][1]);
        message_set_string(&statement->kind, rows[i][2]);
        message_set_string(&statement->language, rows[i][3]);
        statement_add_tag(statement, rows[i][4]);
        statement_add_tag(statement, "all");
        put(fixture, statement);
    }
    commit(fixture);
    assert_list(fixture, (ViewQuery){.source = "press"}, "a b");
    assert_list(fixture, (ViewQuery){.kind = "comment"}, "a c");
    assert_list(fixture, (ViewQuery){.language = "de"}, "b");
    assert_list(fixture, (ViewQuery){.tag = "tide"}, "b c");
    assert_list(fixture, (ViewQuery){.tag = "all"}, "a b c");
    assert_list(fixture, (ViewQuery){.tag = "tide", .source = "press"}, "b");
    assert_list(fixture, (ViewQuery){.source = "Press"}, "");
    assert_list(fixture, (ViewQuery){.source = "\xff"}, "");
    assert_list(fixture, (ViewQuery){.source = "'; DROP TABLE statement; --"}, "");
    Statement *changed = make_statement("a", 2, "title");
    statement_add_tag(changed, "storm");
    put(fixture, changed);
    commit(fixture);
    assert_list(fixture, (ViewQuery){.tag = "harbour"}, "");
    assert_list(fixture, (ViewQuery){.tag = "storm"}, "a");
}

static void test_search_takes_any_words(void **state)
{
    ViewFixture *fixture = *state;
    Statement *a = make_statement("a", 1, "The caf\xc3\xa9 at quay 7");
    message_set_string(&a->body, "opens AND closes");
    Statement *b = make_statement("b", 1, "Storm warning");
    message_set_string(&b->summary, "for quay 9");
    message_set_string(&b->place, "Lighthouse");
    put(fixture, a);
    put(fixture, b);
    commit(fixture);
    static const char *const cases[][2] = {
        {"quay", "a b"},
        {"QUAY", "a b"},
        {"quay 7", "a"},
        {"7 quay", "a"},
        {"cafe", "a"},
        {"lighthouse", "b"},
        {"quay nothing", ""},
        {"AND", "a"},
        {"opens AND", "a"},
        {"quay OR storm", ""},
        {"NOT storm", ""},
        {"qua*", ""},
        {"title:storm", ""},
        {"\"", ""},
        {"\"quay", "a b"},
        {"quay\"7", "a"},
        {"( quay )", "a b"},
        {"-", ""},
        {"quay - 7", "a"},
        {"NEAR(quay 7)", ""},
        {"", "a b"},
        {" \t\xe3\x80\x80", "a b"},
        {"^quay", "a b"},
        {"{quay}", "a b"},
        {"quay\xe3\x80\x80"
         "9",
         "b"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ViewQuery query = {.limit = 10, .search = cases[i][0]};
        g_autofree char *ids = list(fixture, &query, NULL);
        if (strcmp(ids, cases[i][1]) != 0)
            fail_msg("\"%s\" found \"%s\"", cases[i][0], ids);
    }
    assert_list(fixture, (ViewQuery){.search = "quay", .limit = 1000, .source = "press"}, "");
}

static void assert_query_refused(const ViewFixture *fixture, ViewQuery query, const char *message)
{
    g_autoptr(GError) error = NULL;
    char *next = NULL;
    query.limit = 10;
    assert_null(view_reader_statements(fixture->reader, &query, &next, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
    assert_null(next);
}

static void test_bad_queries_are_refused(void **state)
{
    ViewFixture *fixture = *state;
    static const char *const places[] = {"", "x", "MTIz", "MTIzIA", "YSBi", "====", "MTIgYSBi"};
    static const char message[] =
        "before: not a page cursor; take the one that the answer before this one had as \"next\"";
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        assert_query_refused(fixture, (ViewQuery){.before = places[i]}, message);
    g_autofree char *endless = g_strnfill(100000, 'A');
    assert_query_refused(fixture, (ViewQuery){.before = endless}, message);
    assert_query_refused(fixture, (ViewQuery){.search = endless}, "q: UTF-8 text of at most 500 bytes");
    assert_query_refused(fixture, (ViewQuery){.search = "\xff"}, "q: UTF-8 text of at most 500 bytes");
    assert_query_refused(fixture, (ViewQuery){.search = "a b c d e f g h i j k l m n o p q"},
                         "q: at most 16 words");
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, view_fixture_setup, view_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_list_is_newest_first), TEST(test_pages_neither_skip_nor_repeat),
        TEST(test_a_page_ends_with_4_mib),   TEST(test_the_list_is_filtered),
        TEST(test_search_takes_any_words),   TEST(test_bad_queries_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
