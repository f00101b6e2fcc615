/* SPDX-License-Identifier: Apache-2.0 */
/* XML that is meant to harm, or is broken. */
#include <glib/gstdio.h>

#include "unit.h"

#include "common/formats/feed_repair.h"
#include "feed_fixture.h"

#define START "<rss><channel>"
#define END   "</channel></rss>"
#define GOOD  "<item><guid>1</guid><title>A</title><pubDate>2021-07-23</pubDate></item>"
#define READ  "1 guid=1 title=A date=2021-07-23\n"

static void what_is_broken_is_refused_with_its_line(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "error: there is nothing in it"},
        {" \n", "error: there is nothing in it"},
        {"Some text", "error: no feed: it begins neither with < nor with {"},
        {"<html><body/></html>",
         "error: XML, but no feed: its first element is <html>, not <rss>, <rdf:RDF> or <feed>"},
        {"<!doctype html>\n<html><body><br></body></html>",
         "error: line 2: not well-formed XML: Opening and ending tag mismatch: br line 2 and body"},
        {"<feed><entry/></feed>",
         "error: XML, but no feed: its first element is <feed>, not <rss>, <rdf:RDF> or <feed>"},
        {"<", "error: line 1: a tag does not end"},
        {"<rss>", "error: line 1: not well-formed XML: Premature end of data in tag rss line 1"},
        {START "\n" GOOD "\n</rss>",
         "error: line 3: not well-formed XML: Opening and ending tag mismatch: channel line 1 and rss"},
        {START "\n<item><title>2 < 3</title></item>" END,
         "error: line 2: not well-formed XML: StartTag: invalid element name"},
        {START "<item a=1/>" END, "error: line 1: not well-formed XML: AttValue: \" or ' expected"},
        {START "\n<item a=\"1/>" END, "error: line 2: the value of an attribute does not end"},
        {START "\n\n<item", "error: line 3: a tag does not end"},
        {START "<!-- \n" END, "error: line 1: a comment does not end"},
        {START "\n<![CDATA[ \n" END, "error: line 2: a CDATA section does not end"},
        {START "\n<? \n" END, "error: line 2: a processing instruction does not end"},
        {"<!DOCTYPE rss \"\n" START END, "error: line 1: the document type does not end"},
        {START "\n&#0;" END, "error: line 2: &#0; names no character"},
        {START "&#xD800;" END, "error: line 1: &#xD800; names no character"},
        {START "&#xFFFF;" END, "error: line 1: &#xFFFF; names no character"},
        {START "&#99999999999999999999;" END, "error: line 1: &#999999999999999999 names no character"},
        {START END "<rss/>", "error: line 1: not well-formed XML: Extra content at the end of the document"},
        {"PHP Warning: x\n" START END, "error: no feed: it begins neither with < nor with {"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

static void what_can_mean_one_thing_is_repaired(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {" \n<?xml version=\"1.0\"?>" START GOOD END, "\n2 guid=1 title=A date=2021-07-23\n"},
        {"\xef\xbb\xbf\n<?xml version=\"1.0\"?>" START GOOD END, "\n2 guid=1 title=A date=2021-07-23\n"},
        {"<?xml version=\"1.1\"?>" START GOOD END, "\n" READ},
        {START "<!-- -- & < \n --->" GOOD END, "\n2 guid=1 title=A date=2021-07-23\n"},
        {START "<?x & < ?>" GOOD END, "\n" READ},
        {START GOOD END "<!-- -->\n<?x?>", "\n" READ},
        {START
         "<item><guid>1&2</guid><title>A&amp;B &lt;&quot;&apos;&gt;</title><pubDate>2021-07-23</pubDate>"
         "</item>" END,
         "\n1 guid=1&2 title=A&B <\"'> date=2021-07-23\n"},
        {START
         "<item><guid x=\"&nbsp;&&copy;\">1</guid><title>A</title><pubDate>2021-07-23</pubDate></item>" END,
         "\n" READ},
        {START "<item><guid>1</guid><title>A\fB\vC&#12;D</title><pubDate>2021-07-23</pubDate></item>" END,
         "\n1 guid=1 title=A B C D date=2021-07-23\n"},
        {START "<x:y><z:z/></x:y>" GOOD END, "\n" READ},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

/* They cost the item that has them, and no other. */
static void control_characters(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"<title>A\bB</title>", "title: title: no control characters, this one has U+0008 as character 2"},
        {"<title>A&#8;B</title>", "title: title: no control characters, this one has U+0008 as character 2"},
        {"<title><![CDATA[A]] >\x1b[1m]]></title>",
         "title: title: no control characters, this one has U+001B as character 6"},
        {"<title>A</title><description>A&#x1;</description>",
         "summary: summary: no control characters, this one has U+0001 as character 2"},
        {"<title>A</title><content:encoded>A\x7f</content:encoded>",
         "body: body: no control characters, this one has U+007F as character 2"},
        {"<title>A</title><category>\x02</category>",
         "tags: tags: no control characters, this one has U+0002 as character 1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *items =
            g_strdup_printf("<item><guid>2</guid><pubDate>2021-07-23</pubDate>%s</item>\n" GOOD, texts[i][0]);
        g_autofree char *expected =
            g_strdup_printf("1 refused %s\n2 guid=1 title=A date=2021-07-23\n", texts[i][1]);
        check_rss_items(items, expected);
    }
}

/* A file that must not be read. */
static void nothing_is_expanded_or_fetched(void **state)
{
    (void)state;
    g_autofree char *path = NULL;
    int file = g_file_open_tmp("feed-secret-XXXXXX", &path, NULL);
    assert_true(file >= 0);
    assert_int_equal(write(file, "<title>SECRET</title>", 21), 21);
    assert_int_equal(close(file), 0);
    static const char *const declared[] = {
        "<!DOCTYPE rss [<!ENTITY a \"b\">]>\n" START "<title>&a;</title>" END,
        "<!DOCTYPE rss [<!ENTITY x SYSTEM \"%s\">]>\n" START "&x;" END,
        "<!DOCTYPE rss [<!ENTITY % x SYSTEM \"file://%s\"> %x;]>\n" START END,
        "<!DOCTYPE rss PUBLIC \"]\" \"%s\" [\n<!ATTLIST rss a CDATA \"b\">\n]>\n" START END,
        "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 "
        "\"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">"
        "<!ENTITY lol3 \"&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;\">]>\n" START
        "<title>&lol3;</title>" END,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(declared); i++) {
        g_autoptr(GString) text = g_string_new(declared[i]);
        g_string_replace(text, "%s", path, 0);
        check_feed(text->str, "error: line 1: a document type with declarations is not read");
    }
    static const char *const harmless[] = {
        "<!DOCTYPE rss SYSTEM \"%s\">" START GOOD END,
        "<!DOCTYPE rss PUBLIC \"x\" \"http://127.0.0.1:1/\">" START GOOD END,
        "<?xml-stylesheet href=\"%s\"?>" START GOOD END,
        START "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"%s\"/>" GOOD END,
        START
        "<item xmlns:xi=\"http://www.w3.org/2001/XInclude\"><guid>1</guid><title>A<xi:include href=\"%s\" "
        "parse=\"text\"/></title><pubDate>2021-07-23</pubDate></item>" END,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++) {
        g_autoptr(GString) text = g_string_new(harmless[i]);
        g_string_replace(text, "%s", path, 0);
        check_feed(text->str, "\n" READ);
    }
    /* a document type behind the first element is none */
    check_feed(START "<!DOCTYPE x [<!ENTITY a \"b\">]>" END,
               "error: line 1: not well-formed XML: StartTag: invalid element name");
    assert_int_equal(g_unlink(path), 0);
}

static char *nested(const char *open, const char *close, unsigned depth, const char *inside)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < depth; i++)
        g_string_append(text, open);
    g_string_append(text, inside);
    for (unsigned i = 0; i < depth; i++)
        g_string_append(text, close);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void check_nested(unsigned depth, const char *expected)
{
    g_autofree char *elements = nested("<x>", "</x>", depth, "");
    g_autofree char *items = g_strconcat(GOOD, elements, NULL);
    check_rss_items(items, expected);
}

