/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of WebSocket clients, in both subprotocols: parsed, or refused with a code and a sentence. */
#include "gateway/messages.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int format = 0; format < FORMAT_COUNT; format++) {
        g_autoptr(GError) error = NULL;
        const char *code = NULL;
        int64_t id = 0;
        g_autoptr(ClientMessage) message =
            client_message_parse((Format)format, data, size, &code, &id, &error);
        EXPECT(!message == !!error);
        if (error) {
            EXPECT(code);
            g_autoptr(GBytes) frame = message_error((Format)format, id, code, error->message);
            EXPECT(frame && g_bytes_get_size(frame) > 2);
        } else if (message->type == CLIENT_SUBSCRIBE) {
            EXPECT(message->channels && message->last <= SUBSCRIBE_LAST_MAX);
        }
    }
    return 0;
}
