/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_bus.h"

#include <sys/eventfd.h>

#include "common/error.h"
#include "common/kafka/producer.h"
#include "dice.h"
#include "ingest/bus_opener.h"

typedef enum { SENT, WRITTEN, REFUSED } State;

typedef struct {
    char *id;
    GBytes *value;
    int32_t partition;
    int64_t offset;
    void *tag;
    State state;
} InFlight;

struct KafkaProducer {
    int event_fd;
    KafkaDeliveryFunction on_delivery;
    void *user;
    GPtrArray *in_flight; /* of InFlight, oldest first */
    GPtrArray *reports;   /* of InFlight */
    bool failed;
};

struct BusOpener {
    void (*opened)(void *user);
    void *user;
};

static struct {
    Dice *dice;
    FakeBusTrouble trouble;
    GPtrArray *records; /* of FakeBusRecord */
    GHashTable *by_id;  /* ce_id -> the first FakeBusRecord */
    int64_t next_offset[FAKE_BUS_PARTITIONS];
    KafkaProducer *producer;
    BusOpener opener;
    bool open, frozen;
} bus;

/* ---- the topic ---- */

static void record_free(void *data)
{
    FakeBusRecord *record = data;
    g_free(record->id);
    g_bytes_unref(record->value);
    g_free(record);
}

static void in_flight_free(void *data)
{
    InFlight *item = data;
    g_free(item->id);
    g_bytes_unref(item->value);
    g_free(item);
}

void fake_bus_end(void)
{
    g_clear_pointer(&bus.dice, g_rand_free);
    g_clear_pointer(&bus.by_id, g_hash_table_unref);
    g_clear_pointer(&bus.records, g_ptr_array_unref);
}

void fake_bus_reset(uint64_t seed, FakeBusTrouble trouble)
{
    g_assert(!bus.producer);
    fake_bus_end();
    bus.dice = dice_new(seed, 2, 0);
    bus.trouble = trouble;
    bus.records = g_ptr_array_new_with_free_func(record_free);
    bus.by_id = g_hash_table_new(g_str_hash, g_str_equal);
    memset(bus.next_offset, 0, sizeof bus.next_offset);
    bus.open = bus.frozen = false;
}

static int32_t partition_of(const char *id)
{
    g_autofree char *key = g_strndup(id, (gsize)(strrchr(id, '/') - id));
    return (int32_t)(g_str_hash(key) % FAKE_BUS_PARTITIONS);
}

static FakeBusRecord *write_record(const char *id, GBytes *value)
{
    FakeBusRecord *record = g_new0(FakeBusRecord, 1);
    record->id = g_strdup(id);
    record->value = g_bytes_ref(value);
    record->partition = partition_of(id);
    record->written_at = g_get_real_time();
    record->offset = bus.next_offset[record->partition]++;
    g_ptr_array_add(bus.records, record);
    if (!g_hash_table_contains(bus.by_id, id))
        g_hash_table_insert(bus.by_id, record->id, record);
    return record;
}

void fake_bus_add(const char *id, GBytes *value, int32_t *ret_partition, int64_t *ret_offset)
{
    FakeBusRecord *record = write_record(id, value);
    record->reported = true;
    *ret_partition = record->partition;
    *ret_offset = record->offset;
}

const GPtrArray *fake_bus_records(void)
{
    return bus.records;
}

const FakeBusRecord *fake_bus_find(const char *id)
{
    return g_hash_table_lookup(bus.by_id, id);
}

/* ---- its work ---- */

static bool trouble(int percent)
{
    return percent > 0 && dice_chance(bus.dice, percent);
}

static void write_in_flight(InFlight *item)
{
    item->offset = write_record(item->id, item->value)->offset;
    item->state = WRITTEN;
}

static void write_some(KafkaProducer *producer, bool all)
{
    bool stopped[FAKE_BUS_PARTITIONS] = {false};
    int percent = dice_range(bus.dice, 0, 130);

    for (guint i = 0; i < producer->in_flight->len; i++) {
        InFlight *item = g_ptr_array_index(producer->in_flight, i);
        if (item->state != SENT || stopped[item->partition])
            continue;
        if (!all && !trouble(percent))
            stopped[item->partition] = true;
        else if (!all && trouble(bus.trouble.refuses))
            item->state = REFUSED;
        else
            write_in_flight(item);
    }
}

