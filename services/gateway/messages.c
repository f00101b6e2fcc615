/* SPDX-License-Identifier: Apache-2.0 */
/* Server messages are put together once, as the structs of stream.proto; each codec writes them its way. What
 * they point to is borrowed for the time of the call. */
#include "gateway/messages.h"

#include "common/error.h"
#include "gateway/cursor.h"
#include "gateway/messages_codec.h"

#define MS_PER_SECOND 1000

static GBytes *encode(Format format, const ServerMessage *message)
{
    return format == FORMAT_JSON ? message_encode_json(message) : message_encode_proto(message);
}

/* protobuf-c's strings are not const, and never NULL. */
static char *text(const char *value)
{
    return value && *value ? (char *)value : (char *)protobuf_c_empty_string;
}

static Google__Protobuf__Timestamp timestamp(Instant instant)
{
    g_autofree Google__Protobuf__Timestamp *copy = instant_to_timestamp(instant);
    return *copy;
}

GBytes *message_hello(Format format, Instant now, int64_t heartbeat_ms, const char *version)
{
    Google__Protobuf__Timestamp time = timestamp(now);
    Daywire__V1__Hello hello = DAYWIRE__V1__HELLO__INIT;
    hello.time = &time;
    hello.heartbeat = (uint32_t)((heartbeat_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
    hello.version = text(version);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HELLO;
    message.hello = &hello;
    return encode(format, &message);
}

GBytes *message_subscribed(Format format, int64_t id, Resume resume, const char *cursor)
{
    Daywire__V1__Subscribed subscribed = DAYWIRE__V1__SUBSCRIBED__INIT;
    subscribed.id = id;
    subscribed.resume = (Daywire__V1__Resume)(resume + DAYWIRE__V1__RESUME__RESUME_SNAPSHOT);
    subscribed.cursor = text(cursor);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_SUBSCRIBED;
    message.subscribed = &subscribed;
    return encode(format, &message);
}

GBytes *message_caught_up(Format format, int64_t id, const char *cursor)
{
    Daywire__V1__CaughtUp caught_up = DAYWIRE__V1__CAUGHT_UP__INIT;
    caught_up.id = id;
    caught_up.cursor = text(cursor);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_CAUGHT_UP;
    message.caught_up = &caught_up;
    return encode(format, &message);
}

GBytes *message_heartbeat(Format format, int64_t id, Instant now, const char *cursor)
{
    Google__Protobuf__Timestamp time = timestamp(now);
    Daywire__V1__Heartbeat heartbeat = DAYWIRE__V1__HEARTBEAT__INIT;
    heartbeat.id = id;
    heartbeat.time = &time;
    heartbeat.cursor = text(cursor);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HEARTBEAT;
    message.heartbeat = &heartbeat;
    return encode(format, &message);
}

GBytes *message_error(Format format, int64_t id, const char *code, const char *reason)
{
    g_autofree char *valid = g_utf8_make_valid(reason ? reason : "", -1);
    Daywire__V1__Error refused = DAYWIRE__V1__ERROR__INIT;
    refused.id = id;
    refused.code = text(code);
    refused.message = text(valid);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_ERROR;
    message.error = &refused;
    return encode(format, &message);
}

GBytes *message_bye(Format format, const char *code, unsigned retry_after_ms, const char *cursor)
{
    Daywire__V1__Bye bye = DAYWIRE__V1__BYE__INIT;
    bye.code = text(code);
    bye.retry_after_ms = retry_after_ms;
    bye.cursor = text(cursor);
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_BYE;
    message.bye = &bye;
    return encode(format, &message);
}

GBytes *message_event_at(Format format, const Event *event, const char *cursor)
{
    ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    Daywire__V1__StatementEvent statement = DAYWIRE__V1__STATEMENT_EVENT__INIT;
    Daywire__V1__TickEvent tick = DAYWIRE__V1__TICK_EVENT__INIT;
    if (event_statement(event)) {
        statement.cursor = text(cursor);
        statement.data = (Statement *)event_statement(event);
        message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_STATEMENT;
        message.statement = &statement;
    } else {
        tick.cursor = text(cursor);
        tick.data = (Tick *)event_tick(event);
        tick.removed = event_is_removal(event);
        message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_TICK;
        message.tick = &tick;
    }
    return encode(format, &message);
}

GBytes *message_event(Format format, const Event *event)
{
    return message_event_at(format, event, event_cursor(event));
}

bool client_message_refuse(MessageFault fault, const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    *fault.code = code;
    g_set_error_literal(fault.error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, reason);
    return false;
}

bool client_message_add_filter(ClientMessage *message, const char *field, const char *value,
                               MessageFault fault)
{
    if (!message->filter)
        message->filter = filter_new();
    *fault.code = "bad_filter";
    return filter_add(message->filter, field, value, fault.error);
}

/* "" stands for none. */
bool client_message_set_since(ClientMessage *message, const char *since, MessageFault fault)
{
    if (strlen(since) > CURSOR_TEXT_MAX || !g_utf8_validate(since, -1, NULL))
        return client_message_refuse(fault, "bad_cursor", "since: a cursor, which has at most %d bytes",
                                     CURSOR_TEXT_MAX);
    message->since = *since ? g_strdup(since) : NULL;
    return true;
}

bool client_message_set_last(ClientMessage *message, int64_t last, MessageFault fault)
{
    if (last < 0 || last > SUBSCRIBE_LAST_MAX)
        return client_message_refuse(fault, "bad_message", "last: 0 to %d, this one is %" G_GINT64_FORMAT,
                                     SUBSCRIBE_LAST_MAX, last);
    message->last = (unsigned)last;
    return true;
}

ClientMessage *client_message_parse(Format format, const void *data, size_t size, const char **ret_code,
                                    int64_t *ret_id, GError **error)
{
    g_autoptr(ClientMessage) message = g_new0(ClientMessage, 1);
    const char *code = "bad_message";
    const MessageFault fault = {.code = &code, .error = error};
    bool good = format == FORMAT_JSON ? client_message_read_json(message, data, size, fault)
                                      : client_message_read_proto(message, data, size, fault);
    *ret_id = message->id;
    if (good)
        return g_steal_pointer(&message);
    *ret_code = code;
    return NULL;
}

void client_message_free(ClientMessage *message)
{
    if (!message)
        return;
    filter_free(message->filter);
    g_free(message->since);
    g_free(message);
}
