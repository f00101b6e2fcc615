/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "cli/commands.h"
#include "cli/fake_ingest.h"
#include "common/kafka_fixture.h"
#include "gateway/cursor.h"

static BusRecord *statement_record(unsigned number)
{
    g_autofree char *id = g_strdup_printf("harbour-%u", number);
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->id, id);
    statement->revision = 1;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    message_set_string(&statement->title, "The harbour opens");
    message_set_string(&statement->date, "2021-07-23");
    return bus_record_from_statement(STATEMENTS_TOPIC, statement, NULL, INT64_C(1627038000000000));
}

static int setup(void **state)
{
    if (kafka_fixture_setup(state))
        return -1;
    const KafkaFixture *fixture = *state;
    BusRecord *records[] = {statement_record(1), statement_record(2), statement_record(3),
                            bus_record_counter_removed(TICKS_TOPIC, "sample", INT64_C(1627038000000000))};
    send_all(fixture->config, records, G_N_ELEMENTS(records));
    for (size_t i = 0; i < G_N_ELEMENTS(records); i++)
        bus_record_free(records[i]);
    return 0;
}

/* To the end of what is there. */
static int tail(const KafkaFixture *fixture, const char *from, const char *topic, Printed *printed)
{
    const char *argv[] = {"tail",
                          "--exit-at-end",
                          "--brokers",
                          config_string(fixture->config, "kafka", "bootstrap.servers"),
                          "--from",
                          from,
                          topic ? "--topic" : NULL,
                          topic,
                          NULL};
    return run_command(command_tail, argv, printed);
}

static unsigned count_lines(const char *text, const char *topic)
{
    unsigned count = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        json_t *object = json_loads(*line, 0, NULL);
        assert_non_null(object);
        count += strcmp(json_string_value(json_object_get(object, "topic")), topic) == 0 ? 1 : 0;
        json_decref(object);
    }
    return count;
}

static void everything_from_the_beginning(void **state)
{
    g_auto(Printed) printed = {0};
    assert_int_equal(tail(*state, "beginning", NULL, &printed), 0);
    assert_string_equal(printed.err, "");
    assert_int_equal(count_lines(printed.out, STATEMENTS_TOPIC), 3);
    assert_int_equal(count_lines(printed.out, TICKS_TOPIC), 1);
    for (unsigned i = 1; i <= 3; i++) {
        g_autofree char *id = g_strdup_printf("\"ce_id\":\"harbour-%u/1\"", i);
        assert_non_null(strstr(printed.out, id));
    }
    assert_non_null(strstr(printed.out, "\"data\":{\"id\":\"harbour-1\",\"revision\":1,"));
}

static void one_topic(void **state)
{
    static const char *const names[] = {"ticks", TICKS_TOPIC};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_auto(Printed) printed = {0};
        assert_int_equal(tail(*state, "beginning", names[i], &printed), 0);
        assert_int_equal(count_lines(printed.out, STATEMENTS_TOPIC), 0);
        assert_int_equal(count_lines(printed.out, TICKS_TOPIC), 1);
    }
    g_auto(Printed) printed = {0};
    assert_int_equal(tail(*state, "beginning", "news", &printed), 2);
    assert_string_equal(
        printed.err, "daywire tail: --topic news: statements or ticks (daywire.statements, daywire.ticks)\n");
}

static void nothing_from_the_end(void **state)
{
    g_auto(Printed) printed = {0};
    assert_int_equal(tail(*state, "end", NULL, &printed), 0);
    assert_string_equal(printed.out, "");
}

/* A cursor of this log whose partitions all stand at `offset`, or at their end where that is less. */
static char *cursor_at(const KafkaFixture *fixture, int64_t offset)
{
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    size_t count = 0;
    const KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    g_autofree Cursor *cursor =
        cursor_new(cursor_epoch(kafka_reader_cluster(reader), STATEMENTS_TOPIC, TICKS_TOPIC), count);
    for (size_t i = 0; i < count; i++)
        cursor->positions[i].offset = MIN(offset, partitions[i].high);
    return cursor_format(cursor);
}

static void what_follows_a_cursor(void **state)
{
    g_autofree char *start = cursor_at(*state, 0);
    g_auto(Printed) all = {0};
    assert_int_equal(tail(*state, start, NULL, &all), 0);
    assert_int_equal(count_lines(all.out, STATEMENTS_TOPIC) + count_lines(all.out, TICKS_TOPIC), 4);
    g_autofree char *end = cursor_at(*state, 100);
    g_auto(Printed) none = {0};
    assert_int_equal(tail(*state, end, NULL, &none), 0);
    assert_string_equal(none.out, "");
}

static void cursors_of_no_use(void **state)
{
    g_auto(Printed) nonsense = {0};
    assert_int_equal(tail(*state, "yesterday", NULL, &nonsense), 2);
    assert_string_equal(
        nonsense.err,
        "daywire tail: --from yesterday: beginning, end, or a cursor as the gateway gives them\n");
    g_autofree Cursor *foreign = cursor_new(cursor_epoch("elsewhere", STATEMENTS_TOPIC, TICKS_TOPIC), 4);
    g_autofree char *text = cursor_format(foreign);
    g_autofree char *expected =
        g_strdup_printf("daywire tail: --from %s: this cursor belongs to another log (the broker or "
                        "its topics were replaced)\n",
                        text);
    g_auto(Printed) other = {0};
    assert_int_equal(tail(*state, text, NULL, &other), 2);
    assert_string_equal(other.err, expected);
}

int main(void)
{
    /* The embedded broker answers a fetch that finds nothing after this time. */
    g_setenv("DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS", "10", TRUE);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_from_the_beginning, setup, kafka_fixture_teardown),
        cmocka_unit_test_setup_teardown(one_topic, setup, kafka_fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_from_the_end, setup, kafka_fixture_teardown),
        cmocka_unit_test_setup_teardown(what_follows_a_cursor, setup, kafka_fixture_teardown),
        cmocka_unit_test_setup_teardown(cursors_of_no_use, setup, kafka_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
