/* SPDX-License-Identifier: Apache-2.0 */
/* All that is remembered of the outbox is up to which row it has been sent (`sent`), which rows are under way, and of which
 * statements rows were left behind (`held`). A row that is added while none waits before it goes out from memory; all
 * others are read.
 *
 * Of a statement one row is under way: were there two, the broker could refuse the first one and take the second. Those
 * behind it, and those behind one that was refused, are left until the outbox is read again from its beginning. That it is,
 * too, when a producer fails for good or rows were put back: once nothing is under way and what the broker has confirmed
 * has left it, or an older revision could be sent again behind a newer one. */
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

typedef struct {
    Confirmation confirmation; /* but for where the record is */
    GList link;                /* in `under_way` */
} Row;

struct Publisher {
    const Config *config;
    const char *topic;
    unsigned max_in_flight;
    bool open;
    KafkaProducer *producer; /* NULL: none yet, or lost */
    int64_t sent;
    bool rows_left;     /* there may be rows after `sent` */
    bool from_start;    /* and before it: nothing is sent until all is confirmed and cleared */
    GQueue under_way;   /* of Row, by their link */
    GHashTable *ids;    /* of `under_way`, borrowed */
    GHashTable *held;   /* ids; owned */
    int64_t held_until; /* they are not tried again before */
    bool draining; /* they are tried again as soon as all is confirmed and cleared: nothing else is sent */
    GArray *confirmed;  /* during publisher_poll() */
    bool full;          /* the client took no more */
    GError *not_sent;   /* from send_row() to its caller: why */
    unsigned passed;    /* likewise: how many rows were sent or left behind */
    char *refusal;      /* during publisher_poll(): the broker refused a record */
    char *failure;      /* for health, until the broker confirms something and no row is held */
    int64_t pause_us;   /* before the next producer, or the next try of what is held */
    int64_t retry_at;   /* no producer before this time; 0: at once */
    int64_t connect_by; /* when being not connected becomes news */
};

void confirmation_clear(Confirmation *confirmation)
{
    g_free((char *)confirmation->row.id);
    *confirmation = (Confirmation){0};
}

static void row_free(Row *row)
{
    confirmation_clear(&row->confirmation);
    g_free(row);
}

Publisher *publisher_new(const Config *config)
{
    Publisher *publisher = g_new0(Publisher, 1);

    publisher->config = config;
    publisher->topic = config_string(config, "topics", "statements");
    publisher->max_in_flight = (unsigned)config_integer(config, "ingest", "max-in-flight");
    publisher->pause_us = FIRST_PAUSE_US;
    g_queue_init(&publisher->under_way);
    publisher->ids = g_hash_table_new(g_str_hash, g_str_equal);
    publisher->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return publisher;
}

void publisher_rows_put_back(Publisher *publisher)
{
    publisher->rows_left = true;
    publisher->from_start = true;
}

static void drop_producer(Publisher *publisher, int timeout_ms)
{
    GList *link;

    kafka_producer_free(publisher->producer, timeout_ms);
    publisher->producer = NULL;
    g_hash_table_remove_all(publisher->ids);
    while ((link = g_queue_pop_head_link(&publisher->under_way)) != NULL)
        row_free(link->data);
    publisher_rows_put_back(publisher);
}

static void hold(Publisher *publisher, const char *id)
{
    (void)g_hash_table_add(publisher->held, g_strdup(id));
}

void publisher_free(Publisher *publisher, int timeout_ms)
{
    if (publisher == NULL)
        return;
    drop_producer(publisher, timeout_ms);
    g_hash_table_unref(publisher->ids);
    g_hash_table_unref(publisher->held);
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

static void on_delivery(const KafkaDelivery *delivery, void *user)
{
    Publisher *publisher = user;
    Row *row = delivery->tag;

    g_queue_unlink(&publisher->under_way, &row->link);
    (void)g_hash_table_remove(publisher->ids, row->confirmation.row.id);
    if (delivery->written) {
        row->confirmation.row.partition = delivery->partition;
        row->confirmation.row.offset = delivery->offset;
        g_array_append_val(publisher->confirmed, row->confirmation);
        row->confirmation = (Confirmation){0}; /* moved */
    } else {
        hold(publisher, row->confirmation.row.id);
        if (publisher->refusal == NULL)
            publisher->refusal = g_strdup_printf("the broker refused a statement: %s", delivery->error);
    }
    row_free(row);
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
    if (publisher->under_way.length == 0)
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
        if (confirmed->len > before && g_hash_table_size(publisher->held) == 0)
            recovered(publisher);
        if (!alive)
            fail(publisher, error->message, now);
        else if (refusal != NULL && now >= publisher->held_until)
            publisher->held_until = note_failure(
                publisher, "a statement is tried again, and its later revisions wait", refusal, now);
    }
    publisher->draining = g_hash_table_size(publisher->held) > 0 && now >= publisher->held_until;
    tell_health(publisher, now);
}

