/* SPDX-License-Identifier: Apache-2.0 */
#include "common/statement_json.h"
#include "common/text.h"
#include "common/tick_json.h"
#include "gateway/messages_codec.h"
#include "gateway/ws_frame.h"

/* -- server messages -- */

static const char *const resumes[] = {"", "snapshot", "complete", "compacted", "reset"};
static const char *const changes[] = {"", "published", "updated", "corrected", "withdrawn"};

static yyjson_mut_val *new_message(yyjson_mut_doc *doc, const char *type)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_str(doc, object, "type", type);
    return object;
}

static void add_instant(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name,
                        const Google__Protobuf__Timestamp *time)
{
    yyjson_mut_obj_add_val(doc, object, name, json_instant(doc, instant_from_timestamp(time), 0));
}

/* It may come from the view's file, which may be damaged: then it is no cursor, but a text. */
static void add_cursor(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *cursor)
{
    yyjson_mut_obj_add_val(doc, object, "cursor", json_text(doc, cursor));
}

static yyjson_mut_val *hello_to_json(const Daywire__V1__Hello *hello, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "hello");
    add_instant(doc, object, "time", hello->time);
    yyjson_mut_obj_add_int(doc, object, "heartbeat", hello->heartbeat);
    yyjson_mut_obj_add_str(doc, object, "version", hello->version);
    return object;
}

static yyjson_mut_val *subscribed_to_json(const Daywire__V1__Subscribed *subscribed, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "subscribed");
    yyjson_mut_obj_add_int(doc, object, "id", subscribed->id);
    yyjson_mut_obj_add_str(doc, object, "resume", resumes[subscribed->resume]);
    add_cursor(doc, object, subscribed->cursor);
    return object;
}

static yyjson_mut_val *statement_event_to_json(const Daywire__V1__StatementEvent *event, yyjson_mut_doc *doc)
{
    unsigned change = (unsigned)event->data->change;
    yyjson_mut_val *object = new_message(doc, "statement");
    add_cursor(doc, object, event->cursor);
    yyjson_mut_obj_add_str(doc, object, "change", change < G_N_ELEMENTS(changes) ? changes[change] : "");
    yyjson_mut_obj_add_val(doc, object, "data", statement_to_json(event->data, doc));
    return object;
}

static yyjson_mut_val *tick_event_to_json(const Daywire__V1__TickEvent *event, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "tick");
    add_cursor(doc, object, event->cursor);
    if (!event->removed) {
        yyjson_mut_obj_add_val(doc, object, "data", tick_to_json(event->data, doc));
        return object;
    }
    yyjson_mut_obj_add_true(doc, object, "removed");
    yyjson_mut_val *data = yyjson_mut_obj_add_obj(doc, object, "data");
    yyjson_mut_obj_add_val(doc, data, "counter", json_text(doc, event->data->counter));
    return object;
}

static yyjson_mut_val *caught_up_to_json(const Daywire__V1__CaughtUp *caught_up, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "caught_up");
    yyjson_mut_obj_add_int(doc, object, "id", caught_up->id);
    add_cursor(doc, object, caught_up->cursor);
    return object;
}

static yyjson_mut_val *heartbeat_to_json(const Daywire__V1__Heartbeat *heartbeat, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "heartbeat");
    if (heartbeat->id != 0)
        yyjson_mut_obj_add_int(doc, object, "id", heartbeat->id);
    add_instant(doc, object, "time", heartbeat->time);
    add_cursor(doc, object, heartbeat->cursor);
    return object;
}

static yyjson_mut_val *error_to_json(const Daywire__V1__Error *error, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "error");
    yyjson_mut_obj_add_int(doc, object, "id", error->id);
    yyjson_mut_obj_add_str(doc, object, "code", error->code);
    yyjson_mut_obj_add_val(doc, object, "message", json_text(doc, error->message));
    return object;
}

static yyjson_mut_val *bye_to_json(const Daywire__V1__Bye *bye, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = new_message(doc, "bye");
    yyjson_mut_obj_add_str(doc, object, "code", bye->code);
    yyjson_mut_obj_add_int(doc, object, "retry_after_ms", bye->retry_after_ms);
    add_cursor(doc, object, bye->cursor);
    return object;
}

