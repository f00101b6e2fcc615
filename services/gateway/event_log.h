/* SPDX-License-Identifier: Apache-2.0 */
/* The log in memory: the newest events in the order in which this replica read them, numbered from 1, bounded
 * by bytes and age. One thread appends, any thread reads; readers hold positions, the log knows nothing of
 * them. */
#ifndef DAYWIRE_GATEWAY_EVENT_LOG_H
#define DAYWIRE_GATEWAY_EVENT_LOG_H

#include "gateway/cursor.h"
#include "gateway/event.h"

typedef struct EventLog EventLog;

EventLog *event_log_new(size_t max_bytes, Instant max_age);
void event_log_free(EventLog *log);

/* Appends (the log takes a reference), drops what the bounds no longer allow at `now`, and, when the event
 * withdraws a statement, drops that statement's earlier events, so that nobody who reads later gets the text.
 * Returns its number. Does not wake anybody: see event_log_publish(). */
uint64_t event_log_append(EventLog *log, Event *event, Instant now);

/* From the next event on nothing is dropped any more, until event_log_trim(): what a batch brings stays until
 * the view has it, too. */
void event_log_hold(EventLog *log);
/* Drops what the bounds do not allow at `now`, and ends a hold. By the appending thread, after each batch,
 * and now and then: a quiet log ages too. */
void event_log_trim(EventLog *log, Instant now);

/* Empties the log, which stands at `cursor` from now on: the bus is another one. By the appending thread.
 * Numbers go on and one is left out, so that each reader finds itself before the first event kept. Returns
 * the number of the next event, which event_log_next_after_clear() tells beforehand. */
uint64_t event_log_clear(EventLog *log, const char *cursor);
uint64_t event_log_next_after_clear(const EventLog *log);

/* Calls every listener, after one or many appends. */
void event_log_publish(EventLog *log);
/* `wake` is called on the appending thread and must only signal. Add before the appending thread starts,
 * remove after it has ended. */
void event_log_listen(EventLog *log, void (*wake)(void *user), void *user);

/* Numbers of the first event kept and of the next one to come; equal when empty. */
void event_log_bounds(const EventLog *log, uint64_t *ret_first, uint64_t *ret_next);

/* Up to `max` events from number *position on, as new references, and moves *position behind them. Dropped
 * ones are passed over. False when *position lies before the first one kept: the reader was too slow. A
 * position beyond the last event is fine: there is nothing yet. */
bool event_log_read(const EventLog *log, uint64_t *position, Event **ret_events, size_t max,
                    size_t *ret_count);

/* The position of the first event that `cursor` may not have seen; those after it may still be covered
 * (cursor_covers()). False when the log does not reach back to the cursor, or is another one. */
bool event_log_seek(const EventLog *log, const Cursor *cursor, uint64_t *ret_position);

/* The cursor after the event before `next`: where a quiet stream stands. g_free it. */
char *event_log_cursor(const EventLog *log);
/* Set once at start and by append. */
void event_log_set_cursor(EventLog *log, const char *cursor);

#endif
