/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of references, addressed by number: entry n lies at n modulo the capacity, which doubles when it is
 * full. A withdrawal leaves holes behind.
 *
 * `base` is the cursor before the first event kept: whatever happened after it is in the log. So a reader
 * whose cursor is not behind `base` can resume from here completely. The cursors of the events only grow,
 * hence its place is found by bisection.
 *
 * One lock guards it all; under it references are copied and pointers moved, nothing is encoded or freed. It
 * is not a GMutex since ThreadSanitizer does not see those. */
#include "gateway/event_log.h"

#include <pthread.h>

#include "common/metrics.h"

#define CAPACITY_LEAST 1024 /* a power of 2 */

typedef struct {
    Event *event; /* NULL: dropped */
    Instant time; /* when it was appended */
} Entry;

typedef struct {
    void (*wake)(void *user);
    void *user;
} Listener;

struct EventLog {
    size_t max_bytes;
    Instant max_age;
    GArray *listeners; /* of Listener; fixed once appending has begun */
    Metric *events_metric;
    Metric *bytes_metric;
    pthread_mutex_t lock;
    /* Under the lock; written by the appending thread only, which may therefore read without it. */
    Entry *entries;
    size_t capacity;
    uint64_t first;
    uint64_t next;
    uint64_t held; /* the first event that must not be dropped; UINT64_MAX: none */
    size_t count;  /* events kept */
    size_t bytes;  /* of the events kept */
    char *base;    /* NULL: none was set */
    char *cursor;  /* NULL: none was set */
};

EventLog *event_log_new(size_t max_bytes, Instant max_age)
{
    EventLog *log = g_new0(EventLog, 1);
    log->max_bytes = max_bytes;
    log->max_age = max_age;
    log->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
    log->events_metric =
        metric_gauge("daywire_gateway_log_events", NULL, "Events in the log in memory, the window.");
    log->bytes_metric =
        metric_gauge("daywire_gateway_log_bytes", NULL, "What they count against window-bytes.");
    pthread_mutex_init(&log->lock, NULL);
    log->capacity = CAPACITY_LEAST;
    log->entries = g_new0(Entry, log->capacity);
    log->first = 1;
    log->next = 1;
    log->held = UINT64_MAX;
    return log;
}

static Entry *entry_at(const EventLog *log, uint64_t number)
{
    return &log->entries[number & (log->capacity - 1)];
}

void event_log_free(EventLog *log)
{
    if (!log)
        return;
    for (uint64_t n = log->first; n < log->next; n++)
        event_unref(entry_at(log, n)->event);
    pthread_mutex_destroy(&log->lock);
    g_array_unref(log->listeners);
    g_free(log->entries);
    g_free(log->base);
    g_free(log->cursor);
    g_free(log);
}

/* The appending thread's side of the lock: it may look without it, and frees after it. */
static void lock_log(const EventLog *log)
{
    pthread_mutex_lock((pthread_mutex_t *)&log->lock);
}

static void unlock_log(const EventLog *log)
{
    pthread_mutex_unlock((pthread_mutex_t *)&log->lock);
}

static void set_text(char **field, const char *text)
{
    char *old = *field;
    *field = g_strdup(text);
    g_free(old);
}

/* Takes the event out; its reference goes to `dropped`. */
static void drop_event(EventLog *log, uint64_t number, GPtrArray *dropped)
{
    Entry *entry = entry_at(log, number);
    if (!entry->event)
        return;
    log->count--;
    log->bytes -= event_size(entry->event);
    g_ptr_array_add(dropped, g_steal_pointer(&entry->event));
}

static void drop_first(EventLog *log, GPtrArray *dropped)
{
    const Event *event = entry_at(log, log->first)->event;
    if (event)
        set_text(&log->base, event_cursor(event));
    drop_event(log, log->first, dropped);
    log->first++;
}

/* The newest event stays however large it is: whoever follows gets it. */
static void drop_outside(EventLog *log, Instant now, GPtrArray *dropped)
{
    while (log->first < MIN(log->next, log->held)) {
        const Entry *entry = entry_at(log, log->first);
        bool too_large = log->bytes > log->max_bytes && log->count > 1;
        if (entry->event && !too_large && entry->time >= now - log->max_age)
            break;
        drop_first(log, dropped);
    }
}

static void drop_statement(EventLog *log, const char *id, GPtrArray *dropped)
{
    for (uint64_t n = log->first; n < log->next; n++) {
        const Event *event = entry_at(log, n)->event;
        const Statement *statement = event ? event_statement(event) : NULL;
        if (statement && strcmp(statement->id, id) == 0)
            drop_event(log, n, dropped);
    }
}

static void grow(EventLog *log)
{
    if (log->next - log->first < log->capacity)
        return;
    Entry *old = log->entries;
    size_t old_capacity = log->capacity;
    log->capacity *= 2;
    log->entries = g_new0(Entry, log->capacity);
    for (uint64_t n = log->first; n < log->next; n++)
        *entry_at(log, n) = old[n & (old_capacity - 1)];
    g_free(old);
}

