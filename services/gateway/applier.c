/* SPDX-License-Identifier: Apache-2.0 */
/* A batch is what was waiting on the bus. It is applied to the view, its events are appended to the log, the
 * clients are woken, and then the view is committed: clients do not wait for the disk. Since the commit holds
 * the number of the log's next event, a reader of the view knows exactly from where the log goes on (see
 * subscription.c); until the commit it sees the state before, with the number before, which is as good.
 * Only a withdrawal is told after the commit, since nobody who asks then may still get the text.
 *
 * When the view fails, the transaction is gone and the batch is still here: it is applied again, to the same
 * state and hence with the same result, and events that were appended already are not appended twice. Nothing
 * more is read meanwhile.
 *
 * The bus may hold a record twice (the embedded broker, a crash of ingest). The view knows the newest
 * revision of each key, and what is not newer becomes no event. Of each record it keeps whether it was news,
 * so that the same ones become events when the window is filled again.
 *
 * Three positions: `done`, up to where the view is committed; `next`, up to where records were taken, `done`
 * or after it; and `reading`, up to where the log goes, which lies before `done` while the window is being
 * filled. */
#include "gateway/applier.h"

#include "common/error.h"
#include "common/log.h"
#include "common/metrics.h"
#include "gateway/record_event.h"

#define BATCH_RECORDS 1000
#define BATCH_BYTES   ((size_t)4 * 1024 * 1024)

typedef struct {
    Event *event; /* NULL: the record was none */
    size_t partition;
    int64_t offset;
    Instant time;
    bool old;  /* was applied before */
    bool news; /* the view has said so: it goes into the log */
} Item;

struct Applier {
    View *view;
    EventLog *log;
    char *statements_topic;
    size_t statement_partitions;
    Cursor *done;    /* NULL: nothing */
    Cursor *next;    /* NULL: nothing */
    Cursor *reading; /* NULL: not started */
    bool filling;    /* the log is filled with records that were applied before; else they are passed over */
    GArray *batch;   /* of Item */
    size_t batch_bytes;
    bool appended; /* the batch's events are in the log */
    Metric *events[CHANNEL_TICKS + 1];
    Metric *duplicates;
    Metric *undecodable;
    Metric *age;
};

static void clear_item(void *item)
{
    event_unref(((Item *)item)->event);
}

static void make_metrics(Applier *applier)
{
    for (Channel channel = CHANNEL_STATEMENTS; channel <= CHANNEL_TICKS; channel++) {
        g_autofree char *label = metric_label("channel", channel_name(channel));
        applier->events[channel] =
            metric_counter("daywire_gateway_events_total", label, "Events appended to the log.");
    }
    applier->duplicates =
        metric_counter("daywire_gateway_duplicates_total", NULL,
                       "Records that told nothing new about their key, and became no event.");
    applier->undecodable = metric_counter("daywire_gateway_undecodable_records_total", NULL,
                                          "Records that are no statement or tick, and were skipped.");
    applier->age = metric_histogram("daywire_gateway_record_age_seconds", NULL,
                                    "Age of a live event's record when it is appended to the log.");
}

Applier *applier_new(View *view, EventLog *log, const char *statements_topic)
{
    Applier *applier = g_new0(Applier, 1);
    applier->view = view;
    applier->log = log;
    applier->statements_topic = g_strdup(statements_topic);
    applier->batch = g_array_new(FALSE, FALSE, sizeof(Item));
    g_array_set_clear_func(applier->batch, clear_item);
    applier->done = view_cursor(view);
    applier->next = applier->done ? cursor_copy(applier->done) : NULL;
    make_metrics(applier);
    return applier;
}

void applier_free(Applier *applier)
{
    if (!applier)
        return;
    g_array_unref(applier->batch);
    g_free(applier->statements_topic);
    g_free(applier->done);
    g_free(applier->next);
    g_free(applier->reading);
    g_free(applier);
}

const Cursor *applier_cursor(const Applier *applier)
{
    return applier->done;
}

