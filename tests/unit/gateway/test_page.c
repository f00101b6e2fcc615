/* SPDX-License-Identifier: Apache-2.0 */
/* The pages as they leave the server: complete without JavaScript, and no text of anybody becomes markup. */
#include "unit.h"

#include "common/civil_date.h"
#include "common/instant.h"
#include "gateway/page.h"
#include "gateway/stream_fixture.h"

#define HOSTILE "</title><script>alert(1)</script>{{main}}\" onload=\"x' <b>"
#define NOW     (INT64_C(1627087200) * INSTANT_SECOND) /* 2021-07-24T00:40:00Z */

typedef struct {
    char *template_text;
    Site site;
    SiteClock clocks[2];
    PageContent content;
} Fixture;

static void free_statement(void *statement)
{
    statement_free(statement);
}

static void free_tick(void *tick)
{
    tick_free(tick);
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    if (!g_file_get_contents("../services/gateway/web/page.html", &fixture->template_text, NULL, NULL))
        return -1;
    fixture->clocks[0] = (SiteClock){(char *)"Moscow", zone_new("Europe/Moscow", NULL)};
    fixture->clocks[1] = (SiteClock){(char *)"London", zone_new("Europe/London", NULL)};
    fixture->site = (Site){.title = (char *)"Harbour Office",
                           .contact = (char *)"Enquiries: +44 20 7946 0000",
                           .language = (char *)"en-GB",
                           .zone = zone_new("Europe/London", NULL),
                           .clocks = fixture->clocks,
                           .clock_count = 2};
    fixture->content = (PageContent){.site = &fixture->site,
                                     .statements = g_ptr_array_new_with_free_func(free_statement),
                                     .ticks = g_ptr_array_new_with_free_func(free_tick),
                                     .cursor = "AbC-_1",
                                     .now = NOW};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    g_ptr_array_unref(fixture->content.statements);
    g_ptr_array_unref(fixture->content.ticks);
    zone_free(fixture->clocks[0].zone);
    zone_free(fixture->clocks[1].zone);
    zone_free(fixture->site.zone);
    g_free(fixture->template_text);
    g_free(fixture);
    return 0;
}

static Statement *add(Fixture *fixture, const char *id, const char *title, const char *summary,
                      const char *body, const char *date)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->summary, summary);
    message_set_string(&statement->body, body);
    message_set_string(&statement->date, date);
    statement->revision = 1;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    g_ptr_array_add(fixture->content.statements, statement);
    return statement;
}

static void add_tick(Fixture *fixture, const char *counter, int days, const char *english,
                     const char *russian)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, counter);
    tick->days = days;
    if (russian)
        tick_add_label(tick, "ru", russian);
    if (english)
        tick_add_label(tick, "en", english);
    g_ptr_array_add(fixture->content.ticks, tick);
}

static void withdraw(Statement *statement, const char *note)
{
    message_set_string(&statement->title, NULL);
    message_set_string(&statement->summary, NULL);
    message_set_string(&statement->body, NULL);
    message_set_string(&statement->note, note);
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    statement->updated_at = instant_to_timestamp(NOW);
}

static char *home(const Fixture *fixture)
{
    return text_of(page_render_home(fixture->template_text, &fixture->content));
}

static void has(const char *page, const char *part)
{
    if (!strstr(page, part))
        fail_msg("not in the page: %s\n%s", part, page);
}

static void has_not(const char *page, const char *part)
{
    if (strstr(page, part))
        fail_msg("in the page: %s\n%s", part, page);
}

static unsigned count(const char *page, const char *part)
{
    unsigned number = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part))
        number++;
    return number;
}

/* --- the front page --- */

static void the_template_fits(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    assert_true(page_check_template(fixture->template_text, &error));
    assert_null(error);
    assert_false(page_check_template("<p>{{main}}</p>", &error));
    assert_non_null(error);
}

static void the_masthead_tells_date_clocks_and_contact(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *page = home(fixture);
    has(page, "<html lang=\"en-GB\" dir=\"ltr\" data-time-zone=\"Europe/London\">");
    has(page, "data-cursor=\"AbC-_1\"");
    has(page, "<daywire-date><time datetime=\"2021-07-24\">Saturday");
    has(page, "<span class=\"city\" dir=\"auto\">Moscow</span> <time>03:40</time>");
    has(page, "<span class=\"city\" dir=\"auto\">London</span> <time>01:40</time>");
    has(page, "Enquiries: +44 20 7946 0000");
    has(page, "<h1 class=\"name\" dir=\"auto\"><a href=\"/\">Harbour Office</a></h1>");
    has(page, "<daywire-status>As of <time datetime=\"2021-07-24T00:40:00Z\">01:40</time></daywire-status>");
    assert_int_equal(count(page, "role=\"status\""), 1);
    has(page, "No statements yet.");
    has_not(page, "{{");
}

