/* SPDX-License-Identifier: Apache-2.0 */
/* The stream's messages in both subprotocols (proto/README.md): client messages are parsed into one struct,
 * server messages are encoded as complete WebSocket frames. Pure, any thread. */
#ifndef DAYWIRE_GATEWAY_MESSAGES_H
#define DAYWIRE_GATEWAY_MESSAGES_H

#include "gateway/event.h"
#include "gateway/filter.h"

typedef enum { RESUME_SNAPSHOT, RESUME_COMPLETE, RESUME_COMPACTED, RESUME_RESET } Resume;

typedef enum { CLIENT_SUBSCRIBE, CLIENT_UNSUBSCRIBE, CLIENT_PING } ClientMessageType;

#define SUBSCRIBE_LAST_MAX 1000

typedef struct {
    ClientMessageType type;
    int64_t id;
    unsigned channels; /* bits of Channel */
    Filter *filter;    /* NULL: everything */
    char *since;       /* NULL: none */
    unsigned last;
} ClientMessage;

/* NULL when refused: INVALID with a sentence that names the member; *ret_code is the error frame's code and
 * *ret_id the message's id as far as it could be read. */
ClientMessage *client_message_parse(Format format, const void *data, size_t size, const char **ret_code,
                                    int64_t *ret_id, GError **error) MUST_CHECK;
void client_message_free(ClientMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClientMessage, client_message_free)

/* Server messages; each returns a new frame. */
GBytes *message_hello(Format format, Instant now, int64_t heartbeat_ms, const char *version);
GBytes *message_subscribed(Format format, int64_t id, Resume resume, const char *cursor);
GBytes *message_caught_up(Format format, int64_t id, const char *cursor);
GBytes *message_heartbeat(Format format, int64_t id, Instant now, const char *cursor);
GBytes *message_error(Format format, int64_t id, const char *code, const char *text);
GBytes *message_bye(Format format, const char *code, unsigned retry_after_ms, const char *cursor);
/* For event.c. */
GBytes *message_event(Format format, const Event *event);
/* With another cursor than the event's own. */
GBytes *message_event_at(Format format, const Event *event, const char *cursor);

#endif
