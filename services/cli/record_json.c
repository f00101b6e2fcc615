/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_json.h"

#include "common/statement_json.h"
#include "common/tick_json.h"

/* Anybody may write to the topics: what is not UTF-8 is shown with replacement characters, and of headers that have one
 * name the last one. */
static yyjson_mut_val *headers_to_json(const BusRecord *record, yyjson_mut_doc *doc)
{
    yyjson_mut_val *headers = yyjson_mut_obj(doc);
    for (size_t i = 0; i < record->header_count; i++) {
        const BusHeader *header = &record->headers[i];
        yyjson_mut_obj_put(headers, json_text(doc, header->name), json_text(doc, header->value));
    }
    return headers;
}

static yyjson_mut_val *key_to_json(const BusRecord *record, yyjson_mut_doc *doc)
{
    if (!record->key)
        return yyjson_mut_null(doc);
    size_t size = 0;
    const char *data = g_bytes_get_data(record->key, &size);
    g_autofree char *text = g_utf8_make_valid(data ? data : "", (gssize)size);
    return yyjson_mut_strcpy(doc, text);
}

static yyjson_mut_val *data_to_json(const BusRecord *record, RecordKind kind, yyjson_mut_doc *doc,
                                    GError **error)
{
    if (kind == RECORD_STATEMENT) {
        g_autoptr(Statement) statement = bus_record_statement(record, error);
        return statement ? statement_to_json(statement, doc) : yyjson_mut_null(doc);
    }
    g_autoptr(Tick) tick = bus_record_tick(record, error);
    return tick ? tick_to_json(tick, doc) : yyjson_mut_null(doc);
}

yyjson_mut_val *record_to_json(const BusRecord *record, RecordKind kind, yyjson_mut_doc *doc)
{
    g_autoptr(GError) error = NULL;
    yyjson_mut_val *data = record->value ? data_to_json(record, kind, doc, &error) : yyjson_mut_null(doc);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_val(doc, object, "topic", json_text(doc, record->topic));
    yyjson_mut_obj_add_int(doc, object, "partition", record->partition);
    yyjson_mut_obj_add_int(doc, object, "offset", record->offset);
    yyjson_mut_obj_add_val(doc, object, "timestamp", json_instant(doc, record->timestamp, 0));
    yyjson_mut_obj_add_val(doc, object, "key", key_to_json(record, doc));
    yyjson_mut_obj_add_val(doc, object, "headers", headers_to_json(record, doc));
    yyjson_mut_obj_add_val(doc, object, "data", data);
    if (error)
        yyjson_mut_obj_add_val(doc, object, "problem", json_text(doc, error->message));
    return object;
}
