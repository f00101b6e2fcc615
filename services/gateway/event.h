/* SPDX-License-Identifier: Apache-2.0 */
/* One event of the log: reference-counted, immutable, encoded once for each format and only when first asked
 * for. A frame is a complete WebSocket frame (RFC 6455, unmasked), so that sending it is one write. Any
 * thread. */
#ifndef DAYWIRE_GATEWAY_EVENT_H
#define DAYWIRE_GATEWAY_EVENT_H

#include "common/model.h"
#include "common/instant.h"

typedef enum { CHANNEL_STATEMENTS = 1, CHANNEL_TICKS = 2 } Channel; /* bits of a set */

/* "statements", "ticks". False: no such channel. */
bool channel_parse(const char *name, Channel *ret_channel);
const char *channel_name(Channel channel);

typedef enum { FORMAT_JSON, FORMAT_PROTO, FORMAT_COUNT } Format;

typedef struct Event Event;

/* Take ownership of `statement` or `tick`; a withdrawn statement loses whatever text it still has. `cursor`
 * is the position after the event, copied; "": it is not safe to resume from there. `partition` is the index
 * in the cursor's vector. `since` is when the record was written, for the latency metric. */
Event *event_new_statement(Statement *statement, const char *cursor, size_t partition, int64_t offset,
                           Instant since);
Event *event_new_tick(Tick *tick, const char *cursor, size_t partition, int64_t offset, Instant since);
/* Only `counter` of the tick is set. */
Event *event_new_counter_removed(Tick *tick, const char *cursor, size_t partition, int64_t offset,
                                 Instant since);

/* What a withdrawal leaves of a statement: all but its text. */
void statement_remove_text(Statement *statement);

Event *event_ref(Event *event);
void event_unref(Event *event); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Event, event_unref)

Channel event_channel(const Event *event);
const Statement *event_statement(const Event *event); /* NULL for a tick */
const Tick *event_tick(const Event *event);           /* NULL for a statement */
bool event_is_removal(const Event *event);
const char *event_cursor(const Event *event);
size_t event_partition(const Event *event);
int64_t event_offset(const Event *event);
Instant event_since(const Event *event);
size_t event_size(const Event *event); /* what it counts against the window, bytes */

/* The frame, owned by the event. */
GBytes *event_frame(Event *event, Format format);

#endif