static void set_position(Cursor **position, const Cursor *cursor)
{
    g_free(*position);
    *position = cursor ? cursor_copy(cursor) : NULL;
}

void applier_drop(Applier *applier)
{
    g_array_set_size(applier->batch, 0);
    applier->batch_bytes = 0;
    applier->appended = false;
    set_position(&applier->next, applier->done);
}

bool applier_clear(Applier *applier, const Cursor *cursor, size_t statement_partitions, GError **error)
{
    /* A reader that sees the empty view before the log is emptied finds its position beyond the log, and
     * waits. */
    uint64_t log_next = event_log_next_after_clear(applier->log);
    applier_drop(applier);
    if (!view_clear(applier->view, error)) {
        view_rollback(applier->view);
        return false;
    }
    if (!view_commit(applier->view, cursor, log_next, error))
        return false;
    g_autofree char *text = cursor_format(cursor);
    event_log_clear(applier->log, text);
    set_position(&applier->done, cursor);
    set_position(&applier->next, cursor);
    set_position(&applier->reading, cursor);
    applier->filling = false;
    applier->statement_partitions = statement_partitions;
    return true;
}

void applier_start(Applier *applier, const Cursor *from, size_t statement_partitions, bool fill)
{
    g_assert(applier->done && cursor_is_behind(from, applier->done));
    applier_drop(applier);
    applier->statement_partitions = statement_partitions;
    applier->filling = fill;
    if (!fill)
        return;
    g_autofree char *text = cursor_format(from);
    set_position(&applier->reading, from);
    event_log_clear(applier->log, text);
}

/* -- the batch -- */

static size_t find_partition(const Applier *applier, const BusRecord *record, Channel *ret_channel)
{
    bool statements = strcmp(record->topic, applier->statements_topic) == 0;
    *ret_channel = statements ? CHANNEL_STATEMENTS : CHANNEL_TICKS;
    return (size_t)record->partition + (statements ? 0 : applier->statement_partitions);
}

static bool check_identity(const Applier *applier, const BusRecord *record, size_t partition, GError **error)
{
    const CursorPosition *done = &applier->done->positions[partition];
    if (record->offset + 1 != done->offset || done->stamp == 0 ||
        done->stamp == cursor_stamp(record->timestamp))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
                "record %" G_GINT64_FORMAT " of %s, partition %d, is not the one that was read there before",
                record->offset, record->topic, record->partition);
    return false;
}

static void advance(Cursor *cursor, size_t partition, const BusRecord *record)
{
    CursorPosition *position = &cursor->positions[partition];
    if (record->offset < position->offset)
        return;
    position->offset = record->offset + 1;
    position->stamp = cursor_stamp(record->timestamp);
}

/* NULL for a record that is none. */
static Event *decode(Applier *applier, const BusRecord *record, Channel channel, size_t partition)
{
    g_autoptr(GError) reason = NULL;
    g_autofree char *cursor = cursor_format(applier->reading);
    Event *event = record_event(record, channel, partition, cursor, &reason);
    if (event)
        return event;
    metric_add(applier->undecodable, 1);
    log_warning("record skipped", LOG_STR("topic", record->topic), LOG_INT("partition", record->partition),
                LOG_INT("offset", record->offset), LOG_ERROR(reason));
    return NULL;
}

bool applier_add(Applier *applier, const BusRecord *record, GError **error)
{
    Channel channel = 0;
    size_t partition = find_partition(applier, record, &channel);
    g_assert(partition < applier->done->count);
    if (!check_identity(applier, record, partition, error))
        return false;
    if (cursor_covers(applier->reading, partition, record->offset)) /* delivered again */
        return true;
    bool old = cursor_covers(applier->done, partition, record->offset);
    if (old && !applier->filling)
        return true;
    advance(applier->reading, partition, record);
    advance(applier->next, partition, record);
    Item item = {.partition = partition, .offset = record->offset, .time = record->timestamp, .old = old};
    item.event = decode(applier, record, channel, partition);
    g_array_append_val(applier->batch, item);
    applier->batch_bytes += item.event ? event_size(item.event) : sizeof(Item);
    return true;
}

