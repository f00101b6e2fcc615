/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/formats/formats.h"
#include "common/formats/page_capture.h"

/* What was read, one line an item: "LINE DATE TITLE | SUMMARY | BODY", or "LINE refused FIELD: REASON". */
static bool note_item(const FormatItem *item, void *user)
{
    GString *notes = user;
    if (item->statement) {
        const Statement *statement = item->statement;
        assert_null(item->reason);
        g_string_append_printf(notes, "%u %s %s | %s | %s\n", item->line, statement->date, statement->title,
                               statement->summary, statement->body);
    } else {
        g_string_append_printf(notes, "%u refused %s: %s\n", item->line, item->field ? item->field : "-",
                               item->reason);
    }
    return true;
}

static void check_read(const char *input, size_t size, const char *expected)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool read = formats_read(input, size, note_item, notes, &error);
    if (error)
        fail_msg("%s", error->message);
    assert_true(read);
    assert_string_equal(notes->str, expected);
}

static void check_unreadable(const char *input, size_t size, const char *message)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    assert_false(formats_read(input, size, note_item, notes, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
    assert_string_equal(notes->str, "");
}

#define NOT_ONE                                                                                              \
    "not one of: a feed (RSS, RDF, Atom, JSON Feed); JSON (an array of statements, one statement, or one a " \
    "line); text capture of a page (its lines `DD.MM.YYYY - Title`, or its date, clocks and counters, were " \
    "not found)"

static void other_files_are_refused(void **state)
{
    (void)state;
    check_unreadable("", 0, "there is nothing in it");
    check_unreadable(NULL, 0, "there is nothing in it");
    check_unreadable("\xef\xbb\xbf \r\n\t\n", 8, "there is nothing in it");
    check_unreadable("\xff\xfe[\0]\0", 6, "the text is UTF-16; save it as UTF-8");
    check_unreadable("\xfe\xff\0[\0]", 6, "the text is UTF-16; save it as UTF-8");
    check_unreadable("[\n{\"title\":\"\xe4\"}]", 16, "line 2: byte 0xE4 is not UTF-8 text");
    check_unreadable("a\n\nb\0c", 6, "line 3: byte 0x00 is not UTF-8 text");
    check_unreadable("Some letter\n\nwith text\n", 23, NOT_ONE);
    const char *page = "<!DOCTYPE html>\n<html><head/></html>\n";
    check_unreadable(page, strlen(page),
                     "XML, but no feed: its first element is <html>, not <rss>, <rdf:RDF> or <feed>");
    check_unreadable("\"a\"", 3, NOT_ONE);
}

static void json_arrays(void **state)
{
    (void)state;
    const char *input = "\xef\xbb\xbf\n[ {\"title\":\"A, [b] {c} \\\" ]\",\"date\":\"2021-07-23\"},\n"
                        "  {\"title\":\"B\",\n   \"date\":\"2021-07-22\",\"tags\":[\"x\",\"y\"]}\n"
                        ", {\"date\":\"2021-07-21\"}, 7,\n"
                        "  {\"title\":\"C\",\"date\":\"2021-07-20\"} ]\n";
    check_read(input, strlen(input),
               "2 2021-07-23 A, [b] {c} \" ] |  | \n"
               "3 2021-07-22 B |  | \n"
               "5 refused title: title: 1 to 1000 characters, this one has none\n"
               "5 refused -: a statement is a JSON object, this is a number\n"
               "6 2021-07-20 C |  | \n");
    check_read("[]", 2, "");
    const char *colon = "[{\"title\":\"A\",\"date\":\"2021-07-23\"},\n {\"title\" \"B\"}]";
    check_unreadable(
        colon, strlen(colon),
        "not valid JSON at line 2, column 11: unexpected character, expected a colon after object key");
    g_autofree char *open = g_strnfill(100, '[');
    g_autofree char *close = g_strnfill(100, ']');
    g_autofree char *deep = g_strconcat(open, close, NULL);
    g_autofree char *deeper = g_strconcat("[", open, close, "]", NULL);
    check_read(deep, strlen(deep), "1 refused -: a statement is a JSON object, this is an array\n");
    check_unreadable(deeper, strlen(deeper), "not valid JSON: more than 100 values within each other");
    const char *nul = "[{\"title\":\"A\\u0000B\",\"date\":\"2021-07-23\"}]";
    check_unreadable(nul, strlen(nul), "not valid JSON: a text has the character U+0000");
    check_unreadable("[] []", 5, "not valid JSON at line 1, column 4: unexpected content after document");
}

static void one_json_object(void **state)
{
    (void)state;
    const char *input = "\n{\n  \"title\": \"A\",\n  \"date\": \"2021-07-23\"\n}\n";
    check_read(input, strlen(input), "2 2021-07-23 A |  | \n");
    const char *twice = "{\n  \"title\": \"A\",\n  \"title\": \"B\"\n}";
    check_unreadable(twice, strlen(twice), "not valid JSON: the name \"title\" comes twice in an object");
}

static void lines_of_json(void **state)
{
    (void)state;
    const char *input = "{\"title\":\"A\",\"date\":\"2021-07-23\"}\r\n"
                        "\r\n"
                        "{\"title\":\"B\",\"date\":\"2021-07-22\"\r\n"
                        "{\"title\":\"C\",\"date\":\"2021-07-21\",\"colour\":\"red\"}\r\n"
                        "[1]\r\n"
                        "{\"title\":\"D\",\"date\":\"2021-07-20\"}";
    check_read(
        input, strlen(input),
        "1 2021-07-23 A |  | \n"
        "3 refused -: not valid JSON at line 3, column 34: unexpected end of data\n"
        "4 refused colour: colour: no such field; a statement has id, revision, status, change, note, title, "
        "summary, body, body_type, language, url, source, kind, tags, author, place, date, published_at, "
        "updated_at, publish_at, expires_at\n"
        "5 refused -: a statement is a JSON object, this is an array\n"
        "6 2021-07-20 D |  | \n");
    /* A broken first line does not take the others with it. */
    const char *broken = "{\"title\":}\n{\"title\":\"B\",\"date\":\"2021-07-22\"}\n";
    check_read(broken, strlen(broken),
               "1 refused -: not valid JSON at line 1, column 10: unexpected character, expected a valid "
               "JSON value\n"
               "2 2021-07-22 B |  | \n");
}

/* "LINE ID SOURCE TITLE", or "LINE refused FIELD: REASON". */
static bool note_id(const FormatItem *item, void *user)
{
    GString *notes = user;
    if (item->statement)
        g_string_append_printf(notes, "%u %s %s %s%s\n", item->line, item->statement->id,
                               item->statement->source, item->statement->title,
                               item->undated ? " undated" : "");
    else
        g_string_append_printf(notes, "%u refused %s: %s\n", item->line, item->field, item->reason);
    return true;
}

static void check_ids(const char *input, size_t size, const char *source, const char *expected)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    FormatContext context = {.source = source};
    bool read = formats_read_from(input, size, &context, note_id, notes, &error);
    if (error)
        fail_msg("%s", error->message);
    assert_true(read);
    assert_string_equal(notes->str, expected);
}

