/* SPDX-License-Identifier: Apache-2.0 */
/* Unknown fields of a client message are passed over, as protobuf's rules of evolution want it. */
#include "gateway/messages_codec.h"
#include "gateway/ws_frame.h"

typedef Daywire__V1__ClientMessage WireMessage;

static void wire_message_free(WireMessage *wire)
{
    daywire__v1__client_message__free_unpacked(wire, NULL);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WireMessage, wire_message_free)

GBytes *message_encode_proto(const ServerMessage *message)
{
    size_t size = daywire__v1__server_message__get_packed_size(message);
    uint8_t head[WS_FRAME_HEAD_MAX];
    size_t head_size = ws_frame_head(head, WS_BINARY, size);
    uint8_t *frame = g_malloc(head_size + size);
    memcpy(frame, head, head_size);
    daywire__v1__server_message__pack(message, frame + head_size);
    return g_bytes_new_take(frame, head_size + size);
}

static bool read_channels(ClientMessage *message, const Daywire__V1__Channel *channels, size_t count,
                          MessageFault fault)
{
    for (size_t i = 0; i < count; i++) {
        if (channels[i] == DAYWIRE__V1__CHANNEL__CHANNEL_STATEMENTS)
            message->channels |= CHANNEL_STATEMENTS;
        else if (channels[i] == DAYWIRE__V1__CHANNEL__CHANNEL_TICKS)
            message->channels |= CHANNEL_TICKS;
        else
            return client_message_refuse(fault, "bad_channel", "channels: there is no channel %d",
                                         (int)channels[i]);
    }
    if (message->channels == 0)
        return client_message_refuse(fault, "bad_channel", "channels: at least one of statements and ticks");
    return true;
}

static bool read_values(ClientMessage *message, const char *field, char *const *values, size_t count,
                        MessageFault fault)
{
    for (size_t i = 0; i < count; i++) {
        if (!client_message_add_filter(message, field, values[i], fault))
            return false;
    }
    return true;
}

static bool read_filter(ClientMessage *message, const Daywire__V1__Filter *filter, MessageFault fault)
{
    return !filter || (read_values(message, "counter", filter->counter, filter->n_counter, fault) &&
                       read_values(message, "source", filter->source, filter->n_source, fault) &&
                       read_values(message, "tag", filter->tag, filter->n_tag, fault) &&
                       read_values(message, "language", filter->language, filter->n_language, fault) &&
                       read_values(message, "kind", filter->kind, filter->n_kind, fault));
}

static bool read_subscribe(ClientMessage *message, const Daywire__V1__Subscribe *subscribe,
                           MessageFault fault)
{
    message->id = subscribe->id;
    message->type = CLIENT_SUBSCRIBE;
    return read_channels(message, subscribe->channels, subscribe->n_channels, fault) &&
           read_filter(message, subscribe->filter, fault) &&
           client_message_set_since(message, subscribe->since, fault) &&
           client_message_set_last(message, subscribe->last, fault);
}

bool client_message_read_proto(ClientMessage *message, const void *data, size_t size, MessageFault fault)
{
    g_autoptr(WireMessage) wire = daywire__v1__client_message__unpack(NULL, size, data);
    if (!wire)
        return client_message_refuse(fault, "bad_message", "these bytes are no daywire.v1.ClientMessage");
    switch (wire->message_case) {
    case DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_SUBSCRIBE:
        return read_subscribe(message, wire->subscribe, fault);
    case DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_UNSUBSCRIBE:
        message->id = wire->unsubscribe->id;
        message->type = CLIENT_UNSUBSCRIBE;
        return read_channels(message, wire->unsubscribe->channels, wire->unsubscribe->n_channels, fault);
    case DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_PING:
        message->id = wire->ping->id;
        message->type = CLIENT_PING;
        return true;
    default:
        return client_message_refuse(fault, "bad_message",
                                     "the message is none of subscribe, unsubscribe and ping");
    }
}