static void the_newest_with_a_body_leads(void **state)
{
    Fixture *fixture = *state;
    withdraw(add(fixture, "gone", "Never seen", "", "Never seen", "2021-07-24"), "Sent too early.");
    add(fixture, "notice", "A notice", "What it is about", "", "2021-07-23");
    add(fixture, "speech", "The speech", "", "First.\n\nSecond & last.", "2021-07-22");
    add(fixture, "older", "An older speech", "", "Only its beginning.\n\nNot this.", "2021-07-21");
    g_autofree char *page = home(fixture);
    char *lead = strstr(page, "<daywire-lead>");
    char *list = strstr(page, "<daywire-statements");
    assert_true(lead && list && lead < list);
    has(lead, "<article data-id=\"speech\" data-revision=\"1\" data-change=\"published\" data-body "
              "data-excerpt=\"First.\">");
    has(lead, "<h2 class=\"title\" dir=\"auto\"><a href=\"/statements/speech\">The speech</a></h2>");
    has(lead, "<p dir=\"auto\">First.</p>\n<p dir=\"auto\">Second &amp; last.</p>");
    assert_int_equal(count(list, "<article"), 3);
    has_not(list, "The speech");
    has(list, "<time class=\"date\" datetime=\"2021-07-23\" data-date=\"2021-07-23\">23 July 2021</time>");
    has(list, "<p class=\"excerpt\" dir=\"auto\">What it is about</p>");
    has(list, "<p class=\"excerpt\" dir=\"auto\">Only its beginning.</p>");
    has(page, "Sent too early.");
    has_not(page, "Never seen");
    has_not(page, "Not this.");
    assert_true(strstr(list, "\"gone\"") < strstr(list, "\"notice\""));
    assert_true(strstr(list, "\"notice\"") < strstr(list, "\"older\""));
    has(page, "<a href=\"/statements\">All messages</a>");
}

static void the_list_ends_and_the_lead_may_be_older(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < PAGE_LIST_MAX + 5; i++) {
        g_autofree char *id = g_strdup_printf("n%02d", i);
        add(fixture, id, id, "", "", "2021-07-20");
    }
    add(fixture, "lead", "The lead", "", "In full.", "2021-03-25");
    g_autofree char *page = home(fixture);
    assert_int_equal(count(strstr(page, "<daywire-statements"), "<article"), PAGE_LIST_MAX);
    has(page, "<p dir=\"auto\">In full.</p>");
}

static void corrections_show_note_and_time(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "a", "The pier", "On Monday", "", "2021-07-23");
    statement->published_at = instant_to_timestamp(INT64_C(1627038000) * INSTANT_SECOND);
    statement->published_at_offset_minutes = 60;
    statement->change = STATEMENT_CHANGE_CORRECTED;
    statement->revision = 2;
    message_set_string(&statement->note, "Monday, not <Sunday>.");
    message_set_string(&statement->kind, "comment");
    statement->updated_at = instant_to_timestamp(NOW);
    g_autofree char *page = home(fixture);
    has(page, "datetime=\"2021-07-23T12:00:00+01:00\" data-date=\"2021-07-23\">23 July 2021</time>");
    has(page, "<span class=\"kind\"><bdi>comment</bdi></span>");
    has(page, "<strong>Corrected</strong> <time datetime=\"2021-07-24T00:40:00Z\">24 July 2021, 01:40</time> "
              "<span class=\"reason\" dir=\"auto\">Monday, not &lt;Sunday&gt;.</span>");
}

static void languages_are_marked(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "a", "Новость", "", "", "2021-07-23");
    message_set_string(&statement->language, "ru");
    g_autofree char *page = home(fixture);
    has(page, "data-change=\"published\" lang=\"ru\">");
    has(page, "<p class=\"meta\" lang=\"en-GB\">");
    fixture->site.language = (char *)"ar";
    g_autofree char *arabic = home(fixture);
    has(arabic, "<html lang=\"ar\" dir=\"rtl\"");
}

static void counters_speak_the_language_of_the_site(void **state)
{
    Fixture *fixture = *state;
    add_tick(fixture, "harbour", 1238, "Since 4 March 2018, 1,238 days have passed", "1 238 дней");
    add_tick(fixture, "quay", -5, NULL, "через 5 дней");
    add_tick(fixture, "silent", 1, NULL, NULL);
    g_autofree char *page = home(fixture);
    has(page, "<daywire-counter counter=\"harbour\"><p dir=\"auto\" lang=\"en\">"
              "Since 4 March 2018, <strong>1,238</strong> days have passed</p></daywire-counter>");
    has(page, "<p dir=\"auto\" lang=\"ru\">через <strong>5</strong> дней</p>");
    has_not(page, "silent");
}

