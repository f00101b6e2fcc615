/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <jansson.h>

#include "cli/commands.h"
#include "cli/fake_ingest.h"
#include "common/formats/feed.h"
#include "folder.h"

/* Every statement is new, but those titled "old" and "bad". */
static int answer(const FakeRequest *request, GString *body, void *user)
{
    (void)user;
    g_auto(GStrv) lines = g_strsplit(request->body, "\n", -1);
    for (unsigned i = 0; lines[i] && *lines[i]; i++) {
        json_t *statement = json_loads(lines[i], 0, NULL);
        const char *title = json_string_value(json_object_get(statement, "title"));
        const char *rest = strcmp(title, "old") == 0   ? "200,\"result\":\"unchanged\""
                           : strcmp(title, "bad") == 0 ? "409,\"detail\":\"the id is taken\""
                                                       : "201";
        g_string_append_printf(body, "{\"line\":%u,\"status\":%s}\n", i + 1, rest);
        json_decref(statement);
    }
    return 200;
}

typedef struct {
    FakeIngest *fake;
    char *folder;
    char *first; /* a file */
    char *second;
    Printed printed;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->fake = fake_ingest_start(answer, NULL);
    fixture->folder = folder_new();
    fixture->first = g_build_filename(fixture->folder, "first", NULL);
    fixture->second = g_build_filename(fixture->folder, "second", NULL);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    fake_ingest_stop(fixture->fake);
    folder_remove(fixture->folder);
    g_free(fixture->first);
    g_free(fixture->second);
    printed_clear(&fixture->printed);
    g_free(fixture);
    return 0;
}

#define RUN(...)                                                                                             \
    run_command(command_import, (const char *const[]){"import", __VA_ARGS__, NULL}, &fixture->printed)
#define SERVER(fixture_)                                                                                     \
    "--server", fake_ingest_address((fixture_)->fake), "--token-file",                                       \
        fake_ingest_token_file((fixture_)->fake)

