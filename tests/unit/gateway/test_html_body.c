/* SPDX-License-Identifier: Apache-2.0 */
/* A body of HTML on its way from the topic to a page: reduced whoever wrote it, found by its words, shown as markup. */
#include "unit.h"

#include "common/zone.h"
#include "gateway/article.h"
#include "gateway/record_event.h"
#include "view_fixture.h"

static Statement *with_html(const char *id, const char *body)
{
    Statement *statement = make_statement(id, 1, "The pier");
    message_set_string(&statement->body, body);
    statement->body_type = BODY_TYPE_HTML;
    return statement;
}

static Event *from_topic(const char *body, GError **error)
{
    g_autoptr(Statement) statement = with_html("pier", body);
    g_autoptr(BusRecord) record = bus_record_from_statement("statements", statement, NULL, 0);
    return record_event(record, CHANNEL_STATEMENTS, 0, "CURSOR", error);
}

static void what_others_write_is_reduced(void **state)
{
    (void)state;
    g_autoptr(Event) event = from_topic("<p onclick=x>a<script>b</script><p>c", NULL);
    assert_non_null(event);
    assert_string_equal(event_statement(event)->body, "<p>a</p>\n<p>c</p>");
    g_autoptr(Event) same = from_topic("<p>a</p>\n<p>c</p>", NULL);
    assert_string_equal(event_statement(same)->body, "<p>a</p>\n<p>c</p>");

    g_autoptr(GString) deep = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(deep, "<div>");
    g_autoptr(GError) error = NULL;
    assert_null(from_topic(deep->str, &error));
    assert_string_equal(error->message, "body: HTML with at most 256 elements within each other");
}

static void search_finds_words_and_no_markup(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, with_html("a", "<p>The <strong>north</strong> quay</p>\n<p>Tides &amp; times</p>"));
    commit(fixture);
    assert_list(fixture, (ViewQuery){.search = "north quay tides"}, "a");
    assert_list(fixture, (ViewQuery){.search = "strong"}, "");
    assert_list(fixture, (ViewQuery){.search = "amp"}, "");
}

static void articles_show_it_as_markup(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Dates) dates = dates_new("en");
    g_autoptr(Zone) zone = zone_new("Europe/London", &error);
    ArticleStyle style = {.dates = dates, .language = "en", .zone = zone};
    g_autoptr(Statement) statement =
        with_html("pier", "<h2>North &amp; south</h2>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    g_autofree char *excerpt = article_excerpt(statement);
    assert_string_equal(excerpt, "North & south");

    g_autoptr(GString) full = g_string_new(NULL);
    article_append_full(full, &style, statement, 2);
    g_autofree char *expected =
        g_strdup_printf("<div class=\"body html\" dir=\"auto\">\n%s\n</div>\n", statement->body);
    assert_non_null(strstr(full->str, expected));
    assert_non_null(strstr(full->str, " data-excerpt=\"North &amp; south\""));
    assert_non_null(strstr(full->str, " data-body"));

    /* A summary that the body begins with is not shown twice. */
    message_set_string(&statement->summary, "North & south");
    g_string_truncate(full, 0);
    article_append_full(full, &style, statement, 2);
    assert_null(strstr(full->str, "class=\"summary\""));
    g_string_truncate(full, 0);
    article_append_item(full, &style, statement);
    assert_non_null(strstr(full->str, "<p class=\"excerpt\" dir=\"auto\">North &amp; south</p>"));
    assert_null(strstr(full->str, "<li>a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_write_is_reduced),
        cmocka_unit_test_setup_teardown(search_finds_words_and_no_markup, view_fixture_setup,
                                        view_fixture_teardown),
        cmocka_unit_test(articles_show_it_as_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
