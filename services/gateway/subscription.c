/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription begins with a decision, made against one state of the view:
 *
 *   no cursor                          snapshot    a scan of the view, then the log from its log_next on
 *   unknown, or of another log         reset       the same
 *   not older than the log             complete    the log from the cursor on
 *   older than that                    compacted   a scan of what changed since, then the log from log_next on
 *
 * Nothing missed and nothing twice where the view ends and the log begins: the consumer appends a batch of
 * events and then commits the state that contains it together with the number that comes next. So a state
 * with log_next L holds exactly the events below L. Between append and commit the view is older than the log,
 * and so is its L.
 *
 * `floor` is a cursor that the client has and that this replica's own order may not have reached yet:
 * replicas read the partitions in different orders, and another one may be ahead. What it covers is passed
 * over, and until our cursors have grown beyond it the client gets them raised by it; from then on all share
 * the event's one frame. When the record on which it stands turns out to be another one, the bus has lost the
 * end of its log since, and what was passed over was new: the client begins anew, with `reset`.
 *
 * Which cursor a client may resume from: any that is not empty. Events of a scan carry none, for the rest of
 * the scan would be lost; `subscribed` carries the client's own one, or none before a snapshot; `caught_up`
 * carries the first one after a scan. So "the last cursor seen, not counting empty ones" is always right.
 *
 * Who falls out of the window begins anew from its own cursor, with another `subscribed`: normally compacted,
 * and so conflated. A slow client costs a place in a scan and a position in the log. */
#include "gateway/subscription.h"

#include "common/error.h"
#include "common/metrics.h"

/* More changes than this are no replay, but a new start. */
#define REPLAY_MAX     10000
#define STATE_ATTEMPTS 16

typedef enum {
    STAGE_ANSWER, /* `subscribed` is due */
    STAGE_SCAN,
    STAGE_LOG,
} Stage;

struct Subscription {
    EventLog *log;
    Format format;
    int64_t id;
    unsigned channels;
    Filter *filter; /* NULL: everything */
    unsigned last;
    Stage stage;
    Resume resume;
    ViewScan *scan;    /* NULL: none, or at its end */
    Event *held;       /* of the scan: did not fit into the last answer */
    char *scan_cursor; /* where the client stands at the end of the scan */
    uint64_t position; /* in the log */
    uint64_t live;     /* the position from which on events are live */
    bool caught_up;    /* has been said */
    Cursor *floor;     /* NULL: no longer needed */
    char *cursor;      /* where the client stands, while `passed` is NULL */
    Event *passed;     /* the last event of the log that the client got, or that was not for it */
};

/* What one call of subscription_take() has gathered. */
typedef struct {
    GPtrArray *frames;
    size_t left; /* bytes */
    bool any;
} Load;

static void count(Resume resume)
{
    static const char *const names[] = {"snapshot", "complete", "compacted", "reset"};
    g_autofree char *label = metric_label("resume", names[resume]);
    metric_add(metric_counter("daywire_gateway_subscriptions_total", label,
                              "Subscriptions begun, those of clients that fell out of the window included."),
               1);
}

static void set_cursor(Subscription *subscription, char *cursor)
{
    g_clear_pointer(&subscription->passed, event_unref);
    g_free(subscription->cursor);
    subscription->cursor = cursor;
}

/* -- the decision -- */

typedef struct {
    uint64_t log_next;
    char *cursor;
} ViewState;

static bool begin_snapshot(Subscription *subscription, ViewReader *reader, Resume resume,
                           const ViewState *state, GError **error)
{
    subscription->scan =
        view_scan_snapshot(reader, subscription->channels, subscription->filter, subscription->last, error);
    if (!subscription->scan)
        return false;
    subscription->resume = resume;
    subscription->position = subscription->live = state->log_next;
    subscription->scan_cursor = g_strdup(state->cursor);
    set_cursor(subscription, g_strdup(""));
    return true;
}

static void begin_complete(Subscription *subscription, const Cursor *since, uint64_t position)
{
    uint64_t first = 0;
    event_log_bounds(subscription->log, &first, &subscription->live);
    subscription->resume = RESUME_COMPLETE;
    subscription->position = position;
    subscription->floor = cursor_copy(since);
    set_cursor(subscription, cursor_format(since));
}