#define DATED "<pubDate>2021-07-23</pubDate>"

/* As a poll gives them, feed_item_id(). */
static void feeds_have_ids(void **state)
{
    (void)state;
    static const char rss[] = "<rss><channel><link>http://a.example/</link>\n"
                              "<item><title>A</title><guid>1</guid>" DATED "</item>\n"
                              "<item><title>B</title><link>b</link></item>\n"
                              "<item/>\n</channel></rss>";
    static const char koi8[] =
        "<?xml version=\"1.0\" encoding=\"koi8-r\"?>\n"
        "<rss><channel><item><title>\xf0</title><guid>1</guid>" DATED "</item></channel></rss>";
    static const char utf16[] = "\xff\xfe<\0r\0s\0s\0/\0>\0";
    static const char json[] = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[\n"
                               "{\"id\":\"1\",\"title\":\"A\",\"date_published\":\"2021-07-23\"}]}";
    g_autofree char *by_guid = feed_item_id("office", "1", "");
    g_autofree char *by_link = feed_item_id("office", "", "http://a.example/b");
    g_autofree char *of_host = feed_item_id("a.example", "1", "");
    g_autofree char *all =
        g_strdup_printf("2 %s office A\n3 %s office B undated\n"
                        "4 refused title: title: 1 to 1000 characters, this one has none\n",
                        by_guid, by_link);
    g_autofree char *one = g_strdup_printf("2 %s office П\n", by_guid);
    g_autofree char *other = g_strdup_printf("2 %s office A\n", by_guid);
    check_ids(rss, sizeof(rss) - 1, "office", all);
    check_ids(koi8, sizeof(koi8) - 1, "office", one);
    check_ids(utf16, sizeof(utf16) - 1, "office", "");
    check_ids(json, sizeof(json) - 1, "office", other);
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autofree char *start = g_strdup_printf("2 %s a.example A\n3 a-example-", of_host);
    assert_true(formats_read(rss, sizeof(rss) - 1, note_id, notes, NULL));
    assert_true(g_str_has_prefix(notes->str, start));
}

static void a_guid_for_two_links(void **state)
{
    (void)state;
    static const char rss[] =
        "<rss><channel>\n"
        "<item><title>C</title><guid>1</guid>" DATED "</item>\n"
        "<item><title>B</title><guid>1</guid><link>http://a.example/2</link>" DATED "</item>\n"
        "<item><title>A</title><guid>1</guid><link>http://a.example/1</link>" DATED "</item>\n"
        "</channel></rss>";
    g_autofree char *by_guid = feed_item_id("office", "1", "");
    g_autofree char *by_link = feed_item_id("office", "", "http://a.example/2");
    g_autofree char *expected =
        g_strdup_printf("2 refused guid: guid: another item of this feed has it, and this one has no link\n"
                        "3 %s office B\n4 %s office A\n",
                        by_link, by_guid);
    check_ids(rss, sizeof(rss) - 1, "office", expected);
}

static void a_source_for_what_names_none(void **state)
{
    (void)state;
    const char *lines = "{\"title\":\"A\",\"date\":\"2021-07-23\",\"source\":\"other\"}\n"
                        "{\"title\":\"B\",\"date\":\"2021-07-23\"}\n"
                        "{\"title\":\"https://jsonfeed.org/version/1.1\",\"date\":\"2021-07-23\"}\n";
    check_ids(lines, strlen(lines), "office",
              "1  other A\n2  office B\n3  office https://jsonfeed.org/version/1.1\n");
    check_ids("01.05.2022 - A\n", 15, "office", "1  office A\n");
}

static bool stop_at_second(const FormatItem *item, void *user)
{
    unsigned *count = user;
    (void)item;
    return ++*count < 2;
}

static void reading_stops_when_told(void **state)
{
    (void)state;
    const char *lines = "{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n";
    const char *array = "[1,2,3]";
    const char *page = "01.02.2021 - A\n02.02.2021 - B\n03.02.2021 - C\n";
    const char *feed = "<rss><channel><item/><item/><item/></channel></rss>";
    const char *inputs[] = {lines, array, page, feed};
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        unsigned count = 0;
        assert_true(formats_read(inputs[i], strlen(inputs[i]), stop_at_second, &count, NULL));
        assert_int_equal(count, 2);
    }
}

