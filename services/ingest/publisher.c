/* SPDX-License-Identifier: Apache-2.0 */
/* All that is remembered of the outbox is up to which row it has been read (`sent`), and a lane for each statement that has
 * a row under way. A row that is added while none waits before it goes out from memory; all others are read.
 *
 * Of a statement one row is under way: were there two, the broker could refuse the first one and take the second. The
 * row behind it is looked up when the broker has it. One that was refused is tried again alone, since the broker refuses a
 * batch as a whole: until then whatever was sent with it counts as refused, too.
 *
 * When a producer fails for good or rows were put back, the outbox is read again from its beginning: once nothing is under
 * way and what the broker has confirmed has left it, or an older revision could be sent again behind a newer one. */
#include "ingest/publisher.h"

#include <sys/eventfd.h>

#include "common/error.h"
#include "common/health.h"
#include "common/kafka/producer.h"
#include "common/log.h"

#define FIRST_PAUSE_US   (100 * INT64_C(1000))
#define LONGEST_PAUSE_US (5 * INT64_C(1000000))
/* A new producer needs a moment to find the brokers. */
#define CONNECTING_US (5 * INT64_C(1000000))

/* The rows of one statement, which go one by one. */
typedef struct {
    char *id;
    uint32_t done;    /* its next row is that of the first revision after this one */
    bool more;        /* `sent` has passed further rows */
    int64_t position; /* of the row under way, as the next two */
    uint32_t revision;
    Instant accepted_at;
    GList link; /* in one of the publisher's queues */
} Lane;

struct Publisher {
    const Config *config;
    const char *topic;
    unsigned max_in_flight;
    bool open;
    KafkaProducer *producer; /* NULL: none yet, or lost */
    int64_t sent;
    bool rows_left;    /* there may be rows after `sent` */
    bool from_start;   /* and before it: nothing is sent until all is confirmed and cleared */
    GHashTable *lanes; /* by their ids; owned */
    GQueue under_way;  /* of Lane, by their link, as the next three */
    GQueue ready;      /* the broker has the row before the next one */
    GQueue refused;    /* not tried again before `refused_until` */
    GQueue alone;      /* one at a time, and nothing else beside it */
    bool isolating;    /* until `alone` is empty and the last one reported */
    int64_t refused_until;
    GArray *confirmed;  /* during publisher_poll() */
    bool full;          /* the client took no more */
    GError *not_sent;   /* from send_row() to publisher_send(): why */
    unsigned passed;    /* likewise: how many rows were sent or left behind */
    char *refusal;      /* until publisher_poll() tells it */
    char *failure;      /* for health, until the broker confirms something and nothing is refused */
    int64_t pause_us;   /* before the next producer, or the next try of what was refused */
    int64_t retry_at;   /* no producer before this time; 0: at once */
    int64_t connect_by; /* when being not connected becomes news */
};

void confirmation_clear(Confirmation *confirmation)
{
    g_free((char *)confirmation->row.id);
    *confirmation = (Confirmation){0};
}

/* ---- lanes ---- */

static Lane *lane_new(const char *id)
{
    Lane *lane = g_new0(Lane, 1);

    lane->id = g_strdup(id);
    lane->link.data = lane;
    return lane;
}

static void lane_free(void *data)
{
    Lane *lane = data;

    g_free(lane->id);
    g_free(lane);
}

static Lane *head_of(const GQueue *queue)
{
    return queue->head != NULL ? queue->head->data : NULL;
}

static void end_lane(Publisher *publisher, GQueue *queue, Lane *lane)
{
    g_queue_unlink(queue, &lane->link);
    (void)g_hash_table_remove(publisher->lanes, lane->id);
}

static void end_all_lanes(Publisher *publisher)
{
    g_queue_init(&publisher->under_way);
    g_queue_init(&publisher->ready);
    g_queue_init(&publisher->refused);
    g_queue_init(&publisher->alone);
    publisher->isolating = false;
    g_hash_table_remove_all(publisher->lanes);
}

/* ---- the whole ---- */