static bool begin_compacted(Subscription *subscription, ViewReader *reader, const Cursor *since,
                            const ViewState *state, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree Cursor *end = cursor_parse(state->cursor);
    subscription->scan =
        view_scan_changes(reader, subscription->channels, subscription->filter, since, REPLAY_MAX, &reason);
    if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE))
        return begin_snapshot(subscription, reader, RESUME_RESET, state, error);
    if (!subscription->scan) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return false;
    }
    if (!cursor_is_behind(since, end))
        subscription->floor = cursor_copy(since);
    cursor_merge(end, since);
    subscription->resume = RESUME_COMPACTED;
    subscription->position = subscription->live = state->log_next;
    subscription->scan_cursor = cursor_format(end);
    set_cursor(subscription, cursor_format(since));
    return true;
}

/* Begins to read a state that can be gone on from. The newest state always can (event_log_hold()), but the one
 * that is read first may be overtaken by more than a window before the log is looked at. */
static bool read_state(const Subscription *subscription, ViewReader *reader, ViewState *state, GError **error)
{
    for (unsigned attempt = 0; attempt < STATE_ATTEMPTS; attempt++) {
        uint64_t first = 0;
        uint64_t next = 0;
        if (!view_reader_begin(reader, &state->log_next, &state->cursor, error))
            return false;
        event_log_bounds(subscription->log, &first, &next);
        if (state->cursor && state->log_next >= first)
            return true;
        view_reader_end(reader);
        if (!state->cursor) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "nothing has been read from the bus yet");
            return false;
        }
        g_clear_pointer(&state->cursor, g_free);
    }
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the view is behind the log");
    return false;
}

static bool decide(Subscription *subscription, ViewReader *reader, const char *since, const ViewState *state,
                   GError **error)
{
    if (!since)
        return begin_snapshot(subscription, reader, RESUME_SNAPSHOT, state, error);
    g_autofree Cursor *cursor = cursor_parse(since);
    bool known = false;
    if (cursor && !view_reader_knows(reader, cursor, &known, error))
        return false;
    if (!known)
        return begin_snapshot(subscription, reader, RESUME_RESET, state, error);
    uint64_t position = 0;
    if (!event_log_seek(subscription->log, cursor, &position))
        return begin_compacted(subscription, reader, cursor, state, error);
    begin_complete(subscription, cursor, position);
    return true;
}

/* Begins, or begins anew. */
static bool begin(Subscription *subscription, ViewReader *reader, const char *since, GError **error)
{
    ViewState state = {0};
    g_clear_pointer(&subscription->scan, view_scan_free);
    g_clear_pointer(&subscription->held, event_unref);
    g_clear_pointer(&subscription->scan_cursor, g_free);
    g_clear_pointer(&subscription->floor, g_free);
    if (!read_state(subscription, reader, &state, error))
        return false;
    bool good = decide(subscription, reader, since, &state, error);
    view_reader_end(reader);
    g_free(state.cursor);
    subscription->stage = STAGE_ANSWER;
    subscription->caught_up = false;
    if (good)
        count(subscription->resume);
    return good;
}

Subscription *subscription_new(EventLog *log, ViewReader *reader, const ClientMessage *request, Format format,
                               GError **error)
{
    Subscription *subscription = g_new0(Subscription, 1);
    subscription->log = log;
    subscription->format = format;
    subscription->id = request->id;
    subscription->channels = request->channels;
    subscription->filter = filter_copy(request->filter);
    subscription->last = request->last;
    if (begin(subscription, reader, request->since, error))
        return subscription;
    subscription_free(subscription);
    return NULL;
}

void subscription_free(Subscription *subscription)
{
    if (!subscription)
        return;
    view_scan_free(subscription->scan);
    event_unref(subscription->held);
    event_unref(subscription->passed);
    filter_free(subscription->filter);
    g_free(subscription->scan_cursor);
    g_free(subscription->floor);
    g_free(subscription->cursor);
    g_free(subscription);
}

/* -- frames -- */

/* Takes over the frame; false: it does not fit any more. */
static bool load(Load *target, GBytes *frame)
{
    size_t size = g_bytes_get_size(frame);
    if (target->any && size > target->left) {
        g_bytes_unref(frame);
        return false;
    }
    g_ptr_array_add(target->frames, frame);
    target->left -= MIN(size, target->left);
    target->any = true;
    return true;
}

typedef enum {
    STEP_ON,   /* look again */
    STEP_FULL, /* there is more, but no room */
    STEP_END,  /* the client has everything */
    STEP_FAILED,
} Step;

static Step take_answer(Subscription *subscription, Load *target)
{
    if (!load(target, message_subscribed(subscription->format, subscription->id, subscription->resume,
                                         subscription_cursor(subscription))))
        return STEP_FULL;
    subscription->stage = subscription->scan ? STAGE_SCAN : STAGE_LOG;
    return STEP_ON;
}