#define GAP "                                                                                          "

static const char page[] =
    "3 May 2022\n"
    "Oslo: 03:40\n"
    "Port of Spain: 21:40\n"
    "\n"
    "Harbour office:  \n"
    "+44 (0) 20 7946 0000  \n"
    "\n"
    "1238 days have passed since the lighthouse went dark - no repair yet" GAP
    "1 day has passed since the last storm\n"
    "\n\n\n"
    "The harbour master’s speech at the opening of the new pier, Port of Spain, March 25, 2022\n"
    "\n"
    "Dear guests,\n"
    "\n"
    "The pier is open. \n"
    "It is 300 metres long.\n"
    "\n\n"
    "Thank you.\n"
    "\n\n"
    "30.04.2022 - Comment by the library on its new hours\n"
    "\n"
    "The library is open until nine.\n"
    "\n"
    "29.4.2022 – Interview with the weather service, Oslo, April 28, 2022\n"
    "Question: Will it rain?\n"
    "Answer: It will.\n"
    "\n"
    "It always does.\n"
    "\n"
    "31.04.2022 - A day that is not\n"
    "\n"
    "Nothing.\n"
    "\n"
    "01.04.2022 - Tide tables\n"
    "\n"
    "High water at noon.\n"
    "\n"
    "all messages";

static const char page_items[] =
    "12 2022-03-25 The harbour master’s speech at the opening of the new pier, Port of Spain, March 25, 2022 "
    "|  | "
    "Dear guests,\n\nThe pier is open.\nIt is 300 metres long.\n\nThank you.\n"
    "23 2022-04-30 Comment by the library on its new hours | The library is open until nine. | \n"
    "27 2022-04-29 Interview with the weather service, Oslo, April 28, 2022 | Question: Will it "
    "rain?\nAnswer: It "
    "will.\n\nIt always does. | \n"
    "33 refused date: date: there is no day 31.04.2022 (DD.MM.YYYY)\n"
    "37 2022-04-01 Tide tables | High water at noon. | \n";

static void a_page_capture(void **state)
{
    (void)state;
    check_read(page, strlen(page), page_items);
}

static void a_page_capture_from_elsewhere(void **state)
{
    (void)state;
    g_autoptr(GString) windows = g_string_new("\xef\xbb\xbf");
    g_string_append(windows, page);
    g_string_replace(windows, "\n", "\r\n", 0);
    check_read(windows->str, windows->len, page_items);
}

