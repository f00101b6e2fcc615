/* SPDX-License-Identifier: Apache-2.0 */
/* All that is remembered of the outbox is up to which row it has been read (`sent`), and what is under way or was passed
 * over before it (`lanes`). A row that is added while none waits before it goes out from memory; all others are read. What
 * was passed over is looked up when it may be sent.
 *
 * When a producer fails for good or rows were put back, the outbox is read again from its beginning: once nothing is under
 * way and what the broker has confirmed has left it, or an older revision could be sent again behind a newer one. */
#include "ingest/publisher.h"

#include <sys/eventfd.h>

#include "common/error.h"
#include "common/health.h"
#include "common/kafka/producer.h"
#include "common/log.h"
#include "ingest/lanes.h"

#define FIRST_PAUSE_US   (100 * INT64_C(1000))
#define LONGEST_PAUSE_US (5 * INT64_C(1000000))
/* A new producer needs a moment to find the brokers. */
#define CONNECTING_US (5 * INT64_C(1000000))

struct Publisher {
    const Config *config;
    const char *topic;
    unsigned max_in_flight;
    bool open;
    KafkaProducer *producer; /* NULL: none yet, or lost */
    int64_t sent;
    bool rows_left;  /* there may be rows after `sent` */
    bool from_start; /* and before it: nothing is sent until all is confirmed and cleared */
    Lanes lanes;
    int64_t refused_until; /* what was refused is not tried again before */
    GArray *confirmed;     /* during publisher_poll() */
    bool full;             /* the client took no more */
    GError *not_sent;      /* from send_row() to publisher_send(): why */
    unsigned passed;       /* likewise: how many rows were sent or left behind */
    char *refusal;         /* until publisher_poll() tells it */
    char *failure;         /* for health, until the broker confirms something and nothing is refused */
    int64_t pause_us;      /* before the next producer, or the next try of what was refused */
    int64_t retry_at;      /* no producer before this time; 0: at once */
    int64_t connect_by;    /* when being not connected becomes news */
};

void confirmation_clear(Confirmation *confirmation)
{
    g_free((char *)confirmation->row.id);
    *confirmation = (Confirmation){0};
}

Publisher *publisher_new(const Config *config)
{
    Publisher *publisher = g_new0(Publisher, 1);

    publisher->config = config;
    publisher->topic = config_string(config, "topics", "statements");
    publisher->max_in_flight = (unsigned)config_integer(config, "ingest", "max-in-flight");
    publisher->pause_us = FIRST_PAUSE_US;
    lanes_init(&publisher->lanes);
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
    lanes_reset(&publisher->lanes);
    publisher_rows_put_back(publisher);
}

void publisher_free(Publisher *publisher, int timeout_ms)
{
    if (publisher == NULL)
        return;
    drop_producer(publisher, timeout_ms);
    lanes_clear(&publisher->lanes);
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
    lanes_confirmed(&publisher->lanes, lane);
}

static void note_refused(Publisher *publisher, Lane *lane, const char *reason)
{
    lanes_refused(&publisher->lanes, lane);
    if (publisher->refusal == NULL)
        publisher->refusal = g_strdup_printf("the broker refused a statement: %s", reason);
}

static void on_delivery(const KafkaDelivery *delivery, void *user)
{
    Publisher *publisher = user;
    Lane *lane = delivery->tag;

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

/* The pause begins anew when no row is left that may be refused. */
static void recovered(Publisher *publisher)
{
    g_clear_pointer(&publisher->failure, g_free);
    if (publisher->lanes.under_way.length == 0)
        publisher->pause_us = FIRST_PAUSE_US;
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
        if (confirmed->len > before && !lanes_has_refused(&publisher->lanes))
            recovered(publisher);
        if (!alive)
            fail(publisher, error->message, now);
        else if (refusal != NULL && now >= publisher->refused_until)
            publisher->refused_until = note_failure(
                publisher, "a statement is tried again, and its later revisions wait", refusal, now);
    }
    lanes_isolate(&publisher->lanes, now >= publisher->refused_until);
    tell_health(publisher, now);
}

/* ---- sending ---- */

/* False when nothing more can be sent yet, and `not_sent` is why. */
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
    lanes_sent(&publisher->lanes, lane, position, statement->revision, accepted_at);
    if (!taken)
        note_refused(publisher, lane, error->message);
    return true;
}