static void no_text_becomes_markup(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < 2; i++) {
        Statement *statement = add(fixture, HOSTILE, HOSTILE, HOSTILE, HOSTILE "\n\n" HOSTILE, HOSTILE);
        statement->change = STATEMENT_CHANGE_CORRECTED;
        char **fields[] = {&statement->note,  &statement->language, &statement->kind, &statement->author,
                           &statement->place, &statement->source,   &statement->url};
        for (size_t f = 0; f < G_N_ELEMENTS(fields); f++)
            message_set_string(fields[f], HOSTILE);
    }
    add_tick(fixture, HOSTILE, 1, HOSTILE, HOSTILE);
    fixture->site.title = fixture->site.contact = fixture->clocks[0].label = (char *)HOSTILE;
    fixture->site.language = (char *)HOSTILE;
    fixture->content.cursor = HOSTILE;
    const Statement *statement = g_ptr_array_index(fixture->content.statements, 0);
    char *pages[] = {
        home(fixture),
        text_of(page_render_archive(fixture->template_text, &fixture->content, HOSTILE, HOSTILE)),
        text_of(page_render_statement(fixture->template_text, &fixture->content, statement)),
    };
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        assert_int_equal(count(pages[i], "<script"), 1); /* the page's own */
        assert_int_equal(count(pages[i], "</title>"), 1);
        has_not(pages[i], "<b>");
        has_not(pages[i], " onload=\"");
        has_not(pages[i], "javascript:");
        assert_int_equal(count(pages[i], "<main"), 1);
        g_free(pages[i]);
    }
}

/* --- all messages --- */

static char *archive(Fixture *fixture, const char *before, const char *next, const char *search)
{
    fixture->content.before = before;
    return text_of(page_render_archive(fixture->template_text, &fixture->content, next, search));
}

static void the_archive_has_search_and_links(void **state)
{
    Fixture *fixture = *state;
    add(fixture, "a", "One", "", "Its text", "2021-07-23");
    g_autofree char *only = archive(fixture, NULL, NULL, NULL);
    has(only, "<title>All messages · Harbour Office</title>");
    has(only, "<form role=\"search\" action=\"/statements\" method=\"get\">");
    has(only, "<a href=\"/statements/a\">One</a>");
    has(only, "data-cursor=\"\"");
    has_not(only, "Older");
    has_not(only, "Newest");
    g_autofree char *middle = archive(fixture, "C1", "C2==", "pier & \"quay\"");
    has(middle, "name=\"q\" maxlength=\"200\" autocomplete=\"off\" value=\"pier &amp; &quot;quay&quot;\"");
    has(middle, "<a rel=\"first\" href=\"/statements?q=pier%20%26%20%22quay%22\">Newest</a>");
    has(middle,
        "<a rel=\"next\" href=\"/statements?q=pier%20%26%20%22quay%22&amp;before=C2%3D%3D\">Older</a>");
    g_autofree char *unsearched = archive(fixture, NULL, "C2", NULL);
    has(unsearched, "href=\"/statements?before=C2\">Older</a>");
    g_ptr_array_set_size(fixture->content.statements, 0);
    g_autofree char *nothing = archive(fixture, NULL, NULL, "pier");
    has(nothing, "Nothing was found for “<bdi>pier</bdi>”.");
}

/* --- one statement --- */

static void a_permalink_shows_all(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "a", "One & only", "In short.", "First.\n\nLast.", "2021-07-23");
    message_set_string(&statement->author, "A. Keeper");
    message_set_string(&statement->place, "North quay");
    message_set_string(&statement->url, "https://www.example.org/?a=1&b=2");
    g_autofree char *page =
        text_of(page_render_statement(fixture->template_text, &fixture->content, statement));
    has(page, "<title>One &amp; only · Harbour Office</title>");
    has(page, "<meta name=\"description\" content=\"In short.\">");
    has(page, "<daywire-lead statement=\"a\">");
    has(page, "<h1 class=\"title\" dir=\"auto\">");
    assert_int_equal(count(page, "<h1"), 1);
    has(page, "A. Keeper");
    has(page, "North quay");
    has(page, "<div class=\"summary\">\n<p dir=\"auto\">In short.</p>");
    has(page, "<p dir=\"auto\">Last.</p>");
    has(page, "href=\"https://www.example.org/?a=1&amp;b=2\"");
}

static void a_withdrawn_one_shows_the_reason_alone(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "a", "Secret", "Secret", "Secret", "2021-07-23");
    withdraw(statement, "It was not ours to publish.");
    /* Whatever it still holds. */
    message_set_string(&statement->title, "Secret");
    message_set_string(&statement->body, "Secret");
    message_set_string(&statement->kind, "Secret");
    g_autofree char *page =
        text_of(page_render_statement(fixture->template_text, &fixture->content, statement));
    has(page, "It was not ours to publish.");
    has(page, "Statement withdrawn");
    has(page, "24 July 2021, 01:40");
    has_not(page, "Secret");
    has_not(page, "data-body");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_template_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(the_masthead_tells_date_clocks_and_contact, setup, teardown),
        cmocka_unit_test_setup_teardown(the_newest_with_a_body_leads, setup, teardown),
        cmocka_unit_test_setup_teardown(the_list_ends_and_the_lead_may_be_older, setup, teardown),
        cmocka_unit_test_setup_teardown(corrections_show_note_and_time, setup, teardown),
        cmocka_unit_test_setup_teardown(languages_are_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(counters_speak_the_language_of_the_site, setup, teardown),
        cmocka_unit_test_setup_teardown(no_text_becomes_markup, setup, teardown),
        cmocka_unit_test_setup_teardown(the_archive_has_search_and_links, setup, teardown),
        cmocka_unit_test_setup_teardown(a_permalink_shows_all, setup, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawn_one_shows_the_reason_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
