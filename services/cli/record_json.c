/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_json.h"

#include "common/statement_json.h"
#include "common/tick_json.h"

/* Anybody may write to the topics: what is not UTF-8 is shown with replacement characters. */
static json_t *text_to_json(const char *data, size_t size)
{
    g_autofree char *text = g_utf8_make_valid(data, (gssize)size);
    return json_string(text);
}

static json_t *headers_to_json(const BusRecord *record)
{
    json_t *headers = json_object();
    for (size_t i = 0; i < record->header_count; i++) {
        const BusHeader *header = &record->headers[i];
        g_autofree char *name = g_utf8_make_valid(header->name, -1);
        json_object_set_new(headers, name, text_to_json(header->value, strlen(header->value)));
    }
    return headers;
}

static json_t *key_to_json(const BusRecord *record)
{
    if (!record->key)
        return json_null();
    size_t size = 0;
    const char *data = g_bytes_get_data(record->key, &size);
    return text_to_json(data ? data : "", size);
}

static json_t *data_to_json(const BusRecord *record, RecordKind kind, GError **error)
{
    if (kind == RECORD_STATEMENT) {
        g_autoptr(Statement) statement = bus_record_statement(record, error);
        return statement ? statement_to_json(statement) : json_null();
    }
    g_autoptr(Tick) tick = bus_record_tick(record, error);
    return tick ? tick_to_json(tick) : json_null();
}

json_t *record_to_json(const BusRecord *record, RecordKind kind)
{
    char time[INSTANT_TEXT_MAX];
    g_autoptr(GError) error = NULL;
    json_t *object = json_object();
    json_object_set_new(object, "topic", json_string(record->topic));
    json_object_set_new(object, "partition", json_integer(record->partition));
    json_object_set_new(object, "offset", json_integer(record->offset));
    json_object_set_new(object, "timestamp", json_string(instant_format(record->timestamp, 0, time)));
    json_object_set_new(object, "key", key_to_json(record));
    json_object_set_new(object, "headers", headers_to_json(record));
    json_object_set_new(object, "data", record->value ? data_to_json(record, kind, &error) : json_null());
    if (error)
        json_object_set_new(object, "problem", json_string(error->message));
    return object;
}