static void update_metrics(const EventLog *log)
{
    metric_set(log->events_metric, (int64_t)log->count);
    metric_set(log->bytes_metric, (int64_t)log->bytes);
}

uint64_t event_log_append(EventLog *log, Event *event, Instant now)
{
    g_autoptr(GPtrArray) dropped = g_ptr_array_new_with_free_func((GDestroyNotify)event_unref);
    const Statement *statement = event_statement(event);
    lock_log(log);
    if (statement && statement->status == STATEMENT_STATUS_WITHDRAWN)
        drop_statement(log, statement->id, dropped);
    grow(log);
    uint64_t number = log->next++;
    *entry_at(log, number) = (Entry){.event = event_ref(event), .time = now};
    log->count++;
    log->bytes += event_size(event);
    set_text(&log->cursor, event_cursor(event));
    drop_outside(log, now, dropped);
    unlock_log(log);
    update_metrics(log);
    return number;
}

void event_log_hold(EventLog *log)
{
    lock_log(log);
    log->held = log->next;
    unlock_log(log);
}

void event_log_trim(EventLog *log, Instant now)
{
    g_autoptr(GPtrArray) dropped = g_ptr_array_new_with_free_func((GDestroyNotify)event_unref);
    lock_log(log);
    log->held = UINT64_MAX;
    drop_outside(log, now, dropped);
    unlock_log(log);
    update_metrics(log);
}

uint64_t event_log_next_after_clear(const EventLog *log)
{
    return log->next + 1;
}

uint64_t event_log_clear(EventLog *log, const char *cursor)
{
    g_autoptr(GPtrArray) dropped = g_ptr_array_new_with_free_func((GDestroyNotify)event_unref);
    lock_log(log);
    while (log->first < log->next)
        drop_first(log, dropped);
    log->next = event_log_next_after_clear(log);
    log->first = log->next;
    log->held = UINT64_MAX;
    set_text(&log->base, cursor);
    set_text(&log->cursor, cursor);
    unlock_log(log);
    update_metrics(log);
    return log->next;
}

void event_log_listen(EventLog *log, void (*wake)(void *user), void *user)
{
    const Listener listener = {.wake = wake, .user = user};
    g_array_append_val(log->listeners, listener);
}

void event_log_publish(EventLog *log)
{
    for (guint i = 0; i < log->listeners->len; i++) {
        const Listener *listener = &g_array_index(log->listeners, Listener, i);
        listener->wake(listener->user);
    }
}

void event_log_bounds(const EventLog *log, uint64_t *ret_first, uint64_t *ret_next)
{
    lock_log(log);
    *ret_first = log->first;
    *ret_next = log->next;
    unlock_log(log);
}

bool event_log_read(const EventLog *log, uint64_t *position, Event **ret_events, size_t max,
                    size_t *ret_count)
{
    size_t count = 0;
    lock_log(log);
    bool kept = *position >= log->first;
    while (kept && *position < log->next && count < max) {
        Event *event = entry_at(log, (*position)++)->event;
        if (event)
            ret_events[count++] = event_ref(event);
    }
    unlock_log(log);
    *ret_count = count;
    return kept;
}

/* Whether all up to and with this event lies before `cursor`. */
static bool is_passed(const Event *event, const Cursor *cursor)
{
    g_autofree Cursor *after = cursor_parse(event_cursor(event));
    return after && cursor_is_behind(after, cursor);
}

/* The number of the first event that is not passed, or `next`. */
static uint64_t bisect(const EventLog *log, const Cursor *cursor)
{
    uint64_t low = log->first;
    uint64_t high = log->next;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t probe = middle;
        while (probe < high && !entry_at(log, probe)->event)
            probe++;
        if (probe < high && is_passed(entry_at(log, probe)->event, cursor))
            low = probe + 1;
        else
            high = middle;
    }
    return low;
}

bool event_log_seek(const EventLog *log, const Cursor *cursor, uint64_t *ret_position)
{
    lock_log(log);
    g_autofree Cursor *base = log->base ? cursor_parse(log->base) : NULL;
    bool reaches = base && cursor_is_behind(base, cursor);
    if (reaches)
        *ret_position = bisect(log, cursor);
    unlock_log(log);
    return reaches;
}

char *event_log_cursor(const EventLog *log)
{
    lock_log(log);
    char *cursor = g_strdup(log->cursor ? log->cursor : "");
    unlock_log(log);
    return cursor;
}

void event_log_set_cursor(EventLog *log, const char *cursor)
{
    lock_log(log);
    set_text(&log->cursor, cursor);
    if (log->count == 0)
        set_text(&log->base, cursor);
    unlock_log(log);
}
