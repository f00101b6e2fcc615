/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/bus_record.h"
#include "common/error.h"

#define TIME INT64_C(1627041600123456) /* 2021-07-23T12:00:00.123456Z */

static Statement *sample_statement(unsigned change)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, "berth-7");
    message_set_string(&statement->title, "Berth 7 is open again");
    message_set_string(&statement->date, "2021-07-23");
    statement->revision = 3;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = change;
    return statement;
}

static Tick *sample_tick(void)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, "harbour");
    message_set_string(&tick->date, "2021-07-24");
    tick->revision = 2;
    tick->days = 1238;
    tick_add_label(tick, "en", "1,238 days");
    return tick;
}

static void assert_header(const BusRecord *record, const char *name, const char *value)
{
    const char *found = bus_record_header(record, name);
    if (!found)
        fail_msg("no header %s", name);
    assert_string_equal(found, value);
}

static void test_statement_headers(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = sample_statement(STATEMENT_CHANGE_CORRECTED);
    g_autoptr(BusRecord) record = bus_record_from_statement("daywire.statements", statement, NULL, TIME);
    assert_string_equal(record->topic, "daywire.statements");
    assert_int_equal(record->partition, -1);
    assert_int_equal(record->offset, -1);
    assert_int_equal(record->timestamp, 0);
    assert_memory_equal(g_bytes_get_data(record->key, NULL), "berth-7", 7);
    assert_int_equal(g_bytes_get_size(record->key), 7);
    assert_int_equal(record->header_count, 9);
    assert_header(record, "ce_specversion", "1.0");
    assert_header(record, "ce_id", "berth-7/3");
    assert_header(record, "ce_source", "/daywire/ingest");
    assert_header(record, "ce_type", "io.daywire.statement.corrected.v1");
    assert_header(record, "ce_time", "2021-07-23T12:00:00.123456Z");
    assert_header(record, "ce_dataschema", "urn:daywire:schema:daywire.v1.Statement");
    assert_header(record, "ce_partitionkey", "berth-7");
    assert_header(record, "content-type", "application/protobuf");
    assert_header(record, "buf.registry.value.schema.message", "daywire.v1.Statement");
    assert_null(bus_record_header(record, "ce_subject"));
}

