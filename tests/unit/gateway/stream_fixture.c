/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_fixture.h"

#include "unit.h"

#include <glib/gstdio.h>

#include "gateway/ws_frame.h"

Statement *make_statement(const char *id, unsigned revision, const char *title)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, id);
    statement->revision = revision;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2024-05-01");
    return statement;
}

Statement *make_withdrawal(const char *id, unsigned revision)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, id);
    statement->revision = revision;
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&statement->note, "Published by mistake.");
    return statement;
}

Tick *make_tick(const char *counter, const char *date, unsigned revision)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, counter);
    tick->revision = revision;
    message_set_string(&tick->date, date);
    message_set_string(&tick->since, "2018-03-04");
    message_set_string(&tick->time_zone, "Europe/London");
    tick->days = 1238;
    tick_add_label(tick, "en", "1,238 days have passed since the harbour opened");
    return tick;
}

BusRecord *make_record(Statement *statement, Tick *tick, const char *key, int32_t partition, int64_t offset,
                       Instant time)
{
    BusRecord *record = statement ? bus_record_from_statement(STATEMENTS, statement, NULL, time)
                        : tick    ? bus_record_from_tick(TICKS, tick, time)
                                  : bus_record_counter_removed(TICKS, key, time);
    record->partition = partition;
    record->offset = offset;
    record->timestamp = time;
    statement_free(statement);
    tick_free(tick);
    return record;
}

Cursor *make_cursor(uint32_t epoch, int64_t statements, int64_t ticks)
{
    Cursor *cursor = cursor_new(epoch, 2);
    cursor->positions[0].offset = statements;
    cursor->positions[1].offset = ticks;
    return cursor;
}

char *cursor_text(uint32_t epoch, int64_t statements, int64_t ticks)
{
    g_autofree Cursor *cursor = make_cursor(epoch, statements, ticks);
    return cursor_format(cursor);
}

GBytes *frame_payload(GBytes *frame, unsigned *ret_opcode)
{
    size_t size = 0;
    const uint8_t *data = g_bytes_get_data(frame, &size);
    assert_true(size >= 2);
    assert_int_equal(data[0] & 0xf0, 0x80); /* final, no extension */
    assert_int_equal(data[1] & 0x80, 0);    /* not masked */
    size_t head = 2;
    uint64_t length = data[1];
    if (length >= 126) {
        size_t bytes = length == 126 ? 2 : 8;
        assert_true(size >= head + bytes);
        length = 0;
        for (size_t i = 0; i < bytes; i++)
            length = length << 8 | data[head++];
        assert_true(length >= (bytes == 2 ? 126 : 65536)); /* the shortest form, as RFC 6455 wants it */
    }
    assert_int_equal(size, head + length);
    if (ret_opcode)
        *ret_opcode = data[0] & 0xf;
    return g_bytes_new_from_bytes(frame, head, length);
}

json_t *frame_json(GBytes *frame)
{
    unsigned opcode = 0;
    g_autoptr(GBytes) payload = frame_payload(frame, &opcode);
    assert_int_equal(opcode, WS_TEXT);
    size_t size = 0;
    const char *text = g_bytes_get_data(payload, &size);
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

char *frame_text(GBytes *frame)
{
    g_autoptr(GBytes) payload = frame_payload(frame, NULL);
    size_t size = 0;
    const char *text = g_bytes_get_data(payload, &size);
    return g_strndup(text, size);
}

char *text_of(GBytes *bytes)
{
    size_t size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    char *text = g_strndup(data, size);
    assert_int_equal(strlen(text), size);
    g_bytes_unref(bytes);
    return text;
}
