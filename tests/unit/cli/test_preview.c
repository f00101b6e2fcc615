/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <jansson.h>

#include "cli/commands.h"
#include "cli/fake_ingest.h"
#include "common/tick_json.h"
#include "folder.h"

static const char groups[] = "[counter lighthouse]\n"
                             "since = 2018-03-04\n"
                             "time-zone = Europe/London\n"
                             "label.en = {days, plural, one {# day has} other {# days have}} passed since "
                             "the lighthouse''s lamp was lit\n"
                             "label.ru = {days, plural, one {# день} few {# дня} other {# дней}}\n"
                             "[counter fair]\n"
                             "until = 2021-08-01\n"
                             "label.en = the fair\n";

typedef struct {
    char *folder;
    char *path;
    Printed printed;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->folder = folder_new();
    fixture->path = g_build_filename(fixture->folder, "daywire.conf", NULL);
    *state = fixture;
    return g_file_set_contents(fixture->path, groups, -1, NULL) ? 0 : -1;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    folder_remove(fixture->folder);
    g_free(fixture->path);
    printed_clear(&fixture->printed);
    g_free(fixture);
    return 0;
}

#define RUN(...)                                                                                             \
    run_command(command_preview, (const char *const[]){"preview", __VA_ARGS__, NULL}, &fixture->printed)

/* Whether the line is a tick, the very text that is printed of it. */
static void assert_is_tick(const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(yyjson_doc) doc = json_read(line, strlen(line), 0, &error);
    g_autoptr(Tick) tick = doc ? tick_from_json(yyjson_doc_get_root(doc), &field, &error) : NULL;
    if (!tick)
        fail_msg("%s: %s", line, error->message);
    g_autoptr(yyjson_mut_doc) again = json_new();
    g_autofree char *text = json_write(tick_to_json(tick, again), NULL);
    assert_string_equal(text, line);
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    g_autofree char *others = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    assert_string_equal(others, line);
}

/* How many ticks were printed, one a line. */
static size_t count_ticks(const Fixture *fixture)
{
    g_auto(GStrv) lines = g_strsplit(fixture->printed.out, "\n", -1);
    size_t count = g_strv_length(lines) - 1;
    assert_string_equal(lines[count], "");
    for (size_t i = 0; i < count; i++)
        assert_is_tick(lines[i]);
    return count;
}

static void one_counter_on_one_day(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-07-24", "--to", "2021-07-24", "--counter",
                         "lighthouse"),
                     0);
    assert_string_equal(fixture->printed.err, "");
    assert_string_equal(
        fixture->printed.out,
        "{\"counter\":\"lighthouse\",\"revision\":1,\"days\":1238,\"date\":\"2021-07-24\",\"since\":\"2018-"
        "03-04\","
        "\"until\":null,\"time_zone\":\"Europe/London\",\"label\":{\"en\":\"1,238 days have passed since the "
        "lighthouse's "
        "lamp was lit\",\"ru\":\"1\u00a0238 "
        "дней\"},\"elapsed\":{\"years\":3,\"months\":4,\"days\":20},\"anniversary\":null,"
        "\"milestone\":false,\"effective_at\":\"2021-07-23T23:00:00Z\",\"next_at\":\"2021-07-24T23:00:00Z\","
        "\"emitted_at\":\"2021-07-23T23:00:00Z\",\"late\":false}\n");
    assert_int_equal(count_ticks(fixture), 1);
}

static void all_counters_on_some_days(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-07-30", "--to", "2021-08-02"), 0);
    assert_int_equal(count_ticks(fixture), 8);
    g_auto(GStrv) lines = g_strsplit(fixture->printed.out, "\n", -1);
    assert_true(g_str_has_prefix(lines[1],
                                 "{\"counter\":\"fair\",\"revision\":1,\"days\":2,\"date\":\"2021-07-30\""));
    assert_true(g_str_has_prefix(lines[7],
                                 "{\"counter\":\"fair\",\"revision\":1,\"days\":-1,\"date\":\"2021-08-02\""));
}

/* Days before and after the origin, its anniversaries, both sorts of counter, the ends of the calendar. */
static void what_is_printed_can_be_read(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--from", "2018-01-01", "--to", "2021-12-31"), 0);
    assert_int_equal(count_ticks(fixture), 2 * 1461);
    assert_int_equal(RUN("--config", fixture->path, "--from", "0001-01-02", "--to", "0001-01-03"), 0);
    assert_int_equal(count_ticks(fixture), 4);
    assert_int_equal(RUN("--config", fixture->path, "--from", "9999-12-30", "--to", "9999-12-30"), 0);
    assert_int_equal(count_ticks(fixture), 2);
}