static Step take_scanned(Subscription *subscription, ViewReader *reader, Load *target, GError **error)
{
    if (!subscription->held && !view_scan_next(subscription->scan, reader, &subscription->held, error))
        return STEP_FAILED;
    if (!subscription->held) {
        g_clear_pointer(&subscription->scan, view_scan_free);
        set_cursor(subscription, g_steal_pointer(&subscription->scan_cursor));
        subscription->stage = STAGE_LOG;
        return STEP_ON;
    }
    if ((subscription->channels & event_channel(subscription->held)) &&
        !load(target, g_bytes_ref(event_frame(subscription->held, subscription->format))))
        return STEP_FULL;
    g_clear_pointer(&subscription->held, event_unref);
    return STEP_ON;
}

/* The cursor of the event raised by `floor`, or NULL when that changes nothing: from then on there is no
 * floor. */
static char *raise_cursor(Subscription *subscription, const Event *event)
{
    g_autofree Cursor *cursor = subscription->floor ? cursor_parse(event_cursor(event)) : NULL;
    if (!cursor || !cursor_same_log(cursor, subscription->floor) ||
        cursor_is_behind(subscription->floor, cursor)) {
        g_clear_pointer(&subscription->floor, g_free);
        return NULL;
    }
    cursor_merge(cursor, subscription->floor);
    return cursor_format(cursor);
}

/* Whether this is the place on which `floor` stands, with another record. */
static bool contradicts_floor(const Subscription *subscription, const Event *event)
{
    size_t partition = event_partition(event);
    if (!subscription->floor || partition >= subscription->floor->count)
        return false;
    CursorPosition expected = subscription->floor->positions[partition];
    if (expected.stamp == 0 || expected.offset != event_offset(event) + 1)
        return false;
    g_autofree Cursor *cursor = cursor_parse(event_cursor(event));
    return cursor && cursor_same_log(cursor, subscription->floor) &&
           cursor->positions[partition].stamp != expected.stamp;
}

static bool wants(const Subscription *subscription, const Event *event)
{
    if (subscription->floor &&
        cursor_covers(subscription->floor, event_partition(event), event_offset(event)))
        return false;
    return (subscription->channels & event_channel(event)) && filter_matches(subscription->filter, event);
}

/* False: it does not fit. */
static bool take_event(Subscription *subscription, Event *event, Load *target)
{
    bool wanted = wants(subscription, event);
    g_autofree char *raised = raise_cursor(subscription, event);
    if (wanted && !load(target, raised ? message_event_at(subscription->format, event, raised)
                                       : g_bytes_ref(event_frame(event, subscription->format))))
        return false;
    set_cursor(subscription, g_steal_pointer(&raised));
    if (!subscription->cursor)
        subscription->passed = event_ref(event);
    return true;
}

static Step take_logged(Subscription *subscription, ViewReader *reader, Load *target, GError **error)
{
    if (!subscription->caught_up && subscription->position >= subscription->live) {
        if (!load(target, message_caught_up(subscription->format, subscription->id,
                                            subscription_cursor(subscription))))
            return STEP_FULL;
        subscription->caught_up = true;
    }
    uint64_t position = subscription->position;
    g_autoptr(Event) event = NULL;
    size_t events = 0;
    if (!event_log_read(subscription->log, &subscription->position, &event, 1, &events)) {
        g_autofree char *since = g_strdup(subscription_cursor(subscription));
        return begin(subscription, reader, since, error) ? STEP_ON : STEP_FAILED;
    }
    if (events == 0)
        return STEP_END;
    if (contradicts_floor(subscription, event))
        return begin(subscription, reader, "", error) ? STEP_ON : STEP_FAILED;
    if (take_event(subscription, event, target))
        return STEP_ON;
    subscription->position = position;
    return STEP_FULL;
}

bool subscription_take(Subscription *subscription, ViewReader *reader, size_t max_bytes, GPtrArray *frames,
                       GError **error)
{
    Load target = {.frames = frames, .left = max_bytes};
    Step step = STEP_ON;
    while (step == STEP_ON) {
        switch (subscription->stage) {
        case STAGE_ANSWER:
            step = take_answer(subscription, &target);
            break;
        case STAGE_SCAN:
            step = take_scanned(subscription, reader, &target, error);
            break;
        case STAGE_LOG:
            step = take_logged(subscription, reader, &target, error);
            break;
        }
    }
    return step == STEP_FULL;
}

unsigned subscription_leave(Subscription *subscription, unsigned channels)
{
    subscription->channels &= ~channels;
    return subscription->channels;
}

const char *subscription_cursor(const Subscription *subscription)
{
    return subscription->passed ? event_cursor(subscription->passed) : subscription->cursor;
}