static void check_text(const char *input, const char *expected)
{
    check_read(input, strlen(input), expected);
}

static void pages_without_some_parts(void **state)
{
    (void)state;
    /* no lead */
    check_text("3 May 2022\n\n01.05.2022 - A\n\nText.\n", "3 2022-05-01 A | Text. | \n");
    /* no top, no excerpts, no link */
    check_text("01.05.2022 - A\n02.05.2022 — B\n", "1 2022-05-01 A |  | \n2 2022-05-02 B |  | \n");
    /* a lead alone below the top; what ends it is no link */
    check_text(
        "Harbour\n\nOslo: 9:05\n\nOpening speech\nof the pier (Oslo, 1st May 2022)\n\nDear guests.\n\nA. "
        "Writer\n",
        "5 2022-05-01 Opening speech of the pier (Oslo, 1st May 2022) |  | Dear guests.\n\nA. Writer\n");
    /* a lead with no empty line below its title */
    check_text("Pier opened, 02.05.2022\nDear guests.\n\n01.05.2022 - A\n",
               "1 2022-05-02 Pier opened, 02.05.2022 |  | Dear guests.\n4 2022-05-01 A |  | \n");
    /* a contact below a lead belongs to it */
    check_text(
        "Pier opened, 2022-05-02\n\nEnquiries: +44 20 7946 0000\n\n01.05.2022 - A\n",
        "1 2022-05-02 Pier opened, 2022-05-02 |  | Enquiries: +44 20 7946 0000\n5 2022-05-01 A |  | \n");
    /* a lead without a date is not dated by a guess, and the rest is read */
    check_text(
        "3 May 2022\n\nPier opened\n\nText\n\n01.05.2022 - A\n",
        "3 refused date: date: the title of the first statement does not end with its date, for instance \", "
        "Oslo, 25 March 2021\"\n7 2022-05-01 A |  | \n");
    /* the last excerpt ends with a sentence, however short */
    check_text("01.05.2022 - A\n\nText.\n\nSee you there.\n",
               "1 2022-05-01 A | Text.\n\nSee you there. | \n");
    check_text("01.05.2022 - A\n\nmore\n", "1 2022-05-01 A |  | \n");
    /* no dated line: the day is part of a range, or the title is missing */
    check_unreadable("01.05.2022-02.05.2022 Fair\n", 27, NOT_ONE);
    check_unreadable("01.05.2022 - \n", 14, NOT_ONE);
}

