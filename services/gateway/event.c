/* SPDX-License-Identifier: Apache-2.0 */
/* Immutable but for its frames: whoever asks first encodes, and the first to put its frame into the slot
 * wins; a second encoder's work is thrown away. From then on all share one GBytes. */
#include "gateway/event.h"

#include "gateway/messages.h"

/* What the event costs beside its data: the struct, allocator overhead, heads of frames, names of JSON
 * members. */
#define OVERHEAD 1024
/* The data is held decoded and in a frame of each format. */
#define COPIES (1 + FORMAT_COUNT)

struct Event {
    gint references;
    Channel channel;
    bool removal;
    union {
        Statement *statement;
        Tick *tick;
    };
    char *cursor;
    size_t partition;
    int64_t offset;
    Instant since;
    size_t size;
    GBytes *frames[FORMAT_COUNT]; /* atomic; NULL: not asked for yet */
};

static const char *const channel_names[] = {[CHANNEL_STATEMENTS] = "statements", [CHANNEL_TICKS] = "ticks"};

bool channel_parse(const char *name, Channel *ret_channel)
{
    for (Channel channel = CHANNEL_STATEMENTS; channel <= CHANNEL_TICKS; channel++) {
        if (strcmp(name, channel_names[channel]) == 0) {
            *ret_channel = channel;
            return true;
        }
    }
    return false;
}

const char *channel_name(Channel channel)
{
    return channel_names[channel];
}

static Event *event_new(Channel channel, const char *cursor, size_t partition, int64_t offset, Instant since,
                        size_t data_size)
{
    Event *event = g_new0(Event, 1);
    event->references = 1;
    event->channel = channel;
    event->cursor = g_strdup(cursor);
    event->partition = partition;
    event->offset = offset;
    event->since = since;
    event->size = OVERHEAD + COPIES * (data_size + strlen(cursor));
    return event;
}

void statement_remove_text(Statement *statement)
{
    message_set_string(&statement->title, NULL);
    message_set_string(&statement->summary, NULL);
    message_set_string(&statement->body, NULL);
    statement->body_type = BODY_TYPE_UNSPECIFIED;
}

Event *event_new_statement(Statement *statement, const char *cursor, size_t partition, int64_t offset,
                           Instant since)
{
    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        statement_remove_text(statement);
    Event *event = event_new(CHANNEL_STATEMENTS, cursor, partition, offset, since,
                             protobuf_c_message_get_packed_size(&statement->base));
    event->statement = statement;
    return event;
}

Event *event_new_tick(Tick *tick, const char *cursor, size_t partition, int64_t offset, Instant since)
{
    Event *event = event_new(CHANNEL_TICKS, cursor, partition, offset, since,
                             protobuf_c_message_get_packed_size(&tick->base));
    event->tick = tick;
    return event;
}

Event *event_new_counter_removed(Tick *tick, const char *cursor, size_t partition, int64_t offset,
                                 Instant since)
{
    Event *event = event_new_tick(tick, cursor, partition, offset, since);
    event->removal = true;
    return event;
}

Event *event_ref(Event *event)
{
    g_atomic_int_inc(&event->references);
    return event;
}

void event_unref(Event *event)
{
    if (!event || !g_atomic_int_dec_and_test(&event->references))
        return;
    if (event->channel == CHANNEL_STATEMENTS)
        statement_free(event->statement);
    else
        tick_free(event->tick);
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        g_clear_pointer(&event->frames[i], g_bytes_unref);
    g_free(event->cursor);
    g_free(event);
}

Channel event_channel(const Event *event)
{
    return event->channel;
}

const Statement *event_statement(const Event *event)
{
    return event->channel == CHANNEL_STATEMENTS ? event->statement : NULL;
}

const Tick *event_tick(const Event *event)
{
    return event->channel == CHANNEL_TICKS ? event->tick : NULL;
}

bool event_is_removal(const Event *event)
{
    return event->removal;
}

const char *event_cursor(const Event *event)
{
    return event->cursor;
}

size_t event_partition(const Event *event)
{
    return event->partition;
}

int64_t event_offset(const Event *event)
{
    return event->offset;
}

Instant event_since(const Event *event)
{
    return event->since;
}

size_t event_size(const Event *event)
{
    return event->size;
}

GBytes *event_frame(Event *event, Format format)
{
    GBytes *frame = g_atomic_pointer_get(&event->frames[format]);
    if (frame)
        return frame;
    frame = message_event(format, event);
    if (g_atomic_pointer_compare_and_exchange(&event->frames[format], NULL, frame))
        return frame;
    g_bytes_unref(frame);
    return g_atomic_pointer_get(&event->frames[format]);
}