Publisher *publisher_new(const Config *config)
{
    Publisher *publisher = g_new0(Publisher, 1);

    publisher->config = config;
    publisher->topic = config_string(config, "topics", "statements");
    publisher->max_in_flight = (unsigned)config_integer(config, "ingest", "max-in-flight");
    publisher->pause_us = FIRST_PAUSE_US;
    publisher->lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free);
    end_all_lanes(publisher);
    return publisher;
}

void publisher_rows_put_back(Publisher *publisher)
{
    publisher->rows_left = true;
    publisher->from_start = true;
}

static void drop_producer(Publisher *publisher, int timeout_ms)
{
    kafka_producer_free(publisher->producer, timeout_ms);
    publisher->producer = NULL;
    end_all_lanes(publisher);
    publisher_rows_put_back(publisher);
}

void publisher_free(Publisher *publisher, int timeout_ms)
{
    if (publisher == NULL)
        return;
    drop_producer(publisher, timeout_ms);
    g_hash_table_unref(publisher->lanes);
    g_free(publisher->refusal);
    g_free(publisher->failure);
    g_free(publisher);
}

/* Tells it, and gives the end of a pause that grows up to five seconds, so that nothing is tried in a circle. */
static int64_t note_failure(Publisher *publisher, const char *what, const char *reason, int64_t now)
{
    int64_t end = now + publisher->pause_us;

    log_warning(what, LOG_STR("error", reason), LOG_INT("pause_ms", publisher->pause_us / 1000));
    g_free(publisher->failure);
    publisher->failure = g_strdup(reason);
    publisher->pause_us = MIN(publisher->pause_us * 2, LONGEST_PAUSE_US);
    return end;
}

/* The failure of the producer itself. */
static void fail(Publisher *publisher, const char *reason, int64_t now)
{
    publisher->retry_at =
        note_failure(publisher, "publishing has failed and begins again with the oldest row", reason, now);
    drop_producer(publisher, 0);
}

/* ---- reports ---- */

static void note_confirmed(Publisher *publisher, Lane *lane, const KafkaDelivery *delivery)
{
    const Confirmation confirmation = {.row = {.position = lane->position,
                                               .id = g_strdup(lane->id),
                                               .revision = lane->revision,
                                               .topic = publisher->topic,
                                               .partition = delivery->partition,
                                               .offset = delivery->offset},
                                       .accepted_at = lane->accepted_at};

    g_array_append_val(publisher->confirmed, confirmation);
    lane->done = lane->revision;
    if (lane->more)
        g_queue_push_tail_link(&publisher->ready, &lane->link);
    else
        (void)g_hash_table_remove(publisher->lanes, lane->id);
}

static void note_refused(Publisher *publisher, Lane *lane, const char *reason)
{
    lane->done = lane->revision - 1;
    g_queue_push_tail_link(&publisher->refused, &lane->link);
    if (publisher->refusal == NULL)
        publisher->refusal = g_strdup_printf("the broker refused a statement: %s", reason);
}

static void on_delivery(const KafkaDelivery *delivery, void *user)
{
    Publisher *publisher = user;
    Lane *lane = delivery->tag;

    g_queue_unlink(&publisher->under_way, &lane->link);
    if (delivery->written)
        note_confirmed(publisher, lane, delivery);
    else
        note_refused(publisher, lane, delivery->error);
}

void publisher_open(Publisher *publisher)
{
    publisher->open = true;
    publisher->rows_left = true;
}

static void ensure_producer(Publisher *publisher, int64_t now)
{
    g_autoptr(GError) error = NULL;

    if (!publisher->open || publisher->producer != NULL || now < publisher->retry_at)
        return;
    publisher->retry_at = 0;
    publisher->producer = kafka_producer_new(publisher->config, on_delivery, publisher, &error);
    if (publisher->producer == NULL) {
        fail(publisher, error->message, now);
        return;
    }
    kafka_producer_expect(publisher->producer, publisher->topic);
    publisher->connect_by = now + CONNECTING_US;
}

int publisher_fd(const Publisher *publisher)
{
    return publisher->producer != NULL ? kafka_producer_event_fd(publisher->producer) : -1;
}