/* The next row of all: sent, or left behind another one of its statement. */
static bool take_row(int64_t position, const Statement *statement, GBytes *packed, void *user)
{
    Publisher *publisher = user;
    Lane *lane = lanes_find(&publisher->lanes, statement->id);

    if (lane != NULL) {
        lane->more = true;
    } else {
        lane = lanes_begin(&publisher->lanes, statement->id);
        if (!send_row(publisher, lane, position, statement, packed)) {
            lanes_end(&publisher->lanes, lane);
            return false;
        }
    }
    publisher->sent = position;
    publisher->passed++;
    return true;
}

typedef struct {
    Publisher *publisher;
    Lane *lane;
    bool found;
} Next;

static bool take_next(int64_t position, const Statement *statement, GBytes *packed, void *user)
{
    Next *next = user;

    next->found = true;
    (void)send_row(next->publisher, next->lane, position, statement, packed);
    return false;
}

/* The next row of the lane. What is after `sent` is met by send_further(). */
static bool send_next(Publisher *publisher, Lane *lane, Store *store, GError **error)
{
    Next next = {.publisher = publisher, .lane = lane};

    if (!store_outbox_next(store, lane->id, lane->done, publisher->sent, take_next, &next, error))
        return false;
    if (!next.found)
        lanes_end(&publisher->lanes, lane);
    return true;
}

static bool has_room(const Publisher *publisher)
{
    return !publisher->from_start && publisher->producer != NULL && !publisher->full &&
           publisher->lanes.under_way.length < publisher->max_in_flight;
}

static bool has_room_for_further(const Publisher *publisher)
{
    return has_room(publisher) && !publisher->lanes.isolating &&
           publisher->lanes.refused.length < publisher->max_in_flight;
}

bool publisher_can_send(const Publisher *publisher)
{
    return (has_room(publisher) && lanes_next(&publisher->lanes) != NULL) ||
           (publisher->rows_left && has_room_for_further(publisher));
}

void publisher_row_added(Publisher *publisher, int64_t position, const Statement *statement, GBytes *packed)
{
    bool next = !publisher->rows_left && has_room_for_further(publisher);

    if (!next || !take_row(position, statement, packed, publisher))
        publisher->rows_left = true;
    /* publisher_send() meets it as well. */
    g_clear_error(&publisher->not_sent);
}

static bool send_passed_over(Publisher *publisher, Store *store, GError **error)
{
    bool good = true;
    Lane *lane;

    while (good && publisher->not_sent == NULL && has_room(publisher) &&
           (lane = lanes_next(&publisher->lanes)) != NULL)
        good = send_next(publisher, lane, store, error);
    return good;
}

static bool send_further(Publisher *publisher, Store *store, GError **error)
{
    if (!publisher->rows_left || publisher->not_sent != NULL || !has_room_for_further(publisher))
        return true;
    guint room = publisher->max_in_flight - publisher->lanes.under_way.length;
    publisher->passed = 0;
    bool good = store_outbox_read(store, publisher->sent, room, take_row, publisher, error);
    publisher->rows_left = !good || publisher->not_sent != NULL || publisher->passed == room;
    return good;
}

static void begin_again(Publisher *publisher)
{
    lanes_reset(&publisher->lanes);
    publisher->sent = 0;
    publisher->rows_left = true;
    publisher->from_start = false;
}

bool publisher_send(Publisher *publisher, Store *store, bool cleared, int64_t now, GError **error)
{
    ensure_producer(publisher, now);
    if (publisher->from_start && cleared && publisher->lanes.under_way.length == 0)
        begin_again(publisher);
    if (!publisher_can_send(publisher))
        return true;
    bool good = send_passed_over(publisher, store, error) && send_further(publisher, store, error);
    g_autoptr(GError) not_sent = g_steal_pointer(&publisher->not_sent);
    publisher->full = not_sent != NULL; /* the reports of what is under way will make room */
    if (not_sent != NULL && !g_error_matches(not_sent, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE))
        fail(publisher, not_sent->message, now);
    return good;
}

bool publisher_waits_for_clearing(const Publisher *publisher)
{
    return publisher->from_start && publisher->lanes.under_way.length == 0;
}

unsigned publisher_in_flight(const Publisher *publisher)
{
    return publisher->lanes.under_way.length;
}

int64_t publisher_deadline(const Publisher *publisher)
{
    if (publisher->open && publisher->producer == NULL)
        return publisher->retry_at;
    return publisher->lanes.refused.length > 0 && !publisher->lanes.isolating && !publisher->from_start
               ? publisher->refused_until
               : G_MAXINT64;
}
