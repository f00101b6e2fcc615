/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of an event travel as headers of the record, its data as the record's value: plain protobuf
 * that every tool can decode. `buf.registry.value.schema.message` names the message for tools that look for
 * it.
 *
 * A record read from the bus may come from anybody: its key and value are checked here, its headers are only
 * kept. */
#include "common/bus_record.h"

#include "common/error.h"
#include "common/statement_rules.h"

#define SCHEMA            "urn:daywire:schema:"
#define STATEMENT_MESSAGE "daywire.v1.Statement"
#define TICK_MESSAGE      "daywire.v1.Tick"

/* `name` is static. `value` is not copied: it is static, or in the memory of one of the record's headers. */
static void add_header(BusRecord *record, const char *name, const char *value)
{
    g_assert(record->header_count < BUS_HEADERS_MAX);
    record->headers[record->header_count++] = (BusHeader){.name = name, .value = value};
}

/* The record of an event without data: all attributes but those that describe the data. `source` and `type` are
 * static. */
static BusRecord *event_new(const char *topic, const char *key, const char *id, const char *source,
                            const char *type, Instant time)
{
    size_t id_size = strlen(id) + 1;
    size_t key_size = strlen(key) + 1;
    /* One piece of memory for all that headers have which is not static. */
    char *id_text = g_malloc(id_size + key_size + INSTANT_TEXT_MAX);
    char *key_text = memcpy(id_text + id_size, key, key_size);
    char *time_text = key_text + key_size;
    BusRecord *record = g_new0(BusRecord, 1);
    memcpy(id_text, id, id_size);
    record->topic = g_strdup(topic);
    record->partition = -1;
    record->offset = -1;
    record->key = g_bytes_new(key, key_size - 1);
    add_header(record, "ce_specversion", "1.0");
    add_header(record, "ce_id", id_text);
    record->headers[record->header_count - 1].memory = id_text;
    add_header(record, "ce_source", source);
    add_header(record, "ce_type", type);
    add_header(record, "ce_time", instant_format(time, 0, time_text));
    add_header(record, "ce_partitionkey", key_text);
    return record;
}

/* Takes over `value`. `schema` and `message` are static. */
static void add_data(BusRecord *record, GBytes *value, const char *schema, const char *message)
{
    record->value = value;
    add_header(record, "ce_dataschema", schema);
    add_header(record, "content-type", "application/protobuf");
    add_header(record, "buf.registry.value.schema.message", message);
}

static const char *statement_event_type(const Statement *statement)
{
    switch (statement->change) {
    case STATEMENT_CHANGE_UPDATED:
        return "io.daywire.statement.updated.v1";
    case STATEMENT_CHANGE_CORRECTED:
        return "io.daywire.statement.corrected.v1";
    case STATEMENT_CHANGE_WITHDRAWN:
        return "io.daywire.statement.withdrawn.v1";
    default: /* a valid statement is PUBLISHED here */
        return "io.daywire.statement.published.v1";
    }
}

char *statement_event_id(const Statement *statement)
{
    return g_strdup_printf("%s/%u", statement->id, statement->revision);
}

char *tick_event_id(const Tick *tick)
{
    return g_strdup_printf("%s/%s/%u", tick->counter, tick->date, tick->revision);
}

BusRecord *bus_record_from_statement(const char *topic, const Statement *statement, GBytes *packed,
                                     Instant time)
{
    g_autofree char *id = statement_event_id(statement);
    BusRecord *record =
        event_new(topic, statement->id, id, "/daywire/ingest", statement_event_type(statement), time);
    add_data(record, packed ? g_bytes_ref(packed) : statement_pack(statement), SCHEMA STATEMENT_MESSAGE,
             STATEMENT_MESSAGE);
    return record;
}

BusRecord *bus_record_from_tick(const char *topic, const Tick *tick, Instant time)
{
    g_autofree char *id = tick_event_id(tick);
    BusRecord *record =
        event_new(topic, tick->counter, id, "/daywire/counter", "io.daywire.counter.tick.v1", time);
    add_data(record, tick_pack(tick), SCHEMA TICK_MESSAGE, TICK_MESSAGE);
    return record;
}

/* A counter can be removed, added and removed again: the time tells the removals apart. */
BusRecord *bus_record_counter_removed(const char *topic, const char *counter, Instant time)
{
    char time_text[INSTANT_TEXT_MAX];
    g_autofree char *id = g_strdup_printf("%s/removed/%s", counter, instant_format(time, 0, time_text));
    return event_new(topic, counter, id, "/daywire/counter", "io.daywire.counter.removed.v1", time);
}

const char *bus_record_header(const BusRecord *record, const char *name)
{
    for (size_t i = 0; i < record->header_count; i++)
        if (strcmp(record->headers[i].name, name) == 0)
            return record->headers[i].value;
    return NULL;
}

char *bus_record_key(const BusRecord *record)
{
    if (!record->key)
        return NULL;
    size_t size = 0;
    const char *data = g_bytes_get_data(record->key, &size);
    if (size == 0 || size > STATEMENT_ID_MAX || memchr(data, '\0', size))
        return NULL;
    g_autofree char *text = g_strndup(data, size);
    return id_is_valid(text, STATEMENT_ID_MAX) ? g_steal_pointer(&text) : NULL;
}

/* Whether the key is `id`, and `id` is one that we would write. */
static bool check_key(const BusRecord *record, const char *id, size_t max, GError **error)
{
    g_autofree char *key = bus_record_key(record);
    if (key && strlen(key) <= max && strcmp(key, id) == 0)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the record's key is not the id of its value");
    return false;
}

static const void *value_data(const BusRecord *record, size_t *ret_size, GError **error)
{
    if (!record->value) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the record is a tombstone");
        return NULL;
    }
    const void *data = g_bytes_get_data(record->value, ret_size);
    return data ? data : ""; /* GBytes has NULL for no bytes */
}

Statement *bus_record_statement(const BusRecord *record, GError **error)
{
    size_t size = 0;
    const void *data = value_data(record, &size, error);
    if (!data)
        return NULL;
    g_autoptr(Statement) statement = statement_unpack(data, size, error);
    if (!statement || !check_key(record, statement->id, STATEMENT_ID_MAX, error))
        return NULL;
    return g_steal_pointer(&statement);
}

Tick *bus_record_tick(const BusRecord *record, GError **error)
{
    size_t size = 0;
    const void *data = value_data(record, &size, error);
    if (!data)
        return NULL;
    g_autoptr(Tick) tick = tick_unpack(data, size, error);
    if (!tick || !check_key(record, tick->counter, COUNTER_ID_MAX, error))
        return NULL;
    return g_steal_pointer(&tick);
}

void bus_record_free(BusRecord *record)
{
    if (!record)
        return;
    for (size_t i = 0; i < record->header_count; i++)
        g_free(record->headers[i].memory);
    g_clear_pointer(&record->key, g_bytes_unref);
    g_clear_pointer(&record->value, g_bytes_unref);
    g_free(record->topic);
    g_free(record);
}