static void tell_health(Publisher *publisher, int64_t now)
{
    if (!publisher->open)
        return;
    if (publisher->failure != NULL)
        health_set("kafka", false, publisher->failure);
    else if (publisher->producer != NULL && kafka_producer_connected(publisher->producer))
        health_set("kafka", true, NULL);
    else if (now >= publisher->connect_by)
        health_set("kafka", false, "no broker is connected; statements are stored and wait");
}

static bool has_refused(const Publisher *publisher)
{
    return publisher->refused.length > 0 || publisher->alone.length > 0;
}

/* The pause begins anew when no row is left that may be refused. */
static void recovered(Publisher *publisher)
{
    g_clear_pointer(&publisher->failure, g_free);
    if (publisher->under_way.length == 0)
        publisher->pause_us = FIRST_PAUSE_US;
}

/* What is refused meanwhile has another turn, or those behind would never have theirs. */
static void isolate(Publisher *publisher, int64_t now)
{
    if (publisher->isolating && (publisher->alone.length > 0 || publisher->under_way.length > 0))
        return;
    publisher->isolating = publisher->refused.length > 0 && now >= publisher->refused_until;
    if (!publisher->isolating)
        return;
    publisher->alone = publisher->refused;
    g_queue_init(&publisher->refused);
}

void publisher_poll(Publisher *publisher, GArray *confirmed, int64_t now)
{
    g_autoptr(GError) error = NULL;
    guint before = confirmed->len;
    eventfd_t ignored;

    ensure_producer(publisher, now);
    publisher->full = false;
    if (publisher->producer != NULL) {
        publisher->confirmed = confirmed;
        (void)eventfd_read(kafka_producer_event_fd(publisher->producer), &ignored);
        bool alive = kafka_producer_poll(publisher->producer, 0, &error);
        g_autofree char *refusal = g_steal_pointer(&publisher->refusal);
        if (confirmed->len > before && !has_refused(publisher))
            recovered(publisher);
        if (!alive)
            fail(publisher, error->message, now);
        else if (refusal != NULL && now >= publisher->refused_until)
            publisher->refused_until = note_failure(
                publisher, "a statement is tried again, and its later revisions wait", refusal, now);
    }
    isolate(publisher, now);
    tell_health(publisher, now);
}

/* ---- sending ---- */

/* False when nothing more can be sent yet. Else the lane, which is in no queue, is under way or refused. */
static bool send_row(Publisher *publisher, Lane *lane, int64_t position, const Statement *statement,
                     GBytes *packed)
{
    const Instant accepted_at = instant_from_timestamp(statement->updated_at);
    g_autoptr(BusRecord) record = bus_record_from_statement(publisher->topic, statement, packed, accepted_at);
    g_autoptr(GError) error = NULL;
    bool taken = kafka_producer_send(publisher->producer, record, lane, &error);

    if (!taken && !g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE)) {
        publisher->not_sent = g_steal_pointer(&error);
        return false;
    }
    lane->position = position;
    lane->revision = statement->revision;
    lane->accepted_at = accepted_at;
    if (taken)
        g_queue_push_tail_link(&publisher->under_way, &lane->link);
    else
        note_refused(publisher, lane, error->message);
    return true;
}

/* The next row of all: sent, or left behind another one of its statement. */
static bool take_row(int64_t position, const Statement *statement, GBytes *packed, void *user)
{
    Publisher *publisher = user;
    Lane *lane = g_hash_table_lookup(publisher->lanes, statement->id);

    if (lane != NULL) {
        lane->more = true;
    } else {
        lane = lane_new(statement->id);
        if (!send_row(publisher, lane, position, statement, packed)) {
            lane_free(lane);
            return false;
        }
        (void)g_hash_table_insert(publisher->lanes, lane->id, lane);
    }
    publisher->sent = position;
    publisher->passed++;
    return true;
}

typedef struct {
    Publisher *publisher;
    GQueue *queue;
    bool found;
} Next;