static yyjson_mut_val *message_to_json(const ServerMessage *message, yyjson_mut_doc *doc)
{
    switch (message->message_case) {
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HELLO:
        return hello_to_json(message->hello, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_SUBSCRIBED:
        return subscribed_to_json(message->subscribed, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_STATEMENT:
        return statement_event_to_json(message->statement, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_TICK:
        return tick_event_to_json(message->tick, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_CAUGHT_UP:
        return caught_up_to_json(message->caught_up, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HEARTBEAT:
        return heartbeat_to_json(message->heartbeat, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_ERROR:
        return error_to_json(message->error, doc);
    case DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_BYE:
        return bye_to_json(message->bye, doc);
    default:
        g_assert_not_reached();
    }
}

GBytes *message_encode_json(const ServerMessage *message)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    size_t size = 0;
    g_autofree char *text = json_write(message_to_json(message, doc), &size);
    uint8_t head[WS_FRAME_HEAD_MAX];
    size_t head_size = ws_frame_head(head, WS_TEXT, size);
    uint8_t *frame = g_malloc(head_size + size);
    memcpy(frame, head, head_size);
    memcpy(frame + head_size, text, size);
    return g_bytes_new_take(frame, head_size + size);
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

/* NULL for an absent member, and for one that is null. */
static yyjson_val *get(yyjson_val *object, const char *name)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    return yyjson_is_null(value) ? NULL : value;
}

static bool read_id(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    yyjson_val *id = get(object, "id");
    return !id || json_get_integer(id, &message->id) ||
           client_message_refuse(fault, "bad_message", "id: an integer");
}

static const MessageType *read_type(yyjson_val *object, MessageFault fault)
{
    const char *name = yyjson_get_str(yyjson_obj_get(object, "type"));
    for (size_t i = 0; name && i < G_N_ELEMENTS(message_types); i++) {
        if (strcmp(name, message_types[i].name) == 0)
            return &message_types[i];
    }
    client_message_refuse(fault, "bad_message", "type: subscribe, unsubscribe or ping");
    return NULL;
}

static bool check_members(const MessageType *type, yyjson_val *object, MessageFault fault)
{
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *value = NULL;
    yyjson_obj_foreach(object, i, count, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (g_strv_contains(type->members, name))
            continue;
        g_autofree char *sent = text_excerpt(name);
        g_autofree char *known = g_strjoinv(", ", (char **)type->members);
        return client_message_refuse(fault, "bad_message", "%s: there is no member \"%s\"; there are %s",
                                     type->name, sent, known);
    }
    return true;
}

static bool read_channels(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    yyjson_val *channels = get(object, "channels");
    if (yyjson_arr_size(channels) == 0)
        return client_message_refuse(fault, "bad_channel",
                                     "channels: an array with at least one of \"statements\" and \"ticks\"");
    size_t i = 0, count = 0;
    yyjson_val *value = NULL;
    yyjson_arr_foreach(channels, i, count, value)
    {
        const char *name = yyjson_get_str(value);
        Channel channel = 0;
        if (name && channel_parse(name, &channel)) {
            message->channels |= channel;
            continue;
        }
        g_autofree char *sent = text_excerpt(name ? name : "");
        return client_message_refuse(fault, "bad_channel",
                                     "channels: \"statements\" and \"ticks\", number %zu is %s%s%s", i + 1,
                                     name ? "\"" : "no string", sent, name ? "\"" : "");
    }
    return true;
}

static bool read_values(ClientMessage *message, const char *field, yyjson_val *values, MessageFault fault)
{
    if (!yyjson_is_arr(values))
        return client_message_refuse(fault, "bad_filter", "filter %s: an array of strings", field);
    size_t i = 0, count = 0;
    yyjson_val *value = NULL;
    yyjson_arr_foreach(values, i, count, value)
    {
        if (!yyjson_is_str(value))
            return client_message_refuse(
                fault, "bad_filter", "filter %s: an array of strings, number %zu is no string", field, i + 1);
        if (!client_message_add_filter(message, field, yyjson_get_str(value), fault))
            return false;
    }
    return true;
}

static bool read_filter(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    yyjson_val *filter = get(object, "filter");
    if (!filter)
        return true;
    if (!yyjson_is_obj(filter))
        return client_message_refuse(fault, "bad_filter", "filter: an object");
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *values = NULL;
    yyjson_obj_foreach(filter, i, count, key, values)
    {
        const char *field = yyjson_get_str(key);
        g_autofree char *sent = text_excerpt(field);
        if (!filter_field_exists(field))
            return client_message_refuse(fault, "bad_filter",
                                         "filter: there is no field \"%s\"; there are " FILTER_FIELDS, sent);
        if (!yyjson_is_null(values) && !read_values(message, field, values, fault))
            return false;
    }
    return true;
}

static bool read_since(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    yyjson_val *since = get(object, "since");
    if (!since)
        return true;
    if (!yyjson_is_str(since))
        return client_message_refuse(fault, "bad_cursor", "since: a cursor, which is a string");
    return client_message_set_since(message, yyjson_get_str(since), fault);
}

static bool read_last(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    yyjson_val *last = get(object, "last");
    int64_t number = 0;
    if (!last)
        return true;
    if (!json_get_integer(last, &number))
        return client_message_refuse(fault, "bad_message", "last: an integer");
    return client_message_set_last(message, number, fault);
}

static bool read_object(ClientMessage *message, yyjson_val *object, MessageFault fault)
{
    if (!yyjson_is_obj(object))
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
    *fault.code = "bad_message";
    g_autoptr(yyjson_doc) doc = json_read(data, size, 1, fault.error);
    return doc && read_object(message, yyjson_doc_get_root(doc), fault);
}
