/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "cli/record_json.h"

static char *print(const BusRecord *record, RecordKind kind)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    return json_write(record_to_json(record, kind, doc), NULL);
}

static json_t *read_again(const BusRecord *record, RecordKind kind)
{
    g_autofree char *text = print(record, kind);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    return object;
}

static BusRecord *placed(BusRecord *record)
{
    record->partition = 2;
    record->offset = 41;
    record->timestamp = INT64_C(1627038000250000);
    return record;
}

static void a_statement(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->id, "harbour-1");
    statement->revision = 1;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    message_set_string(&statement->title, "The harbour opens");
    message_set_string(&statement->date, "2021-07-23");
    g_autoptr(BusRecord) record =
        placed(bus_record_from_statement("daywire.statements", statement, NULL, INT64_C(1627038000000000)));
    g_autofree char *text = print(record, RECORD_STATEMENT);
    assert_string_equal(
        text,
        "{\"topic\":\"daywire.statements\",\"partition\":2,\"offset\":41,\"timestamp\":\"2021-07-23T11:00:00."
        "250Z\","
        "\"key\":\"harbour-1\",\"headers\":{\"ce_specversion\":\"1.0\",\"ce_id\":\"harbour-1/1\","
        "\"ce_source\":\"/daywire/ingest\",\"ce_type\":\"io.daywire.statement.published.v1\","
        "\"ce_time\":\"2021-07-23T11:00:00Z\",\"ce_partitionkey\":\"harbour-1\","
        "\"ce_dataschema\":\"urn:daywire:schema:daywire.v1.Statement\",\"content-type\":\"application/"
        "protobuf\","
        "\"buf.registry.value.schema.message\":\"daywire.v1.Statement\"},\"data\":{\"id\":\"harbour-1\","
        "\"revision\":1,"
        "\"status\":\"usable\",\"change\":\"published\",\"note\":null,\"title\":\"The harbour "
        "opens\",\"summary\":null,"
        "\"body\":null,\"body_type\":null,\"language\":null,\"url\":null,\"source\":null,\"kind\":null,"
        "\"tags\":[],"
        "\"author\":null,\"place\":null,\"date\":\"2021-07-23\",\"published_at\":null,\"updated_at\":null}}");
}

static void a_tombstone(void **state)
{
    (void)state;
    g_autoptr(BusRecord) record =
        placed(bus_record_counter_removed("daywire.ticks", "sample", INT64_C(1627038000000000)));
    json_t *object = read_again(record, RECORD_TICK);
    assert_string_equal(json_string_value(json_object_get(object, "key")), "sample");
    assert_true(json_is_null(json_object_get(object, "data")));
    assert_null(json_object_get(object, "problem"));
    json_decref(object);
}

static void what_somebody_else_wrote(void **state)
{
    (void)state;
    BusRecord *record = g_new0(BusRecord, 1);
    record->topic = g_strdup("daywire.ticks");
    record->key = g_bytes_new("a\xff\0b", 4);
    record->value = g_bytes_new("\xff\xff", 2);
    record->headers[0] = (BusHeader){.name = "x\xff", .value = "y\xff"};
    record->headers[1] = (BusHeader){.name = "x\xfe", .value = "z\xff"};
    record->headers[2] = (BusHeader){.name = "w", .value = "w"};
    record->header_count = 3;
    json_t *object = read_again(record, RECORD_TICK);
    assert_true(json_is_null(json_object_get(object, "data")));
    assert_true(json_is_string(json_object_get(object, "problem")));
    assert_string_equal(json_string_value(json_object_get(object, "key")), "a\uFFFD\uFFFDb");
    /* The second "x\uFFFD" is in place of the first. */
    const json_t *headers = json_object_get(object, "headers");
    assert_int_equal(json_object_size(headers), 2);
    assert_string_equal(json_string_value(json_object_get(headers, "x\uFFFD")), "z\uFFFD");
    assert_string_equal(json_string_value(json_object_get(headers, "w")), "w");
    json_decref(object);
    bus_record_free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement),
        cmocka_unit_test(a_tombstone),
        cmocka_unit_test(what_somebody_else_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
