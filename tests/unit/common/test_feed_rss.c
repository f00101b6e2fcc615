/* SPDX-License-Identifier: Apache-2.0 */
/* RSS and RDF, and what all feeds have in common. */
#include "unit.h"

#include "common/statement_rules.h"
#include "feed_fixture.h"

static const char whole[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<?xml-stylesheet href=\"style.css\"?>\n"
    "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"\n"
    "     xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n"
    "<channel>\n"
    "<title>Port\n  &amp;amp; harbour</title>\n"
    "<atom:link rel=\"self\" href=\"https://harbour.example/feed\"/>\n"
    "<link>https://harbour.example/news/</link>\n"
    "<description>All of it</description>\n"
    "<language>en-gb</language>\n"
    "<ttl> 60 </ttl>\n"
    "<skipHours><hour>0</hour><hour>3</hour><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>\n"
    "<skipDays><day>Monday</day><day> sunday </day><day>Someday</day></skipDays>\n"
    "<image><title>Not this</title><link>https://harbour.example/logo</link></image>\n"
    "<item>\n"
    "  <title>The quay &amp;amp; the &lt;b&gt;pier&lt;/b&gt;</title>\n"
    "  <link>https://harbour.example/quay</link>\n"
    "  <guid isPermaLink=\"false\">urn:quay</guid>\n"
    "  <description><![CDATA[<p>From <b>Monday</b>,<br>08:00.</p><p>Bring a&nbsp;coat.</p>]]></description>\n"
    "  <content:encoded><![CDATA[<p>All of the <em>quay</em>.</p>]]></content:encoded>\n"
    "  <pubDate>Fri, 23 Jul 2021 12:00:00 +0100</pubDate>\n"
    "  <category>quay</category><category domain=\"x\">R&amp;amp;D</category><category>quay</category>\n"
    "  <category> </category>\n"
    "  <author>press@harbour.example (Jane Doe)</author>\n"
    "</item>\n"
    "<item><title>Short</title><guid>https://harbour.example/short</guid>"
    "<dc:creator>A. Writer</dc:creator><dc:language>pt-br</dc:language><dc:date>2021-07-22</dc:date></item>\n"
    "</channel></rss>\n";

static void a_whole_feed(void **state)
{
    (void)state;
    check_feed(whole,
               "Port & harbour ttl=60 hours=9 days=41\n"
               "16 guid=urn:quay link=https://harbour.example/quay title=The quay & the pier summary=From "
               "Monday,/08:00.//Bring a\u00a0coat. html=<p>All of the <em>quay</em>.</p> language=en-GB "
               "author=Jane Doe tags=quay,R&D at=2021-07-23T12:00:00+01:00\n"
               "27 guid=https://harbour.example/short link=https://harbour.example/short title=Short "
               "language=pt-BR author=A. Writer date=2021-07-22\n");
}

#define RDF "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "

static void feeds_of_all_ages(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\"\n"
         " \"http://my.netscape.com/publish/formats/rss-0.91.dtd\">\n"
         "<rss version=\"0.91\"><channel><title>Old</title>"
         "<item><title>A</title><link>http://a.example/1</link></item></channel></rss>",
         "Old\n3 link=http://a.example/1 title=A undated=2021-07-23\n"},
        {"<rss version=\"0.92\"><channel><item><description>A &lt;b&gt;few&lt;/b&gt; "
         "words.</description></item>"
         "</channel></rss>",
         "\n1 guid=daywire: title=A few words. undated=2021-07-23\n"},
        {RDF "xmlns=\"http://my.netscape.com/rdf/simple/0.9/\">\n<channel><title>Old</title></channel>\n"
             "<item><title>A</title><link>http://a.example/1</link></item>\n</rdf:RDF>",
         "Old\n3 link=http://a.example/1 title=A undated=2021-07-23\n"},
        {RDF "xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
             "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xml:lang=\"nb\">\n"
             "<channel rdf:about=\"http://a.example/\"><title>Old</title>\n"
             "<items><rdf:Seq><rdf:li resource=\"http://a.example/1\"/></rdf:Seq></items></channel>\n"
             "<item rdf:about=\"http://a.example/#1\"><title>A</title><link>http://a.example/1</link>"
             "<dc:date>2021-07-23T12:00+02:00</dc:date><dc:subject>pier</dc:subject>"
             "<dc:creator>B</dc:creator><dc:creator>C</dc:creator>"
             "<content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded></item>\n"
             "</rdf:RDF>",
         "Old\n4 guid=http://a.example/#1 link=http://a.example/1 title=A html=<p>x</p> language=nb "
         "author=B, C tags=pier at=2021-07-23T12:00:00+02:00\n"},
        {"<rss version=\"2.0\" xmlns=\"http://backend.userland.com/rss2\"><channel><item><title>A</title>"
         "<guid>x</guid></item></channel></rss>",
         "\n1 guid=x title=A undated=2021-07-23\n"},
        {"<rss><channel/></rss>", "\n"},
        {"<rss/>", "\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

#define TITLE "<title>A</title>"
#define DATE  "<pubDate>2021-07-23</pubDate>"

static void parts_of_items(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        /* guid and link */
        {"<item>" TITLE DATE "<guid>http://a.example/1</guid></item>",
         "1 guid=http://a.example/1 link=http://a.example/1 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid isPermaLink=\"true\">http://a.example/1</guid></item>",
         "1 guid=http://a.example/1 link=http://a.example/1 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid isPermaLink=\" FALSE \">http://a.example/1</guid></item>",
         "1 guid=http://a.example/1 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid>7</guid></item>", "1 guid=7 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid> </guid><link>http://a.example/1</link></item>",
         "1 link=http://a.example/1 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid>http://a.example/1</guid><link>\n HTTP://A.example:80/2\n</link></item>",
         "1 guid=http://a.example/1 link=http://a.example/2 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<link/><atom:link href=\"http://a.example/3\"/></item>",
         "1 link=http://a.example/3 title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid>x</guid><link>javascript:alert(1)</link></item>",
         "1 guid=x title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid>x</guid><link>/relative</link></item>",
         "1 guid=x title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<guid>x</guid><link>/?a=1&b=2&copy=3</link></item>",
         "1 guid=x title=A date=2021-07-23\n"},
        {"<link>http://a.example/news/</link><item>" TITLE DATE "<link>b?a=1&amp;b=2</link></item>",
         "1 link=http://a.example/news/b?a=1&b=2 title=A date=2021-07-23\n"},
        {"<link>http://a.example/</link><item xml:base=\"/deep/er/\">" TITLE DATE "<link>x</link></item>",
         "1 link=http://a.example/deep/er/x title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "</item>", "1 guid=daywire: title=A date=2021-07-23\n"},
        /* title and text */
        {"<item>" DATE "<title>\n A &lt;i&gt;b&lt;/i&gt;&#10;\tc </title></item>",
         "1 guid=daywire: title=A b c date=2021-07-23\n"},
        {"<item>" DATE "<title>2 &lt; 3 &amp; 4 > 3</title></item>",
         "1 guid=daywire: title=2 < 3 & 4 > 3 date=2021-07-23\n"},
        {"<item>" DATE "<title><![CDATA[R&D &amp; <b>more</b>]]></title></item>",
         "1 guid=daywire: title=R&D & more date=2021-07-23\n"},
        {"<item>" DATE "<title>A&nbsp;&mdash;&#8212;&#x2014;&#151; B&hellip;</title></item>",
         "1 guid=daywire: title=A\u00a0———— B… date=2021-07-23\n"},
        {"<item>" DATE "<title>A &unknown; AT&T & B</title></item>",
         "1 guid=daywire: title=A &unknown; AT&T & B date=2021-07-23\n"},
        {"<item>" DATE "<description>One &lt;br&gt; two</description></item>",
         "1 guid=daywire: title=One two summary=One/two date=2021-07-23\n"},
        {"<item>" DATE "<content:encoded>&lt;p&gt;Only&lt;/p&gt; a body</content:encoded></item>",
         "1 guid=daywire: title=Only a body html=<p>Only</p> a body date=2021-07-23\n"},
        {"<item>" DATE "<title> </title><description><![CDATA[<img src=x>]]></description></item>",
         "1 refused title: title: 1 to 1000 characters, this one has none\n"},
        {"<item/>", "1 refused title: title: 1 to 1000 characters, this one has none\n"},
        {"<item>" TITLE "<title>B</title>" DATE "</item>", "1 guid=daywire: title=A date=2021-07-23\n"},
        /* dates */
        {"<item>" TITLE "<pubdate>23 Jul 21</pubdate></item>", "1 guid=daywire: title=A date=2021-07-23\n"},
        {"<item>" TITLE "<dc:date>2021-07-22</dc:date>" DATE "</item>",
         "1 guid=daywire: title=A date=2021-07-23\n"},
        {"<item>" TITLE "<pubDate>soon</pubDate><dc:date>2021-07-22</dc:date></item>",
         "1 guid=daywire: title=A date=2021-07-22\n"},
        {"<item>" TITLE "<pubDate/></item>", "1 guid=daywire: title=A undated=2021-07-23\n"},
        {"\n<item>" TITLE "<pubDate>soon</pubDate></item>\n\n<item>" TITLE DATE "</item>",
         "2 refused published_at: published_at: no date in a known form: \"soon\"\n"
         "4 guid=daywire: title=A date=2021-07-23\n"},
        {"<item>" TITLE "<pubDate>30 Feb 2021</pubDate></item>",
         "1 refused published_at: published_at: there is no such day: \"30 Feb 2021\"\n"},
        /* persons */
        {"<item>" TITLE DATE "<author>a@b.example</author></item>",
         "1 guid=daywire: title=A date=2021-07-23\n"},
        {"<item>" TITLE DATE "<author>a@b.example (Jane (Doe))</author></item>",
         "1 guid=daywire: title=A author=Jane (Doe) date=2021-07-23\n"},
        {"<item>" TITLE DATE "<author>Jane Doe &lt;a@b.example></author></item>",
         "1 guid=daywire: title=A author=Jane Doe date=2021-07-23\n"},
        {"<item>" TITLE DATE "<author>Jane Doe (port)</author></item>",
         "1 guid=daywire: title=A author=Jane Doe (port) date=2021-07-23\n"},
        {"<item>" TITLE DATE "<author>a@b.example (Jane)</author><dc:creator>The office</dc:creator></item>",
         "1 guid=daywire: title=A author=The office date=2021-07-23\n"},
        /* languages */
        {"<language>EN_us</language><item>" TITLE DATE "</item>",
         "1 guid=daywire: title=A language=en-US date=2021-07-23\n"},
        {"<language>English</language><item>" TITLE DATE "</item>",
         "1 guid=daywire: title=A date=2021-07-23\n"},
        {"<language>de</language><item xml:lang=\"fr\">" TITLE DATE "</item><item>" TITLE
         "<guid>2</guid>" DATE "<dc:language>none at all</dc:language></item>",
         "1 guid=daywire: title=A language=fr date=2021-07-23\n"
         "1 guid=2 title=A language=de date=2021-07-23\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_rss_items(cases[i][0], cases[i][1]);
}

static void limits_of_items(void **state)
{
    (void)state;
    g_autofree char *word = g_strnfill(300, 'x');
    g_autofree char *guid = g_strnfill(FEED_GUID_MAX + 1, 'g');
    g_autoptr(GString) items = g_string_new("<item>" DATE TITLE "<guid>1</guid>");
    g_string_append_printf(items, "<category>%s</category>", word); /* too long for a tag */
    for (int i = 0; i < 40; i++)
        g_string_append_printf(items, "<category>%02d</category>", i);
    g_string_append_printf(items, "</item>\n<item>" TITLE "<guid>%s</guid></item>", guid);
    g_string_append_printf(items, "\n<item><guid>3</guid><title>%s%s%s%s</title>" DATE "</item>", word, word,
                           word, word);
    g_string_append_printf(items, "\n<item><guid>4</guid>" TITLE DATE "<author>%s %s</author></item>", word,
                           word);
    word[199] = '\0';
    g_autofree char *expected = g_strdup_printf(
        "1 guid=1 title=A tags=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,"
        "22,23,24,25,26,27,28,29,30,31 date=2021-07-23\n"
        "2 refused guid: guid: at most 2000 bytes, this one has 2001\n"
        "3 refused title: title: 1 to 1000 characters, this one has 1200\n"
        "4 guid=4 title=A author=%s… date=2021-07-23\n",
        word);
    check_rss_items(items->str, expected);
}

/* A description that is the whole text loses nothing. */
static void long_summaries_are_cut_and_become_the_body(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new(NULL);
    while (g_utf8_strlen(text->str, -1) < STATEMENT_SUMMARY_MAX)
        g_string_append(text, "größer ");
    g_autofree char *feed = g_strdup_printf("<rss><channel><item><guid>1</guid>" TITLE DATE
                                            "<description>&lt;p&gt;%s&lt;/p&gt;</description>"
                                            "</item></channel></rss>",
                                            text->str);
    FeedContext context = {.now = FEED_NOW};
    g_autofree char *notes = feed_notes(feed, strlen(feed), &context);
    const char *summary = strstr(notes, " summary=") + strlen(" summary=");
    char *body = strstr(notes, " html=");
    assert_non_null(body);
    *body = '\0';
    assert_true(g_str_has_suffix(summary, " größer…"));
    assert_in_range(g_utf8_strlen(summary, -1), STATEMENT_SUMMARY_MAX - 7, STATEMENT_SUMMARY_MAX);
    assert_true(g_str_has_prefix(body + 1, "html=<p>größer größer"));
    assert_non_null(strstr(body + 1, "größer </p> date="));
}

static void items_without_a_name_keep_theirs(void **state)
{
    (void)state;
    static const char *const cases[] = {
        /* each of these is another item: title and date */
        "<item><title>A</title><pubDate>2021-07-23</pubDate></item>",
        "<item><title>A</title><pubDate>2021-07-24</pubDate></item>",
        "<item><title>A</title><pubDate>2021-07-24T10:00Z</pubDate></item>",
        "<item><title>B</title><pubDate>2021-07-23</pubDate></item>",
        /* or title and text */
        "<item><title>A</title></item>",
        "<item><title>A</title><description>x</description></item>",
        "<item><title>A</title><description>y</description></item>",
    };
    g_autofree char *items =
        g_strjoin("\n", cases[0], cases[1], cases[2], cases[3], cases[4], cases[5], cases[6], NULL);
    check_rss_items(items, "1 guid=daywire: title=A date=2021-07-23\n"
                           "2 guid=daywire: title=A date=2021-07-24\n"
                           "3 guid=daywire: title=A at=2021-07-24T10:00:00Z\n"
                           "4 guid=daywire: title=B date=2021-07-23\n"
                           "5 guid=daywire: title=A undated=2021-07-23\n"
                           "6 guid=daywire: title=A summary=x undated=2021-07-23\n"
                           "7 guid=daywire: title=A summary=y undated=2021-07-23\n");
}

static void items_that_are_there_twice(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<item><guid>1</guid>" TITLE DATE "</item>\n<item><guid>1</guid>" TITLE DATE "</item>",
         "1 guid=1 title=A date=2021-07-23\n"},
        {"<item><guid>1</guid>" TITLE DATE "</item>\n<item><guid>1</guid><title>B</title>" DATE "</item>",
         "1 guid=1 title=A date=2021-07-23\n"
         "2 refused guid: guid: the item at line 1 has the same guid and link and another content\n"},
        /* a guid for two links, a link for two guids: the caller's to sort out */
        {"<item><guid>1</guid><link>http://a.example/1</link>" TITLE DATE "</item>\n"
         "<item><guid>1</guid><link>http://a.example/2</link>" TITLE DATE "</item>\n"
         "<item><guid>2</guid><link>http://a.example/2</link>" TITLE DATE "</item>",
         "1 guid=1 link=http://a.example/1 title=A date=2021-07-23\n"
         "2 guid=1 link=http://a.example/2 title=A date=2021-07-23\n"
         "3 guid=2 link=http://a.example/2 title=A date=2021-07-23\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_rss_items(cases[i][0], cases[i][1]);
}

/* The feed's own date, unless it lies ahead, else now; in UTC. */
static void items_without_a_date(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "2021-07-23"},
        {"<pubDate>2020-01-02</pubDate>", "2020-01-02"},
        {"<pubDate>2020-01-02T23:30:00-01:00</pubDate>", "2020-01-03"},
        {"<lastBuildDate>2020-01-02</lastBuildDate>", "2020-01-02"},
        {"<pubDate>never</pubDate><lastBuildDate>2020-01-02</lastBuildDate>", "2020-01-02"},
        {"<pubDate>never</pubDate>", "2021-07-23"},
        {"<pubDate>2031-01-02</pubDate>", "2021-07-23"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *items = g_strconcat(cases[i][0], "<item><guid>1</guid>" TITLE "</item>", NULL);
        g_autofree char *expected = g_strconcat("1 guid=1 title=A undated=", cases[i][1], "\n", NULL);
        check_rss_items(items, expected);
    }
}

static void a_known_date_is_kept(void **state)
{
    (void)state;
    g_autoptr(Statement) known = statement_new();
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&known->date, "2020-01-02");
    message_set_string(&statement->date, "2021-07-23");
    feed_keep_date(statement, known);
    assert_true(statement_same_content(statement, known));
    known->published_at = instant_to_timestamp(FEED_NOW);
    known->published_at_offset_minutes = 60;
    feed_keep_date(statement, known);
    feed_keep_date(statement, known);
    assert_true(statement_same_content(statement, known));
}

static void the_source_is_given_or_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        FeedContext context;
        const char *source;
    } cases[] = {
        {"http://A.example:8080/x", {.source = "office"}, " source=office"},
        {"http://A.example:8080/x", {.source = ""}, " source=a.example"},
        {"http://a.example/x", {.base_url = "http://b.example/feed"}, " source=a.example"},
        {"/x", {.base_url = "http://b.example/feed"}, " source=b.example"},
        {"", {.base_url = "http://b.example/feed"}, " source=b.example"},
        {"", {.source = NULL}, ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *feed = g_strdup_printf("<rss><channel><link>%s</link><item><guid>1</guid>" TITLE DATE
                                                "</item></channel></rss>",
                                                cases[i].link);
        g_autofree char *expected =
            g_strdup_printf("\n1 guid=1 title=A%s date=2021-07-23\n", cases[i].source);
        g_autofree char *notes = feed_notes(feed, strlen(feed), &cases[i].context);
        assert_string_equal(notes, expected);
    }
}

static void ids_of_items(void **state)
{
    (void)state;
    g_autofree char *id = feed_item_id("press-office", "urn:1", "http://a.example/1");
    g_autofree char *same = feed_item_id("press-office", "urn:1", "http://a.example/2");
    g_autofree char *by_link = feed_item_id("press-office", "", "http://a.example/1");
    g_autofree char *as_guid = feed_item_id("press-office", "http://a.example/1", "");
    g_autofree char *elsewhere = feed_item_id("Press Office", "urn:1", "");
    g_autofree char *foreign =
        feed_item_id("Hafenbüro — Neues aus der großen weiten Welt der Schiffe", "1", "");
    g_autofree char *nobody = feed_item_id("…", "1", "");
    /* These stand in databases: they must never change. */
    assert_string_equal(id, "press-office-930ca9362b2231fb2a17d3eb");
    assert_string_equal(same, id);
    assert_string_not_equal(by_link, as_guid);
    assert_true(g_str_has_prefix(elsewhere, "press-office-"));
    assert_string_not_equal(elsewhere, id);
    assert_true(g_str_has_prefix(foreign, "hafenb-ro-neues-aus-der-gro-en-weiten-we-"));
    assert_true(g_str_has_prefix(nobody, "feed-"));
    assert_true(id_is_valid(foreign, STATEMENT_ID_MAX));
    assert_null(feed_item_id("press-office", "", ""));
}

static bool stop_at_second(FeedItem *item, void *user)
{
    unsigned *count = user;
    (void)item;
    return ++*count < 2;
}

/* Takes the statements over. */
static bool steal(FeedItem *item, void *user)
{
    g_ptr_array_add(user, g_steal_pointer(&item->statement));
    return true;
}

static void receivers_may_stop_and_steal(void **state)
{
    (void)state;
    const char *feed = "<rss><channel><item><title>A</title></item><item><title>B</title></item>"
                       "<item><title>C</title></item></channel></rss>";
    FeedContext context = {.now = FEED_NOW};
    g_auto(FeedHead) head = {0};
    g_auto(FeedHead) again = {0};
    unsigned count = 0;
    assert_true(feed_read(feed, strlen(feed), &context, &head, stop_at_second, &count, NULL));
    assert_int_equal(count, 2);
    g_autoptr(GPtrArray) stolen = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    assert_true(feed_read(feed, strlen(feed), &context, &again, steal, stolen, NULL));
    assert_int_equal(stolen->len, 3);
    assert_string_equal(((const Statement *)g_ptr_array_index(stolen, 2))->title, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_feed),
        cmocka_unit_test(feeds_of_all_ages),
        cmocka_unit_test(parts_of_items),
        cmocka_unit_test(limits_of_items),
        cmocka_unit_test(long_summaries_are_cut_and_become_the_body),
        cmocka_unit_test(items_without_a_name_keep_theirs),
        cmocka_unit_test(items_that_are_there_twice),
        cmocka_unit_test(items_without_a_date),
        cmocka_unit_test(a_known_date_is_kept),
        cmocka_unit_test(the_source_is_given_or_the_host),
        cmocka_unit_test(ids_of_items),
        cmocka_unit_test(receivers_may_stop_and_steal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