static void dates_in_titles(void **state)
{
    (void)state;
    static const char *const dates[][2] = {
        {"Oslo, January 1, 2021", "2021-01-01"},
        {"Oslo, 28 Feb 2021", "2021-02-28"},
        {"Oslo, Mar. 3rd, 2021", "2021-03-03"},
        {"Oslo (22nd APRIL 2021)", "2021-04-22"},
        {"Oslo, 5 May, 2021.", "2021-05-05"},
        {"“Oslo, 6 June 2021”", "2021-06-06"},
        {"Oslo, July 7 2021", "2021-07-07"},
        {"Oslo, 8 Aug. 2021", "2021-08-08"},
        {"Oslo, Sept 9, 2021", "2021-09-09"},
        {"Oslo, 10 October 2021", "2021-10-10"},
        {"Oslo, 11.11.2021", "2021-11-11"},
        {"Oslo, 2021-12-12", "2021-12-12"},
        {"From 1 May 2021 to 2 May 2021", "2021-05-02"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        g_autofree char *input = g_strdup_printf("Oslo: 10:00\n\n%s\n\nText.\n", dates[i][0]);
        g_autofree char *expected = g_strdup_printf("3 %s %s |  | Text.\n", dates[i][1], dates[i][0]);
        check_text(input, expected);
    }
    static const char *const none[] = {
        "Oslo, 30 February 2021", "Oslo, 2021",           "Oslo, 5 May", "Oslo, 1 Juli 2021",
        "On 1 May 2021 in Oslo",  "Version 4.11.11.2021",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autofree char *input = g_strdup_printf("Oslo: 10:00\n\n%s\n\nText.\n", none[i]);
        check_text(input,
                   "3 refused date: date: the title of the first statement does not end with its date, for "
                   "instance \", Oslo, 25 March 2021\"\n");
    }
}

static PageSite *read_site(const char *text)
{
    g_autoptr(GError) error = NULL;
    PageSite *site = page_capture_site(text, strlen(text), &error);
    if (error)
        fail_msg("%s", error->message);
    assert_non_null(site);
    return site;
}

static void check_clock(const PageSite *site, unsigned i, const char *city, const char *time)
{
    const PageClock *clock = g_ptr_array_index(site->clocks, i);
    assert_string_equal(clock->city, city);
    assert_string_equal(clock->time, time);
}

static void check_counter(const PageSite *site, unsigned i, int64_t days, const char *text)
{
    const PageCounter *counter = g_ptr_array_index(site->counters, i);
    assert_int_equal(counter->days, days);
    assert_string_equal(counter->text, text);
}

static void the_top_of_a_page(void **state)
{
    (void)state;
    g_autoptr(PageSite) site = read_site(page);
    assert_null(site->title);
    assert_true(site->has_date);
    char date[CIVIL_DATE_TEXT_MAX];
    assert_string_equal(civil_date_format(site->date, date), "2022-05-03");
    assert_int_equal(site->clocks->len, 2);
    check_clock(site, 0, "Oslo", "03:40");
    check_clock(site, 1, "Port of Spain", "21:40");
    assert_string_equal(site->contact, "Harbour office: +44 (0) 20 7946 0000");
    assert_int_equal(site->counters->len, 2);
    check_counter(site, 0, 1238, "have passed since the lighthouse went dark - no repair yet");
    check_counter(site, 1, 1, "has passed since the last storm");
}

static void another_top(void **state)
{
    (void)state;
    g_autoptr(PageSite) site =
        read_site("Port Authority\n\nTuesday, 3 May 2022\nContact: harbour@example.org\n"
                  "Emergencies:\n112 112 112\n12,345 days since the founding\n\n"
                  "01.05.2022 - A\n\nOslo: 10:00\n");
    assert_string_equal(site->title, "Port Authority");
    assert_true(site->has_date);
    assert_string_equal(site->contact, "Contact: harbour@example.org, Emergencies: 112 112 112");
    assert_int_equal(site->clocks->len, 0);
    check_counter(site, 0, 12345, "since the founding");
}

static void a_top_that_is_none(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    assert_null(page_capture_site("[]", 2, &error));
    assert_true(g_str_has_prefix(error->message, "not a text capture of a page"));
}

static bool collect(const FormatItem *item, void *user)
{
    assert_non_null(item->statement);
    g_ptr_array_add(user, statement_copy(item->statement));
    return true;
}

static void free_statement(void *statement)
{
    statement_free(statement);
}

/* The page that Daywire was made for; its text is not part of the project. */
static void the_real_page(void **state)
{
    (void)state;
    const char *path = g_getenv("DAYWIRE_SAMPLE_PAGE");
    if (!path)
        skip();
    g_autofree char *text = NULL;
    size_t size = 0;
    assert_true(g_file_get_contents(path, &text, &size, NULL));
    g_autoptr(GPtrArray) statements = g_ptr_array_new_with_free_func(free_statement);
    assert_true(formats_read(text, size, collect, statements, NULL));
    assert_int_equal(statements->len, 11);
    const Statement *lead = g_ptr_array_index(statements, 0);
    assert_string_equal(lead->date, "2021-03-25");
    assert_true(strlen(lead->body) > 4000);
    assert_true(g_str_has_suffix(lead->body, "."));
    assert_string_equal(lead->summary, "");
    const char *newer = "9999-12-31";
    for (unsigned i = 1; i < statements->len; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        assert_true(strcmp(statement->date, newer) < 0);
        assert_true(strlen(statement->summary) > 100);
        assert_null(strchr(statement->summary, '\n'));
        assert_string_equal(statement->body, "");
        newer = statement->date;
    }
    g_autoptr(PageSite) site = read_site(text);
    assert_int_equal(((PageCounter *)g_ptr_array_index(site->counters, 0))->days, 1238);
    assert_int_equal(((PageCounter *)g_ptr_array_index(site->counters, 1))->days, 1230);
    assert_int_equal(site->clocks->len, 2);
    assert_non_null(site->contact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(json_arrays),
        cmocka_unit_test(one_json_object),
        cmocka_unit_test(lines_of_json),
        cmocka_unit_test(feeds_have_ids),
        cmocka_unit_test(a_guid_for_two_links),
        cmocka_unit_test(a_source_for_what_names_none),
        cmocka_unit_test(reading_stops_when_told),
        cmocka_unit_test(a_page_capture),
        cmocka_unit_test(a_page_capture_from_elsewhere),
        cmocka_unit_test(pages_without_some_parts),
        cmocka_unit_test(dates_in_titles),
        cmocka_unit_test(the_top_of_a_page),
        cmocka_unit_test(another_top),
        cmocka_unit_test(a_top_that_is_none),
        cmocka_unit_test(the_real_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