/* The next row of the first lane in the queue. */
static bool take_next(int64_t position, const Statement *statement, GBytes *packed, void *user)
{
    Next *next = user;
    Lane *lane = head_of(next->queue);

    next->found = true;
    g_queue_unlink(next->queue, &lane->link);
    if (!send_row(next->publisher, lane, position, statement, packed))
        g_queue_push_head_link(next->queue, &lane->link);
    return false;
}

/* What is after `sent` is met by send_further(). */
static bool send_next(Publisher *publisher, GQueue *queue, Store *store, GError **error)
{
    Lane *lane = head_of(queue);
    Next next = {.publisher = publisher, .queue = queue};

    if (!store_outbox_next(store, lane->id, lane->done, publisher->sent, take_next, &next, error))
        return false;
    if (!next.found)
        end_lane(publisher, queue, lane);
    return true;
}

static bool has_room(const Publisher *publisher)
{
    return !publisher->from_start && !publisher->isolating && publisher->producer != NULL &&
           !publisher->full && publisher->under_way.length < publisher->max_in_flight &&
           publisher->refused.length < publisher->max_in_flight;
}

static bool can_send_alone(const Publisher *publisher)
{
    return publisher->isolating && publisher->alone.length > 0 && publisher->under_way.length == 0 &&
           !publisher->from_start && publisher->producer != NULL && !publisher->full;
}

bool publisher_can_send(const Publisher *publisher)
{
    return can_send_alone(publisher) ||
           (has_room(publisher) && (publisher->ready.length > 0 || publisher->rows_left));
}

void publisher_row_added(Publisher *publisher, int64_t position, const Statement *statement, GBytes *packed)
{
    bool next = !publisher->rows_left && has_room(publisher);

    if (!next || !take_row(position, statement, packed, publisher))
        publisher->rows_left = true;
    /* publisher_send() meets it as well. */
    g_clear_error(&publisher->not_sent);
}

static bool send_ready(Publisher *publisher, Store *store, GError **error)
{
    bool good = true;

    while (good && publisher->ready.length > 0 && has_room(publisher) && publisher->not_sent == NULL)
        good = send_next(publisher, &publisher->ready, store, error);
    return good;
}

static bool send_further(Publisher *publisher, Store *store, GError **error)
{
    if (!publisher->rows_left || !has_room(publisher) || publisher->not_sent != NULL)
        return true;
    guint room = publisher->max_in_flight - publisher->under_way.length;
    publisher->passed = 0;
    bool good = store_outbox_read(store, publisher->sent, room, take_row, publisher, error);
    publisher->rows_left = !good || publisher->not_sent != NULL || publisher->passed == room;
    return good;
}

static void begin_again(Publisher *publisher)
{
    end_all_lanes(publisher);
    publisher->sent = 0;
    publisher->rows_left = true;
    publisher->from_start = false;
}

bool publisher_send(Publisher *publisher, Store *store, bool cleared, int64_t now, GError **error)
{
    ensure_producer(publisher, now);
    if (publisher->from_start && cleared && publisher->under_way.length == 0)
        begin_again(publisher);
    if (!publisher_can_send(publisher))
        return true;
    bool good = publisher->isolating
                    ? send_next(publisher, &publisher->alone, store, error)
                    : send_ready(publisher, store, error) && send_further(publisher, store, error);
    g_autoptr(GError) not_sent = g_steal_pointer(&publisher->not_sent);
    publisher->full = not_sent != NULL; /* the reports of what is under way will make room */
    if (not_sent != NULL && !g_error_matches(not_sent, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE))
        fail(publisher, not_sent->message, now);
    return good;
}

bool publisher_waits_for_clearing(const Publisher *publisher)
{
    return publisher->from_start && publisher->under_way.length == 0;
}

unsigned publisher_in_flight(const Publisher *publisher)
{
    return publisher->under_way.length;
}

int64_t publisher_deadline(const Publisher *publisher)
{
    if (publisher->open && publisher->producer == NULL)
        return publisher->retry_at;
    return publisher->refused.length > 0 && !publisher->isolating && !publisher->from_start
               ? publisher->refused_until
               : G_MAXINT64;
}
