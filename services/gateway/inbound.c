/* SPDX-License-Identifier: Apache-2.0 */
/* An empty piece that does not end its message counts as a message, or else one could send them without end. */
#include "gateway/inbound.h"

static bool is_too_fast(Inbound *inbound, unsigned rate, int64_t now)
{
    const RateLimit limit = {.per_second = rate, .burst = rate * INBOUND_BURST_S};

    return !rate_take(&inbound->rate, &limit, now, NULL);
}

static InboundVerdict judge(const InboundRules *rules, const InboundMessage *message)
{
    if (!rules->binary && message->size > 0 && !g_utf8_validate_len(message->data, message->size, NULL))
        return INBOUND_NOT_TEXT;
    return INBOUND_MESSAGE;
}

InboundVerdict inbound_take(Inbound *inbound, const InboundRules *rules, const InboundPiece *piece,
                            int64_t now, InboundMessage *ret_message)
{
    size_t before = piece->first || inbound->pieces == NULL ? 0 : inbound->pieces->len;

    if (piece->binary != rules->binary)
        return INBOUND_TYPE;
    if ((piece->first || (piece->size == 0 && !piece->final)) && is_too_fast(inbound, rules->rate, now))
        return INBOUND_TOO_FAST;
    if (piece->size > rules->max_message - before)
        return INBOUND_TOO_BIG;
    if (piece->first) {
        inbound_clear(inbound);
        if (piece->final) {
            *ret_message = (InboundMessage){.data = piece->data, .size = piece->size};
            return judge(rules, ret_message);
        }
    }
    if (inbound->pieces == NULL)
        inbound->pieces = g_byte_array_new();
    g_byte_array_append(inbound->pieces, piece->data, (guint)piece->size);
    if (!piece->final)
        return INBOUND_MORE;
    *ret_message = (InboundMessage){.data = inbound->pieces->data, .size = inbound->pieces->len};
    return judge(rules, ret_message);
}

void inbound_clear(Inbound *inbound)
{
    g_clear_pointer(&inbound->pieces, g_byte_array_unref);
}