static void depth_is_limited(void **state)
{
    (void)state;
    check_nested(FEED_DEPTH_MAX - 2, READ);
    check_nested(FEED_DEPTH_MAX - 1, "error: line 1: more than 200 elements within each other");
    check_nested(100000, "error: line 1: more than 200 elements within each other");
    /* within a text that holds HTML it is the reader of HTML that stops */
    g_autofree char *html = nested("<b>", "</b>", 100000, "x");
    g_autofree char *items =
        g_strdup_printf("<item><guid>1</guid><title>A</title><pubDate>2021-07-23</pubDate>"
                        "<description><![CDATA[deep %s]]></description></item>",
                        html);
    check_rss_items(items, "1 guid=1 title=A summary=deep date=2021-07-23\n");
}

static void numbers_are_limited(void **state)
{
    (void)state;
    g_autofree char *elements = nested("<x/>", "", FEED_NODES_MAX, "");
    check_rss_items(elements, "error: line 1: more than 1000000 elements and attributes");
    g_autofree char *many = nested("<item/>", "", FEED_ITEMS_MAX + 1, "");
    check_rss_items(many, "error: a feed has at most 20000 items, this one has 20001");
    g_autoptr(GString) attributes = g_string_new(GOOD "\n<x");
    for (unsigned i = 0; i < FEED_ATTRIBUTES_MAX; i++)
        g_string_append_printf(attributes, " a%u=''", i);
    g_autofree char *enough = g_strconcat(attributes->str, "/>", NULL);
    g_autofree char *more = g_strconcat(attributes->str, " b=\"\"/>", NULL);
    check_rss_items(enough, READ);
    check_rss_items(more, "error: line 2: a tag has more than 100 attributes");
    g_autoptr(GString) namespaces = g_string_new(NULL);
    for (unsigned i = 0; i < 3; i++) {
        g_string_append(namespaces, "<x");
        for (unsigned k = 0; k < FEED_ATTRIBUTES_MAX; k++)
            g_string_append_printf(namespaces, " xmlns:a%u-%u='x'", i, k);
        g_string_append(namespaces, ">\n");
    }
    check_rss_items(namespaces->str, "error: line 3: more than 200 namespaces at one place");
    g_autofree char *large = g_strnfill(FEED_BYTES_MAX + 1, ' ');
    check_feed(large, "error: a feed has at most 33554432 bytes, this one has 33554433");
}