static void write_file(const char *path, const char *text)
{
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void check_text(const char *text, const char *format, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(format, "FILE", -1);
    g_autofree char *expected = g_strjoinv(path, parts);
    assert_string_equal(text, expected);
}

static const char page[] = "3 May 2022\n"
                           "Oslo: 03:40\n"
                           "5 days have passed since the storm\n"
                           "\n"
                           "Pier opened, Oslo, 2 May 2022\n"
                           "\n"
                           "Dear guests.\n"
                           "\n"
                           "01.05.2022 - Library hours\n"
                           "\n"
                           "Open until nine.\n";

static void all_is_taken(void **state)
{
    Fixture *fixture = *state;
    write_file(fixture->first, page);
    write_file(fixture->second, "[{\"title\":\"old\",\"date\":\"2021-07-23\"}]");
    assert_int_equal(RUN(SERVER(fixture), fixture->first, fixture->second), 0);
    assert_string_equal(fixture->printed.err, "");
    assert_string_equal(fixture->printed.out, "3 read: 2 created, 0 updated, 1 unchanged, 0 refused\n");
}

static void what_is_refused_is_told_with_its_line(void **state)
{
    Fixture *fixture = *state;
    write_file(fixture->first, "{\"title\":\"A\",\"date\":\"2021-07-23\"}\n"
                               "{\"title\":\"A\",\"date\":\"2021-07-32\"}\n"
                               "\n"
                               "{\"title\":\"bad\",\"date\":\"2021-07-23\"}\n"
                               "{\"title\":\n");
    assert_int_equal(RUN(SERVER(fixture), fixture->first), 1);
    check_text(fixture->printed.err,
               "FILE:2: date: a day of the calendar as YYYY-MM-DD, this one is \"2021-07-32\"\n"
               "FILE:5: not valid JSON at line 5, column 10: unexpected end of data\n"
               "FILE:4: the id is taken\n",
               fixture->first);
    assert_string_equal(fixture->printed.out, "4 read: 1 created, 0 updated, 0 unchanged, 3 refused\n");
}

static void a_file_that_is_none_of_the_formats(void **state)
{
    Fixture *fixture = *state;
    write_file(fixture->first, "Some letter");
    assert_int_equal(RUN(SERVER(fixture), fixture->first), 2);
    check_text(fixture->printed.err,
               "daywire import: FILE: not one of: a feed (RSS, RDF, Atom, JSON Feed); JSON (an array of "
               "statements, one statement, or one a line); text capture of a page (its lines `DD.MM.YYYY - "
               "Title`, or its date, clocks and counters, were not found)\n",
               fixture->first);
    write_file(fixture->first, "<html></html>");
    assert_int_equal(RUN(SERVER(fixture), fixture->first), 2);
    check_text(fixture->printed.err,
               "daywire import: FILE: XML, but no feed: its first element is <html>, not <rss>, <rdf:RDF> or "
               "<feed>\n",
               fixture->first);
    assert_int_equal(RUN(SERVER(fixture), fixture->second), 2);
    check_text(fixture->printed.err, "daywire import: FILE: No such file or directory\n", fixture->second);
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
}

#define DATED "<pubDate>2021-07-23</pubDate>"

static void feeds(void **state)
{
    Fixture *fixture = *state;
    write_file(fixture->first, "<rss><channel>\n"
                               "<item><title>A</title><guid>1</guid>" DATED "</item>\n"
                               "<item><title>B</title><guid>2</guid><pubDate>soon</pubDate></item>\n"
                               "<item><title>old</title><guid>3</guid>" DATED "</item>\n"
                               "</channel></rss>");
    assert_int_equal(RUN(SERVER(fixture), "--source", "office", fixture->first), 1);
    check_text(fixture->printed.err, "FILE:3: published_at: no date in a known form: \"soon\"\n",
               fixture->first);
    assert_string_equal(fixture->printed.out, "3 read: 1 created, 0 updated, 1 unchanged, 1 refused\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 1);
    assert_int_equal(RUN("--dry-run", "--source", "office", fixture->first), 1);
    g_autofree char *id = feed_item_id("office", "1", "");
    g_autofree char *start = g_strdup_printf("{\"id\":\"%s\",\"revision\":0,", id);
    assert_true(g_str_has_prefix(fixture->printed.out, start));
    assert_non_null(strstr(fixture->printed.out, "\"source\":\"office\""));
}

/* Knows one statement and its date. Notes what is sent. */
static int answer_known(const FakeRequest *request, GString *body, void *user)
{
    GString *sent = user;
    g_autofree char *known = feed_item_id("office", "1", "");
    if (strcmp(request->method, "GET") != 0) {
        g_string_append(sent, request->body);
        return answer(request, body, NULL);
    }
    if (!g_str_has_suffix(request->path, known)) {
        g_string_append(body, "there is no statement with this id");
        return 404;
    }
    g_string_append(body, "{\"state\":\"stored\",\"statement\":{\"date\":\"2020-01-02\","
                          "\"published_at\":\"2020-01-02T03:04:05+01:00\"}}");
    return 200;
}

static void undated_items_keep_the_date_that_they_got(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GString) sent = g_string_new(NULL);
    FakeIngest *fake = fake_ingest_start(answer_known, sent);
    write_file(fixture->first, "<rss><channel><pubDate>2021-07-01</pubDate>\n"
                               "<item><title>A</title><guid>1</guid></item>\n"
                               "<item><title>B</title><guid>2</guid></item>\n"
                               "</channel></rss>");
    assert_int_equal(RUN("--server", fake_ingest_address(fake), "--token-file", fake_ingest_token_file(fake),
                         "--source", "office", fixture->first),
                     0);
    assert_string_equal(fixture->printed.err, "");
    assert_int_equal(fake_ingest_count(fake), 3);
    const char *second = strchr(sent->str, '\n');
    assert_non_null(
        strstr(sent->str, "\"date\":\"2020-01-02\",\"published_at\":\"2020-01-02T03:04:05+01:00\""));
    assert_non_null(strstr(second, "\"date\":\"2021-07-01\",\"published_at\":null"));
    fake_ingest_stop(fake);
    /* A dry run asks nobody. */
    assert_int_equal(RUN("--dry-run", "--source", "office", fixture->first), 0);
    assert_non_null(strstr(fixture->printed.out, "\"date\":\"2021-07-01\",\"published_at\":null"));
}

static int answer_nothing(const FakeRequest *request, GString *body, void *user)
{
    (void)request;
    (void)user;
    g_string_append(body, "this token may not read");
    return 403;
}

static void a_server_that_does_not_tell_the_date(void **state)
{
    Fixture *fixture = *state;
    FakeIngest *fake = fake_ingest_start(answer_nothing, NULL);
    write_file(fixture->first, "<rss><channel><item><title>A</title><guid>1</guid></item></channel></rss>");
    assert_int_equal(RUN("--server", fake_ingest_address(fake), "--token-file", fake_ingest_token_file(fake),
                         "--source", "office", fixture->first),
                     2);
    fake_ingest_stop(fake);
    g_autofree char *id = feed_item_id("office", "1", "");
    g_autofree char *expected = g_strdup_printf(
        "daywire import: FILE: %s has no date of its own, and the server does not tell the one that "
        "it has: this token may not read\n",
        id);
    check_text(fixture->printed.err, expected, fixture->first);
}

static void no_server(void **state)
{
    Fixture *fixture = *state;
    write_file(fixture->first, page);
    assert_int_equal(RUN("--server", "http://127.0.0.1:1", "--token-file",
                         fake_ingest_token_file(fixture->fake), fixture->first),
                     2);
    g_autofree char *expected = g_strdup_printf(
        "daywire import: %s: cannot reach http://127.0.0.1:1: is daywire-ingest running? (", fixture->first);
    assert_true(g_str_has_prefix(fixture->printed.err, expected));
    assert_string_equal(fixture->printed.out, "2 read: 0 created, 0 updated, 0 unchanged, 0 refused\n");
}

static void a_dry_run_needs_no_server(void **state)
{
    Fixture *fixture = *state;
    write_file(
        fixture->first,
        "[{\"title\":\"Öffnung\",\"date\":\"2021-07-23\"},\n{\"title\":\"\",\"date\":\"2021-07-23\"}]");
    assert_int_equal(RUN("--dry-run", fixture->first), 1);
    assert_string_equal(
        fixture->printed.out,
        "{\"id\":null,\"revision\":0,\"status\":\"usable\",\"change\":null,\"note\":null,"
        "\"title\":\"Öffnung\",\"summary\":null,\"body\":null,\"body_type\":null,\"language\":null,"
        "\"url\":null,\"source\":null,\"kind\":null,\"tags\":[],\"author\":null,\"place\":null,"
        "\"date\":\"2021-07-23\",\"published_at\":null,\"updated_at\":null}\n");
    check_text(fixture->printed.err,
               "FILE:2: title: 1 to 1000 characters, this one has none\n2 read: 1 good, 1 refused\n",
               fixture->first);
    /* What it prints can be imported. */
    write_file(fixture->second, fixture->printed.out);
    assert_int_equal(RUN("--dry-run", fixture->second), 0);
    assert_int_equal(fake_ingest_count(fixture->fake), 0);
}

static void the_site_is_printed_as_configuration(void **state)
{
    Fixture *fixture = *state;
    static const char groups[] =
        "[site]\n"
        "# title =\n"
        "clock.Oslo = Europe/Oslo\n"
        "# the zone of the page's date: check it\n"
        "time-zone = Europe/Oslo\n"
        "\n"
        "[counter storm]\n"
        "since = 2022-04-28\n"
        "# the zone in which its days begin: check it\n"
        "time-zone = Europe/Oslo\n"
        "label.en = {days, plural, one {# day has} other {# days have}} passed since the storm\n"
        "\n";
    write_file(fixture->first, page);
    assert_int_equal(RUN("--site", SERVER(fixture), fixture->first), 0);
    assert_string_equal(fixture->printed.out, groups);
    assert_string_equal(fixture->printed.err, "2 read: 2 created, 0 updated, 0 unchanged, 0 refused\n");
    assert_int_equal(RUN("--site", "--dry-run", fixture->first), 0);
    assert_string_equal(fixture->printed.out, groups);
    assert_string_equal(fixture->printed.err, "2 read: 2 good, 0 refused\n");
    write_file(fixture->second, "[]");
    assert_int_equal(RUN("--site", "--dry-run", fixture->second), 2);
}

static void nothing_to_import(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--dry-run"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire import: name the files to import; -: standard input\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_is_told_with_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_none_of_the_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(feeds, setup, teardown),
        cmocka_unit_test_setup_teardown(undated_items_keep_the_date_that_they_got, setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_that_does_not_tell_the_date, setup, teardown),
        cmocka_unit_test_setup_teardown(no_server, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_needs_no_server, setup, teardown),
        cmocka_unit_test_setup_teardown(the_site_is_printed_as_configuration, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_to_import, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