static void report_some(KafkaProducer *producer, bool all)
{
    bool stopped[FAKE_BUS_PARTITIONS] = {false};
    int percent = dice_range(bus.dice, 0, 130);

    for (guint i = 0; i < producer->in_flight->len;) {
        InFlight *item = g_ptr_array_index(producer->in_flight, i);
        if (stopped[item->partition] || item->state == SENT || (!all && !trouble(percent))) {
            stopped[item->partition] = true;
            i++;
            continue;
        }
        g_ptr_array_add(producer->reports, g_ptr_array_steal_index(producer->in_flight, i));
    }
}

void fake_bus_work(bool all)
{
    KafkaProducer *producer = bus.producer;

    if (!producer || bus.frozen || producer->failed)
        return;
    write_some(producer, all);
    report_some(producer, all);
    producer->failed = !all && trouble(bus.trouble.fails);
    if (producer->failed || producer->reports->len > 0)
        (void)eventfd_write(producer->event_fd, 1);
}

void fake_bus_freeze(void)
{
    bus.frozen = true;
}

void fake_bus_thaw(void)
{
    bus.frozen = false;
}

/* ---- common/kafka/producer.h ---- */

KafkaProducer *kafka_producer_new(const Config *config G_GNUC_UNUSED, KafkaDeliveryFunction on_delivery,
                                  void *user, GError **error G_GNUC_UNUSED)
{
    KafkaProducer *producer = g_new0(KafkaProducer, 1);
    producer->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(producer->event_fd >= 0 && !bus.producer);
    producer->on_delivery = on_delivery;
    producer->user = user;
    producer->in_flight = g_ptr_array_new_with_free_func(in_flight_free);
    producer->reports = g_ptr_array_new_with_free_func(in_flight_free);
    bus.producer = producer;
    return producer;
}

void kafka_producer_expect(KafkaProducer *producer G_GNUC_UNUSED, const char *topic G_GNUC_UNUSED)
{
}

/* What is under way may be written all the same. */
void kafka_producer_free(KafkaProducer *producer, int timeout_ms G_GNUC_UNUSED)
{
    if (!producer)
        return;
    if (!bus.frozen)
        write_some(producer, false);
    g_ptr_array_unref(producer->in_flight);
    g_ptr_array_unref(producer->reports);
    close(producer->event_fd);
    g_free(producer);
    bus.producer = NULL;
}

bool kafka_producer_send(KafkaProducer *producer, const BusRecord *record, void *tag, GError **error)
{
    if (producer->failed || (!bus.frozen && trouble(bus.trouble.is_busy))) {
        g_set_error_literal(error, DAYWIRE_ERROR,
                            producer->failed ? DAYWIRE_ERROR_LOST : DAYWIRE_ERROR_UNAVAILABLE,
                            "the bus is in trouble");
        return false;
    }
    InFlight *item = g_new0(InFlight, 1);
    item->id = g_strdup(bus_record_header(record, "ce_id"));
    item->value = g_bytes_ref(record->value);
    item->partition = partition_of(item->id);
    item->tag = tag;
    g_ptr_array_add(producer->in_flight, item);
    return true;
}

bool kafka_producer_poll(KafkaProducer *producer, int timeout_ms G_GNUC_UNUSED, GError **error)
{
    while (producer->reports->len > 0 && !bus.frozen) {
        InFlight *item = g_ptr_array_steal_index(producer->reports, 0);
        const KafkaDelivery delivery = {.tag = item->tag,
                                        .written = item->state == WRITTEN,
                                        .partition = item->partition,
                                        .offset = item->state == WRITTEN ? item->offset : -1,
                                        .error = item->state == WRITTEN ? NULL : "refused by the fake bus"};
        if (delivery.written)
            ((FakeBusRecord *)g_hash_table_lookup(bus.by_id, item->id))->reported = true;
        producer->on_delivery(&delivery, producer->user);
        in_flight_free(item);
    }
    if (producer->failed)
        g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the fake bus has failed for good");
    return !producer->failed;
}

int kafka_producer_event_fd(KafkaProducer *producer)
{
    return producer->event_fd;
}

bool kafka_producer_connected(const KafkaProducer *producer)
{
    return !producer->failed;
}

/* ---- ingest/bus_opener.h ---- */

BusOpener *bus_opener_start(const Config *config G_GNUC_UNUSED, void (*opened)(void *user), void *user)
{
    bus.open = false;
    bus.opener = (BusOpener){.opened = opened, .user = user};
    return &bus.opener;
}

void bus_opener_stop(BusOpener *opener G_GNUC_UNUSED)
{
}

BusState bus_opener_state(BusOpener *opener G_GNUC_UNUSED)
{
    return bus.open ? BUS_OPEN : BUS_WAITING;
}

void fake_bus_open(void)
{
    if (bus.open)
        return;
    bus.open = true;
    bus.opener.opened(bus.opener.user);
}
