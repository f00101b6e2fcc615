/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "common/statement_json.h"
#include "common/tick_json.h"
#include "gateway/messages_codec.h"
#include "gateway/ws_frame.h"

/* -- server messages -- */

static const char *const resumes[] = {"", "snapshot", "complete", "compacted", "reset"};
static const char *const changes[] = {"", "published", "updated", "corrected", "withdrawn"};

static json_t *new_message(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static void set_instant(json_t *object, const char *name, const Google__Protobuf__Timestamp *time)
{
    char text[INSTANT_TEXT_MAX];
    set(object, name, json_string(instant_format(instant_from_timestamp(time), 0, text)));
}

static json_t *hello_to_json(const Daywire__V1__Hello *hello)
{
    json_t *object = new_message("hello");
    set_instant(object, "time", hello->time);
    set(object, "heartbeat", json_integer(hello->heartbeat));
    set(object, "version", json_string(hello->version));
    return object;
}

static json_t *subscribed_to_json(const Daywire__V1__Subscribed *subscribed)
{
    json_t *object = new_message("subscribed");
    set(object, "id", json_integer(subscribed->id));
    set(object, "resume", json_string(resumes[subscribed->resume]));
    set(object, "cursor", json_string(subscribed->cursor));
    return object;
}

static json_t *statement_event_to_json(const Daywire__V1__StatementEvent *event)
{
    unsigned change = (unsigned)event->data->change;
    json_t *object = new_message("statement");
    set(object, "cursor", json_string(event->cursor));
    set(object, "change", json_string(change < G_N_ELEMENTS(changes) ? changes[change] : ""));
    set(object, "data", statement_to_json(event->data));
    return object;
}

static json_t *tick_event_to_json(const Daywire__V1__TickEvent *event)
{
    json_t *object = new_message("tick");
    set(object, "cursor", json_string(event->cursor));
    if (!event->removed) {
        set(object, "data", tick_to_json(event->data));
        return object;
    }
    set(object, "removed", json_true());
    set(object, "data", json_pack("{s:s}", "counter", event->data->counter));
    return object;
}

static json_t *caught_up_to_json(const Daywire__V1__CaughtUp *caught_up)
{
    json_t *object = new_message("caught_up");
    set(object, "id", json_integer(caught_up->id));
    set(object, "cursor", json_string(caught_up->cursor));
    return object;
}

static json_t *heartbeat_to_json(const Daywire__V1__Heartbeat *heartbeat)
{
    json_t *object = new_message("heartbeat");
    if (heartbeat->id != 0)
        set(object, "id", json_integer(heartbeat->id));
    set_instant(object, "time", heartbeat->time);
    set(object, "cursor", json_string(heartbeat->cursor));
    return object;
}

static json_t *error_to_json(const Daywire__V1__Error *error)
{
    json_t *object = new_message("error");
    set(object, "id", json_integer(error->id));
    set(object, "code", json_string(error->code));
    set(object, "message", json_string(error->message));
    return object;
}

static json_t *bye_to_json(const Daywire__V1__Bye *bye)
{
    json_t *object = new_message("bye");
    set(object, "code", json_string(bye->code));
    set(object, "retry_after_ms", json_integer(bye->retry_after_ms));
    set(object, "cursor", json_string(bye->cursor));
    return object;
}

static json_t *message_to_json(const ServerMessage *message)
{
    switch (message->message_case) {
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HELLO:
        return hello_to_json(message->hello);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_SUBSCRIBED:
        return subscribed_to_json(message->subscribed);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_STATEMENT:
        return statement_event_to_json(message->statement);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_TICK:
        return tick_event_to_json(message->tick);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_CAUGHT_UP:
        return caught_up_to_json(message->caught_up);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HEARTBEAT:
        return heartbeat_to_json(message->heartbeat);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_ERROR:
        return error_to_json(message->error);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_BYE:
        return bye_to_json(message->bye);
    default:
        g_assert_not_reached();
    }
}

/* jansson's own buffer would have to be copied behind the head anyway. */
static int append(const char *data, size_t size, void *user)
{
    g_byte_array_append(user, (const guint8 *)data, (guint)size);
    return 0;
}

GBytes *message_encode_json(const ServerMessage *message)
{
    enum { TYPICAL = 2048 };
    static const guint8 room[WS_FRAME_HEAD_MAX] = {0};
    GByteArray *bytes = g_byte_array_sized_new(TYPICAL);
    g_byte_array_append(bytes, room, sizeof(room));
    json_t *object = message_to_json(message);
    int result = json_dump_callback(object, append, bytes, JSON_COMPACT);
    g_assert(result == 0); /* it fails for a bad callback only */
    json_decref(object);
    uint8_t head[WS_FRAME_HEAD_MAX];
    size_t head_size = ws_frame_head(head, WS_TEXT, bytes->len - sizeof(room));
    memcpy(bytes->data + sizeof(room) - head_size, head, head_size);
    g_byte_array_remove_range(bytes, 0, (guint)(sizeof(room) - head_size));
    return g_byte_array_free_to_bytes(bytes);
}

/* -- client messages -- */

typedef struct {
    const char *name;
    ClientMessageType type;
    const char *const *members;
} MessageType;

static const char *const subscribe_members[] = {"type", "id", "channels", "filter", "since", "last", NULL};
static const char *const unsubscribe_members[] = {"type", "id", "channels", NULL};
static const char *const ping_members[] = {"type", "id", NULL};

static const MessageType message_types[] = {
    {"subscribe", CLIENT_SUBSCRIBE, subscribe_members},
    {"unsubscribe", CLIENT_UNSUBSCRIBE, unsubscribe_members},
    {"ping", CLIENT_PING, ping_members},
};

#define EXCERPT_MAX 40

/* The beginning of a text of the client's, for a message to it. */
static char *excerpt(const char *text)
{
    return g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), EXCERPT_MAX));
}