/* libxml2's own limit is 10 MB. */
static void a_large_feed_is_read_to_its_end(void **state)
{
    (void)state;
    g_autofree char *text = g_strnfill(10000, 'x');
    g_autoptr(GString) feed = g_string_new(START);
    for (int i = 0; i < 2000; i++)
        g_string_append_printf(feed,
                               "\n<item><guid>%d</guid><title>A</title><pubDate>2021-07-23</pubDate>"
                               "<description>%s</description></item>",
                               i, text);
    g_string_append(feed, END);
    const FeedContext context = {.now = FEED_NOW, .source = "s"};
    g_autofree char *notes = feed_notes(feed->str, feed->len, &context);
    assert_non_null(strstr(notes, "\n2001 guid=1999 title=A "));
    assert_null(strstr(notes, "error"));
}

/* What takes the square of its length somewhere does not end within the time of a test. */
static void time_is_limited(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        unsigned count; /* fewer where AddressSanitizer measures all of the text each time */
    } cases[] = {
        {"<a b='<a b='", 400000},
        {"<a ", 400000},
        {"<![CDATA[]]", 400000},
        {"<![CDATA[x]]>", 5000},
        {"<!-->", 5000},
        {"]]", 800000},
        {"&", 800000},
        {"x&amp;", 800000},
        {"x&x;", 800000},
        {"&#65;", 800000},
        {"&nbsp;", 800000},
        {"&#x1;\b", 800000},
        {"<x/>", 400000},
        {"<x>&lt;", 100},
        {"x\n<y z=\"\"/>", 200000},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body = nested(cases[i].part, "", cases[i].count, "");
        g_autofree char *text = g_strconcat(START "<x>", body, "</x>" GOOD END, NULL);
        FeedContext context = {.now = FEED_NOW};
        g_autofree char *notes = feed_notes(text, strlen(text), &context);
        assert_true(*notes);
    }
    static const char *const texts[] = {"x &amp; ", "&lt;b>x&lt;/b> ", "a\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *body = nested(texts[i], "", 100000, "");
        g_autofree char *text =
            g_strconcat(START "<item><title>A</title><description>", body, "</description></item>" END, NULL);
        FeedContext context = {.now = FEED_NOW};
        g_autofree char *notes = feed_notes(text, strlen(text), &context);
        assert_true(*notes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_broken_is_refused_with_its_line),
        cmocka_unit_test(what_can_mean_one_thing_is_repaired),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(nothing_is_expanded_or_fetched),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(numbers_are_limited),
        cmocka_unit_test(a_large_feed_is_read_to_its_end),
        cmocka_unit_test(time_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