static void as_a_table(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-03-04", "--to", "2021-03-04", "--format",
                         "table", "--language", "ru-RU"),
                     0);
    assert_string_equal(fixture->printed.out,
                        "DATE        COUNTER         DAYS               LABEL\n"
                        "2021-03-04  lighthouse      1096  anniversary  1\u00a0096 дней\n"
                        "2021-03-04  fair             150               the fair\n");
}

static void as_a_calendar(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-01-01", "--to", "2022-12-31", "--format",
                         "ics", "--counter", "lighthouse"),
                     0);
    g_auto(GStrv) events = g_strsplit(fixture->printed.out, "BEGIN:VEVENT", -1);
    assert_int_equal(g_strv_length(events), 3);
    assert_true(g_str_has_suffix(events[0], "\r\nX-WR-CALNAME:Daywire: lighthouse\r\n"));
    assert_non_null(strstr(events[1], "\r\nDTSTART;VALUE=DATE:20210304\r\n"));
    assert_non_null(strstr(events[1], "SUMMARY;LANGUAGE=en:1\\,096 days have passed since"));
    assert_non_null(strstr(events[2], "\r\nDTSTART;VALUE=DATE:20220304\r\n"));
    assert_true(g_str_has_suffix(events[2], "\r\nEND:VCALENDAR\r\n"));
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2021-01-01", "--to", "2021-01-02", "--format", "ics"), 0);
    assert_null(strstr(fixture->printed.out, "BEGIN:VEVENT"));
}

static void formats_and_their_bounds_are_told(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2021-01-01", "--to", "2021-01-02", "--format", "xml"), 2);
    assert_string_equal(fixture->printed.err, "daywire preview: --format xml: one of ndjson, table, ics\n");
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2021-01-01", "--to", "2021-01-02", "--language", "en"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire preview: --language: NDJSON has all languages; this is for "
                        "--format table and ics\n");
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-01-01", "--to", "2021-01-02", "--format",
                         "ics", "--language", "?"),
                     2);
    assert_string_equal(fixture->printed.err,
                        "daywire preview: --language: a BCP 47 tag such as en or pt-BR\n");
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2001-01-01", "--to", "2101-01-02", "--format", "ics"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire preview: a calendar has at most 36525 days, a hundred years\n");
    assert_true(g_file_set_contents(
        fixture->path, "[counter a]\nsince = 2000-01-01\nlabel.en = a\nmilestones = every day\n", -1, NULL));
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2001-01-01", "--to", "2051-01-01", "--format", "ics"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire preview: a calendar has at most 10000 events; take a shorter "
                        "range, or one --counter\n");
    assert_string_equal(fixture->printed.out, "");
}

static void mistakes_are_told(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--config", fixture->path, "--to", "2021-08-02"), 2);
    assert_string_equal(fixture->printed.err, "daywire preview: --from YYYY-MM-DD is needed\n");
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-08-32", "--to", "2021-08-02"), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire preview: --from 2021-08-32: a day of the calendar as YYYY-MM-DD\n");
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-08-03", "--to", "2021-08-02"), 2);
    assert_string_equal(fixture->printed.err, "daywire preview: 2021-08-02 is before 2021-08-03\n");
    assert_int_equal(
        RUN("--config", fixture->path, "--from", "2021-08-01", "--to", "2021-08-02", "--counter", "fairy"),
        2);
    assert_string_equal(
        fixture->printed.err,
        "daywire preview: the configuration has no counter \"fairy\"; did you mean \"fair\"?\n");
    assert_int_equal(RUN("--from", "2021-08-01", "--to", "2021-08-02"), 2);
    assert_string_equal(
        fixture->printed.err,
        "daywire preview: the configuration has no counters; --config names the file with its "
        "[counter NAME] groups\n");
    assert_true(g_file_set_contents(fixture->path, "[counter a]\nsince = 2021-02-29\n", -1, NULL));
    assert_int_equal(RUN("--config", fixture->path, "--from", "2021-08-01", "--to", "2021-08-02"), 2);
    g_autofree char *expected = g_strdup_printf("daywire preview: %s:2: [counter a] since: ", fixture->path);
    assert_true(g_str_has_prefix(fixture->printed.err, expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_counter_on_one_day, setup, teardown),
        cmocka_unit_test_setup_teardown(all_counters_on_some_days, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_printed_can_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(as_a_table, setup, teardown),
        cmocka_unit_test_setup_teardown(as_a_calendar, setup, teardown),
        cmocka_unit_test_setup_teardown(formats_and_their_bounds_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
