/* SPDX-License-Identifier: Apache-2.0 */
/* Private to messages*.c: one model, the messages of stream.proto, and a codec for each subprotocol. */
#ifndef DAYWIRE_GATEWAY_MESSAGES_CODEC_H
#define DAYWIRE_GATEWAY_MESSAGES_CODEC_H

#include <daywire/v1/stream.pb-c.h>

#include "gateway/messages.h"

typedef Daywire__V1__ServerMessage ServerMessage;

/* `message` becomes a frame. */
GBytes *message_encode_json(const ServerMessage *message);
GBytes *message_encode_proto(const ServerMessage *message);

/* Where a refused message says why. */
typedef struct {
    const char **code;
    GError **error;
} MessageFault;

/* Fill in `message`, its id first. */
bool client_message_read_json(ClientMessage *message, const void *data, size_t size, MessageFault fault);
bool client_message_read_proto(ClientMessage *message, const void *data, size_t size, MessageFault fault);

/* Always false. */
G_GNUC_PRINTF(3, 4)
bool client_message_refuse(MessageFault fault, const char *code, const char *format, ...);

/* What both forms have in common. */
bool client_message_add_filter(ClientMessage *message, const char *field, const char *value,
                               MessageFault fault);
bool client_message_set_since(ClientMessage *message, const char *since, MessageFault fault);
bool client_message_set_last(ClientMessage *message, int64_t last, MessageFault fault);

#endif