static void test_statement_types(void **state)
{
    (void)state;
    static const struct {
        unsigned change;
        const char *type;
    } cases[] = {
        {STATEMENT_CHANGE_PUBLISHED, "io.daywire.statement.published.v1"},
        {STATEMENT_CHANGE_UPDATED, "io.daywire.statement.updated.v1"},
        {STATEMENT_CHANGE_CORRECTED, "io.daywire.statement.corrected.v1"},
        {STATEMENT_CHANGE_WITHDRAWN, "io.daywire.statement.withdrawn.v1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Statement) statement = sample_statement(cases[i].change);
        g_autoptr(BusRecord) record = bus_record_from_statement("t", statement, NULL, TIME);
        assert_header(record, "ce_type", cases[i].type);
    }
}

static void test_tick_headers(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = sample_tick();
    g_autoptr(BusRecord) record = bus_record_from_tick("daywire.ticks", tick, TIME);
    assert_int_equal(record->header_count, 9);
    assert_header(record, "ce_specversion", "1.0");
    assert_header(record, "ce_id", "harbour/2021-07-24/2");
    assert_header(record, "ce_source", "/daywire/counter");
    assert_header(record, "ce_type", "io.daywire.counter.tick.v1");
    assert_header(record, "ce_dataschema", "urn:daywire:schema:daywire.v1.Tick");
    assert_header(record, "ce_partitionkey", "harbour");
    assert_header(record, "buf.registry.value.schema.message", "daywire.v1.Tick");
}

static void test_removed_counter(void **state)
{
    (void)state;
    g_autoptr(BusRecord) record = bus_record_counter_removed("daywire.ticks", "harbour", TIME);
    assert_null(record->value);
    assert_header(record, "ce_type", "io.daywire.counter.removed.v1");
    assert_header(record, "ce_source", "/daywire/counter");
    assert_header(record, "ce_partitionkey", "harbour");
    assert_null(bus_record_header(record, "content-type"));
    assert_null(bus_record_header(record, "ce_dataschema"));
    g_autofree char *key = bus_record_key(record);
    assert_string_equal(key, "harbour");
    /* Removed twice: two events. */
    g_autoptr(BusRecord) later = bus_record_counter_removed("daywire.ticks", "harbour", TIME + 1);
    assert_string_not_equal(bus_record_header(record, "ce_id"), bus_record_header(later, "ce_id"));
}

static void test_round_trip(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = sample_statement(STATEMENT_CHANGE_PUBLISHED);
    g_autoptr(BusRecord) record = bus_record_from_statement("t", statement, NULL, TIME);
    g_autoptr(Statement) back = bus_record_statement(record, &error);
    assert_null(error);
    assert_non_null(back);
    assert_true(statement_same_content(statement, back));
    assert_int_equal(back->revision, 3);

    g_autoptr(Tick) tick = sample_tick();
    g_autoptr(BusRecord) tick_record = bus_record_from_tick("t", tick, TIME);
    g_autoptr(Tick) tick_back = bus_record_tick(tick_record, &error);
    assert_non_null(tick_back);
    assert_int_equal(tick_back->days, 1238);
    assert_string_equal(tick_label(tick_back, "en"), "1,238 days");
}

static void assert_refused(const BusRecord *record, const char *reason)
{
    g_autoptr(GError) error = NULL;
    assert_null(bus_record_statement(record, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    if (!strstr(error->message, reason))
        fail_msg("\"%s\" does not say \"%s\"", error->message, reason);
}

static void test_foreign_records_are_refused(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = sample_statement(STATEMENT_CHANGE_PUBLISHED);

    g_autoptr(BusRecord) other_key = bus_record_from_statement("t", statement, NULL, TIME);
    g_bytes_unref(other_key->key);
    other_key->key = g_bytes_new_static("berth-8", 7);
    assert_refused(other_key, "key");

    g_autoptr(BusRecord) no_key = bus_record_from_statement("t", statement, NULL, TIME);
    g_clear_pointer(&no_key->key, g_bytes_unref);
    assert_refused(no_key, "key");

    g_autoptr(BusRecord) tombstone = bus_record_from_statement("t", statement, NULL, TIME);
    g_clear_pointer(&tombstone->value, g_bytes_unref);
    assert_refused(tombstone, "tombstone");

    g_autoptr(BusRecord) garbage = bus_record_from_statement("t", statement, NULL, TIME);
    g_bytes_unref(garbage->value);
    garbage->value = g_bytes_new_static("\xff\xff\xff", 3);
    assert_refused(garbage, "");

    g_autoptr(BusRecord) nothing = bus_record_from_statement("t", statement, NULL, TIME);
    g_bytes_unref(nothing->value);
    nothing->value = g_bytes_new_static("", 0);
    assert_refused(nothing, "key"); /* a message without an id */
}

static void test_key_as_text(void **state)
{
    (void)state;
    g_autofree char *long_id = g_strnfill(200, 'a');
    g_autofree char *too_long = g_strnfill(201, 'a');
    static const char with_nul[] = {'a', '\0', 'b'};
    const struct {
        const char *key;
        size_t size;
        bool valid;
    } cases[] = {
        {"2021-07-23_a.b~c", 16, true},
        {long_id, 200, true},
        {too_long, 201, false},
        {"", 0, false},
        {"a b", 3, false},
        {"\xc3\xa4", 2, false},
        {with_nul, 3, false},
        {"a/b", 3, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(BusRecord) record = bus_record_counter_removed("t", "x", TIME);
        g_bytes_unref(record->key);
        record->key = g_bytes_new(cases[i].key, cases[i].size);
        g_autofree char *text = bus_record_key(record);
        if (cases[i].valid)
            assert_string_equal(text, cases[i].key);
        else
            assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement_headers), cmocka_unit_test(test_statement_types),
        cmocka_unit_test(test_tick_headers),      cmocka_unit_test(test_removed_counter),
        cmocka_unit_test(test_round_trip),        cmocka_unit_test(test_foreign_records_are_refused),
        cmocka_unit_test(test_key_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
