/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/formats/feed_json.h"
#include "feed_fixture.h"

#define HEAD  "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":["
#define DATED "\"date_published\":\"2021-07-23T12:00:00Z\""
#define AT    " at=2021-07-23T12:00:00Z\n"

static void a_whole_feed(void **state)
{
    (void)state;
    check_feed(
        "\n{\n"
        "  \"version\": \"https:\\/\\/jsonfeed.org\\/version\\/1.1\",\n"
        "  \"title\": \"Port\\n& harbour \\u001b[1m\",\n"
        "  \"home_page_url\": \"https://harbour.example/news/\",\n"
        "  \"language\": \"en-gb\", \"authors\": [{\"name\": \"The office\"}],\n"
        "  \"hubs\": [{\"items\": [1, 2]}], \"_x\": \"\\\"items\\\": [\",\n"
        "  \"items\": [\n"
        "    {\n"
        "      \"id\": \"1\", \"url\": \"quay\", \"title\": \" The quay &amp;\\n<b> \",\n"
        "      \"summary\": \"From [Monday], {08:00}\", \"content_html\": \"<p>All</p>\",\n"
        "      \"content_text\": \"All\", \"tags\": [\"quay\", \"quay\", 7, \"pier\"],\n"
        "      \"authors\": [{\"name\": \"Jane Doe\"}, {\"url\": \"x\"}, {\"name\": \"J. Roe\"}, 7],\n"
        "      \"date_published\": \"2021-07-23T12:00:00+01:00\", \"language\": \"fr\"\n"
        "    },\n"
        "    {\"id\": 2, \"content_text\": \"A few\\nwords.\", " DATED "}, 7,\n"
        "    {\"id\": \"3\", \"title\": \"C\", \"date_modified\": \"2021-07-22T12:00:00Z\",\n"
        "     \"external_url\": \"https://other.example\"}\n"
        "  ]\n"
        "}\n",
        "Port & harbour [1m\n"
        "9 guid=1 link=https://harbour.example/news/quay title=The quay &amp; <b> summary=From [Monday], "
        "{08:00} html=<p>All</p> language=fr author=Jane Doe, J. Roe tags=quay,pier "
        "at=2021-07-23T12:00:00+01:00\n"
        "16 guid=2 title=A few words. text=A few/words. language=en-GB author=The office" AT
        "16 refused items: items: an item is a JSON object\n"
        "17 guid=3 link=https://other.example/ title=C language=en-GB author=The office "
        "at=2021-07-22T12:00:00Z\n");
}