static Row *row_new(const Publisher *publisher, int64_t position, const Statement *statement)
{
    Row *row = g_new0(Row, 1);

    row->link.data = row;
    row->confirmation = (Confirmation){.row = {.position = position,
                                               .id = g_strdup(statement->id),
                                               .revision = statement->revision,
                                               .topic = publisher->topic},
                                       .accepted_at = instant_from_timestamp(statement->updated_at)};
    return row;
}

/* False when nothing more can be sent yet. A row behind another one of its statement is left. */
static bool send_row(int64_t position, const Statement *statement, GBytes *packed, void *user)
{
    Publisher *publisher = user;

    if (g_hash_table_contains(publisher->ids, statement->id) ||
        g_hash_table_contains(publisher->held, statement->id)) {
        hold(publisher, statement->id);
        publisher->sent = position;
        publisher->passed++;
        return true;
    }
    Row *row = row_new(publisher, position, statement);
    g_autoptr(BusRecord) record =
        bus_record_from_statement(publisher->topic, statement, packed, row->confirmation.accepted_at);

    if (kafka_producer_send(publisher->producer, record, row, &publisher->not_sent)) {
        g_queue_push_tail_link(&publisher->under_way, &row->link);
        (void)g_hash_table_add(publisher->ids, (char *)row->confirmation.row.id);
        publisher->sent = position;
        publisher->passed++;
        return true;
    }
    row_free(row);
    return false;
}

static bool is_to_begin_again(const Publisher *publisher)
{
    return publisher->from_start || publisher->draining;
}

static bool has_room(const Publisher *publisher)
{
    return !is_to_begin_again(publisher) && publisher->producer != NULL && !publisher->full &&
           publisher->under_way.length < publisher->max_in_flight &&
           g_hash_table_size(publisher->held) < publisher->max_in_flight;
}

bool publisher_can_send(const Publisher *publisher)
{
    return publisher->rows_left && has_room(publisher);
}

void publisher_row_added(Publisher *publisher, int64_t position, const Statement *statement, GBytes *packed)
{
    bool next = !publisher->rows_left && has_room(publisher);

    if (!next || !send_row(position, statement, packed, publisher))
        publisher->rows_left = true;
    /* publisher_send() meets it as well. */
    g_clear_error(&publisher->not_sent);
}

bool publisher_send(Publisher *publisher, Store *store, bool cleared, int64_t now, GError **error)
{
    ensure_producer(publisher, now);
    if (is_to_begin_again(publisher) && cleared && publisher->under_way.length == 0) {
        g_hash_table_remove_all(publisher->held);
        publisher->sent = 0;
        publisher->rows_left = true;
        publisher->from_start = publisher->draining = false;
    }
    if (!publisher_can_send(publisher))
        return true;
    guint room = publisher->max_in_flight - publisher->under_way.length;
    publisher->passed = 0;
    bool good = store_outbox_read(store, publisher->sent, room, send_row, publisher, error);
    g_autoptr(GError) not_sent = g_steal_pointer(&publisher->not_sent);
    publisher->rows_left = !good || not_sent != NULL || publisher->passed == room;
    publisher->full = not_sent != NULL; /* the reports of what is under way will make room */
    if (not_sent != NULL && !g_error_matches(not_sent, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE))
        fail(publisher, not_sent->message, now);
    return good;
}

bool publisher_waits_for_clearing(const Publisher *publisher)
{
    return is_to_begin_again(publisher) && publisher->under_way.length == 0;
}

unsigned publisher_in_flight(const Publisher *publisher)
{
    return publisher->under_way.length;
}

int64_t publisher_deadline(const Publisher *publisher)
{
    if (publisher->open && publisher->producer == NULL)
        return publisher->retry_at;
    return g_hash_table_size(publisher->held) > 0 && !is_to_begin_again(publisher) ? publisher->held_until
                                                                                   : G_MAXINT64;
}