bool applier_is_full(const Applier *applier)
{
    return applier->batch->len >= BATCH_RECORDS || applier->batch_bytes >= BATCH_BYTES;
}

/* -- the view -- */

static bool put(Applier *applier, const Item *item, GError **error)
{
    const Statement *statement = event_statement(item->event);
    const Tick *tick = event_tick(item->event);
    if (statement)
        return view_put_statement(applier->view, statement, item->partition, item->offset, error);
    if (event_is_removal(item->event))
        return view_remove_counter(applier->view, tick->counter, item->partition, item->offset, error);
    return view_put_tick(applier->view, tick, item->partition, item->offset, error);
}

/* Applies one record, and finds out whether it is news. */
static bool apply(Applier *applier, Item *item, GError **error)
{
    if (item->old)
        return view_find_record(applier->view, item->partition, item->offset, &item->news, error);
    int64_t before = view_sequence(applier->view);
    if (item->event && !put(applier, item, error))
        return false;
    item->news = view_sequence(applier->view) != before;
    return view_put_record(applier->view, item->partition, item->offset, cursor_stamp(item->time), item->news,
                           error);
}

static bool apply_batch(Applier *applier, GError **error)
{
    for (guint i = 0; i < applier->batch->len; i++) {
        if (!apply(applier, &g_array_index(applier->batch, Item, i), error)) {
            view_rollback(applier->view);
            return false;
        }
    }
    return true;
}

/* -- the log -- */

/* Before clients are served, events are as old as their records, so that the window forgets them in time. */
static void append(Applier *applier, const Item *item, Instant now, bool live)
{
    if (!item->event)
        return;
    if (!item->news) {
        metric_add(applier->duplicates, 1);
        return;
    }
    event_log_append(applier->log, item->event, live ? now : MIN(item->time, now));
    metric_add(applier->events[event_channel(item->event)], 1);
    if (live)
        metric_observe(applier->age, (double)MAX(now - item->time, 0) / (double)INSTANT_SECOND);
}

static bool holds_withdrawal(const Applier *applier)
{
    for (guint i = 0; i < applier->batch->len; i++) {
        const Event *event = g_array_index(applier->batch, Item, i).event;
        const Statement *statement = event ? event_statement(event) : NULL;
        if (statement && statement->status == STATEMENT_STATUS_WITHDRAWN)
            return true;
    }
    return false;
}

static void append_batch(Applier *applier, Instant now, bool live)
{
    if (applier->appended)
        return;
    event_log_hold(applier->log); /* until the view can be gone on from behind them */
    for (guint i = 0; i < applier->batch->len; i++)
        append(applier, &g_array_index(applier->batch, Item, i), now, live);
    applier->appended = true;
}

/* The window has been filled. Where the end of a partition holds no record any more, reading did not come to
 * `done`; it stands there all the same. */
static void end_filling(Applier *applier)
{
    applier->filling = false;
    cursor_merge(applier->reading, applier->done);
    g_autofree char *text = cursor_format(applier->reading);
    event_log_set_cursor(applier->log, text);
}

bool applier_flush(Applier *applier, Instant now, bool live, GError **error)
{
    uint64_t first = 0;
    uint64_t log_next = 0;
    if (!apply_batch(applier, error))
        return false;
    bool commit_first = holds_withdrawal(applier);
    append_batch(applier, now, live);
    if (live && !commit_first)
        event_log_publish(applier->log);
    event_log_bounds(applier->log, &first, &log_next);
    if (!view_commit(applier->view, applier->next, log_next, error))
        return false;
    if (live && commit_first)
        event_log_publish(applier->log);
    event_log_trim(applier->log, now);
    set_position(&applier->done, applier->next);
    applier_drop(applier);
    if (live && applier->filling)
        end_filling(applier);
    return true;
}