static void parts_of_items(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {HEAD "]}", "\n"},
        {"{\"items\":[{\"id\":\"1\",\"title\":\"A\"," DATED
         "}],\"version\":\"http://jsonfeed.org/version/1\"}",
         "\n1 guid=1 title=A" AT},
        {"{\"version\":\"https://jsonfeed.org/version/1\",\"author\":{\"name\":\"B\"},\"items\":[{\"id\":1.5,"
         "\"title\":\"A\"," DATED "},{\"id\":-7,\"title\":\"A\"," DATED ",\"author\":{\"name\":\"C\"}}]}",
         "\n1 guid=1.5 title=A author=B" AT "1 guid=-7 title=A author=C" AT},
        /* numbers are as they were written, of any length */
        {HEAD "{\"id\":1.50,\"title\":\"A\"," DATED "},{\"title\":\"A\"," DATED
              ",\"id\":123456789012345678901}]}",
         "\n1 guid=1.50 title=A" AT "1 guid=123456789012345678901 title=A" AT},
        /* of what comes twice, the first one counts, the number of its line as well */
        {HEAD "{\"id\":\"1\",\"title\":\"A\",\"title\":\"B\",\"x\\u0000\":7," DATED ",\"id\":\"2\"}]}",
         "\n1 guid=1 title=A" AT},
        {HEAD "\n\n{\"id\":\"1\",\"title\":\"A\"," DATED
              "}],\n\"items\":[\n{\"id\":\"2\",\"title\":\"B\"," DATED "}]}",
         "\n3 guid=1 title=A" AT},
        {"{\"version\":\"https://jsonfeed.org/version/1\"}", "\n"},
        {"{\"version\":\"https://jsonfeed.org/version/1\",\"items\":7}", "\n"},
        {HEAD "{\"title\":\"A\"," DATED "}]}", "\n1 guid=daywire: title=A" AT},
        {HEAD "{\"id\":\"1\",\"title\":\"A\"}]}", "\n1 guid=1 title=A undated=2021-07-23\n"},
        {HEAD
         "{\"id\":[],\"title\":7,\"summary\":{},\"content_text\":\"x\",\"tags\":\"y\",\"authors\":{}," DATED
         "}]}",
         "\n1 guid=daywire: title=x text=x" AT},
        {HEAD "{\"id\":\"1\",\"title\":\"A\",\"date_published\":\"soon\"}]}",
         "\n1 refused published_at: published_at: no date in a known form: \"soon\"\n"},
        {HEAD "{\"id\":\"1\",\"title\":\"A\\u0007b\"," DATED
              "},\n{\"id\":\"2\",\"title\":\"A\\u0000b\"," DATED "},\n{\"id\":\"3\",\"title\":\"C\"," DATED
              "}]}",
         "\n1 refused title: title: no control characters, this one has U+0007 as character 2\n"
         "2 refused title: title: no control characters, this one has U+0000\n"
         "3 guid=3 title=C" AT},
        {HEAD "{\"id\":\"1\"}]}", "\n1 refused title: title: 1 to 1000 characters, this one has none\n"},
        {"{\"version\":\"https://jsonfeed.org/version/"
         "1\",\"it\\u0065ms\":[{\"id\":\"1\",\"title\":\"A\"," DATED "}]}",
         "\n0 guid=1 title=A" AT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

#define NOT_ONE "error: JSON, but no feed: its \"version\" is not https://jsonfeed.org/version/..."

static char *nested(unsigned depth)
{
    g_autofree char *open = g_strnfill(depth, '[');
    g_autofree char *close = g_strnfill(depth, ']');
    return g_strconcat(HEAD "{\"id\":\"1\",\"title\":\"A\"," DATED ",\"x\":", open, close, "}]}", NULL);
}

static void what_is_no_feed_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", NOT_ONE},
        {"{\"version\":1}", NOT_ONE},
        {"{\"version\":\"https://example.org/version/1\"}", NOT_ONE},
        {"{\"version\":", "error: not valid JSON at line 1, column 12: unexpected end of data"},
        {HEAD "\n{\"id\":1}\n\n{\"id\":2}]}", "error: not valid JSON at line 4, column 1: unexpected "
                                              "character, expected a comma or a closing bracket"},
        {"{\"\\ü\":1}", "error: not valid JSON at line 1, column 4: invalid escaped character in string"},
        {"{\x1b[1m}",
         "error: not valid JSON at line 1, column 2: unexpected character, expected a string for object key"},
        {HEAD "{\"id\":\"\xd0\"}]}",
         "error: line 1: byte 0xD0 is not UTF-8 text (as no other encoding is named)"},
        {"[]", "error: no feed: it begins neither with < nor with {"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
    g_autofree char *deep = nested(FEED_DEPTH_MAX - 3); /* the feed, its items and the item are around it */
    g_autofree char *deeper = nested(FEED_DEPTH_MAX - 2);
    g_autofree char *deepest = nested(100000);
    check_feed(deep, "\n1 guid=1 title=A" AT);
    check_feed(deeper, "error: line 1: more than 200 values within each other");
    check_feed(deepest, "error: line 1: more than 200 values within each other");
    g_autoptr(GString) many = g_string_new("{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[");
    for (unsigned i = 0; i <= FEED_ITEMS_MAX; i++)
        g_string_append(many, i ? ",{}" : "{}");
    g_string_append(many, "]}");
    check_feed(many->str, "error: a feed has at most 20000 items, this one has 20001");
    g_string_assign(many, HEAD "[");
    for (unsigned i = 0; i <= 1000000; i++)
        g_string_append(many, "1,");
    check_feed(many->str, "error: line 1: more than 1000000 values");
}

static void json_feeds_are_told_from_other_json(void **state)
{
    (void)state;
    assert_true(feed_is_json(HEAD "]}"));
    assert_true(feed_is_json(" \n{\"version\":\"http://jsonfeed.org/version/1\"}"));
    assert_false(feed_is_json("{\"title\":\"On https://jsonfeed.org/version/1.1\",\"date\":\"2021-07-23\"}"));
    assert_false(feed_is_json("{\"version\":\"https://jsonfeed.org/version/1.1\"}\n{\"title\":\"A\"}"));
    assert_false(feed_is_json("[\"https://jsonfeed.org/version/1.1\"]"));
    assert_false(feed_is_json(HEAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_feed),
        cmocka_unit_test(parts_of_items),
        cmocka_unit_test(what_is_no_feed_is_refused),
        cmocka_unit_test(json_feeds_are_told_from_other_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