/* NULL for an absent member, and for one that is null. */
static const json_t *get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

static bool read_id(ClientMessage *message, const json_t *object, MessageFault fault)
{
    const json_t *id = get(object, "id");
    if (!id)
        return true;
    if (!json_is_integer(id))
        return client_message_refuse(fault, "bad_message", "id: an integer");
    message->id = json_integer_value(id);
    return true;
}

static const MessageType *read_type(const json_t *object, MessageFault fault)
{
    const char *name = json_string_value(json_object_get(object, "type"));
    for (size_t i = 0; name && i < G_N_ELEMENTS(message_types); i++) {
        if (strcmp(name, message_types[i].name) == 0)
            return &message_types[i];
    }
    client_message_refuse(fault, "bad_message", "type: subscribe, unsubscribe or ping");
    return NULL;
}

static bool check_members(const MessageType *type, const json_t *object, MessageFault fault)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, name, value)
    {
        if (g_strv_contains(type->members, name))
            continue;
        g_autofree char *sent = excerpt(name);
        g_autofree char *known = g_strjoinv(", ", (char **)type->members);
        return client_message_refuse(fault, "bad_message", "%s: there is no member \"%s\"; there are %s",
                                     type->name, sent, known);
    }
    return true;
}

static bool read_channels(ClientMessage *message, const json_t *object, MessageFault fault)
{
    const json_t *channels = get(object, "channels");
    if (!json_is_array(channels) || json_array_size(channels) == 0)
        return client_message_refuse(fault, "bad_channel",
                                     "channels: an array with at least one of \"statements\" and \"ticks\"");
    for (size_t i = 0; i < json_array_size(channels); i++) {
        const char *name = json_string_value(json_array_get(channels, i));
        Channel channel = 0;
        if (name && channel_parse(name, &channel)) {
            message->channels |= channel;
            continue;
        }
        g_autofree char *sent = excerpt(name ? name : "");
        return client_message_refuse(fault, "bad_channel",
                                     "channels: \"statements\" and \"ticks\", number %zu is %s%s%s", i + 1,
                                     name ? "\"" : "no string", sent, name ? "\"" : "");
    }
    return true;
}

static bool read_values(ClientMessage *message, const char *field, const json_t *values, MessageFault fault)
{
    if (!json_is_array(values))
        return client_message_refuse(fault, "bad_filter", "filter %s: an array of strings", field);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const char *value = json_string_value(json_array_get(values, i));
        if (!value)
            return client_message_refuse(
                fault, "bad_filter", "filter %s: an array of strings, number %zu is no string", field, i + 1);
        if (!client_message_add_filter(message, field, value, fault))
            return false;
    }
    return true;
}

static bool read_filter(ClientMessage *message, const json_t *object, MessageFault fault)
{
    const json_t *filter = get(object, "filter");
    if (!filter)
        return true;
    if (!json_is_object(filter))
        return client_message_refuse(fault, "bad_filter", "filter: an object");
    const char *field = NULL;
    json_t *values = NULL;
    json_object_foreach((json_t *)filter, field, values)
    {
        g_autofree char *name = excerpt(field);
        if (!filter_field_exists(field))
            return client_message_refuse(fault, "bad_filter",
                                         "filter: there is no field \"%s\"; there are " FILTER_FIELDS, name);
        if (!json_is_null(values) && !read_values(message, field, values, fault))
            return false;
    }
    return true;
}

static bool read_since(ClientMessage *message, const json_t *object, MessageFault fault)
{
    const json_t *since = get(object, "since");
    if (!since)
        return true;
    if (!json_is_string(since))
        return client_message_refuse(fault, "bad_cursor", "since: a cursor, which is a string");
    return client_message_set_since(message, json_string_value(since), fault);
}

static bool read_last(ClientMessage *message, const json_t *object, MessageFault fault)
{
    const json_t *last = get(object, "last");
    if (!last)
        return true;
    if (!json_is_integer(last))
        return client_message_refuse(fault, "bad_message", "last: an integer");
    return client_message_set_last(message, json_integer_value(last), fault);
}

static bool read_object(ClientMessage *message, const json_t *object, MessageFault fault)
{
    if (!json_is_object(object))
        return client_message_refuse(fault, "bad_message", "a message is a JSON object");
    if (!read_id(message, object, fault))
        return false;
    const MessageType *type = read_type(object, fault);
    if (!type || !check_members(type, object, fault))
        return false;
    message->type = type->type;
    if (type->type == CLIENT_PING)
        return true;
    if (!read_channels(message, object, fault))
        return false;
    return type->type == CLIENT_UNSUBSCRIBE ||
           (read_filter(message, object, fault) && read_since(message, object, fault) &&
            read_last(message, object, fault));
}

bool client_message_read_json(ClientMessage *message, const void *data, size_t size, MessageFault fault)
{
    json_error_t where;
    json_t *object = json_loadb(data, size, JSON_REJECT_DUPLICATES, &where);
    if (!object) {
        g_autofree char *reason = g_utf8_make_valid(where.text, -1);
        return client_message_refuse(fault, "bad_message", "not valid JSON at byte %d: %s", where.position,
                                     reason);
    }
    bool good = read_object(message, object, fault);
    json_decref(object);
    return good;
}
