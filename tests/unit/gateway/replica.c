/* SPDX-License-Identifier: Apache-2.0 */
#include "replica.h"

#include "unit.h"

#include "folder.h"

#define WINDOW (INT64_C(86400) * 365 * INSTANT_SECOND)

Bus *bus_new(uint32_t epoch)
{
    Bus *bus = g_new0(Bus, 1);
    bus->epoch = epoch;
    bus->time = NOON;
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        bus->partitions[i] = g_ptr_array_new_with_free_func((GDestroyNotify)bus_record_free);
    return bus;
}

void bus_free(Bus *bus)
{
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        g_ptr_array_unref(bus->partitions[i]);
    g_free(bus);
}

static int32_t partition_of(const char *key, unsigned partitions)
{
    return (int32_t)((unsigned char)key[strlen(key) - 1] % partitions);
}

static Instant pass(Bus *bus)
{
    return bus->time += INSTANT_SECOND;
}

static void add(Bus *bus, size_t index, BusRecord *record)
{
    record->offset = (int64_t)bus->partitions[index]->len;
    g_ptr_array_add(bus->partitions[index], record);
}

void bus_statement(Bus *bus, Statement *statement)
{
    int32_t partition = partition_of(statement->id, BUS_STATEMENTS);
    add(bus, (size_t)partition, make_record(statement, NULL, NULL, partition, 0, pass(bus)));
}

void bus_tick(Bus *bus, Tick *tick)
{
    int32_t partition = partition_of(tick->counter, BUS_TICKS);
    add(bus, BUS_STATEMENTS + (size_t)partition, make_record(NULL, tick, NULL, partition, 0, pass(bus)));
}

void bus_removal(Bus *bus, const char *counter)
{
    int32_t partition = partition_of(counter, BUS_TICKS);
    add(bus, BUS_STATEMENTS + (size_t)partition, make_record(NULL, NULL, counter, partition, 0, pass(bus)));
}

static int32_t number_of(size_t partition)
{
    return (int32_t)(partition < BUS_STATEMENTS ? partition : partition - BUS_STATEMENTS);
}

static BusRecord *raw_record(Bus *bus, size_t partition, const BusRecord *from)
{
    BusRecord *record = g_new0(BusRecord, 1);
    record->topic = g_strdup(partition < BUS_STATEMENTS ? STATEMENTS : TICKS);
    record->partition = number_of(partition);
    record->timestamp = pass(bus);
    record->key = from ? g_bytes_ref(from->key) : g_bytes_new_static("key", 3);
    record->value = !from ? g_bytes_new_static("\xff\xff", 2) : from->value ? g_bytes_ref(from->value) : NULL;
    return record;
}

void bus_repeat(Bus *bus, size_t partition)
{
    const GPtrArray *records = bus->partitions[partition];
    if (records->len > 0)
        add(bus, partition, raw_record(bus, partition, records->pdata[records->len - 1]));
}

void bus_nonsense(Bus *bus, size_t partition)
{
    add(bus, partition, raw_record(bus, partition, NULL));
}

static Cursor *cursor_at(const Bus *bus, const int64_t offsets[BUS_PARTITIONS])
{
    Cursor *cursor = cursor_new(bus->epoch, BUS_PARTITIONS);
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        cursor->positions[i].offset = offsets[i];
    return cursor;
}

static void open_replica(Replica *replica)
{
    g_autoptr(GError) error = NULL;
    replica->view = view_open(replica->path, &error);
    assert_null(error);
    replica->reader = view_reader_open(replica->path, &error);
    assert_null(error);
    replica->log = event_log_new(replica->window_bytes, WINDOW);
    replica->applier = applier_new(replica->view, replica->log, STATEMENTS);
}

static void close_replica(Replica *replica)
{
    applier_free(replica->applier);
    view_reader_free(replica->reader);
    view_free(replica->view);
    event_log_free(replica->log);
}

void replica_change_bus(Replica *replica, const Bus *bus)
{
    g_autoptr(GError) error = NULL;
    memset(replica->next, 0, sizeof(replica->next));
    replica->bus = bus;
    g_autofree Cursor *start = cursor_at(bus, replica->next);
    if (!applier_clear(replica->applier, start, BUS_STATEMENTS, &error))
        fail_msg("%s", error->message);
}

Replica *replica_new(const Bus *bus, size_t window_bytes)
{
    Replica *replica = g_new0(Replica, 1);
    replica->folder = folder_new();
    replica->path = folder_path(replica->folder, "gateway.db");
    replica->window_bytes = window_bytes;
    open_replica(replica);
    replica_change_bus(replica, bus);
    return replica;
}

void replica_free(Replica *replica)
{
    close_replica(replica);
    folder_remove(replica->folder);
    g_free(replica->path);
    g_free(replica);
}

void replica_read(Replica *replica, size_t partition, size_t count)
{
    const GPtrArray *records = replica->bus->partitions[partition];
    for (; count > 0 && replica->next[partition] < (int64_t)records->len; count--) {
        g_autoptr(GError) error = NULL;
        if (!applier_add(replica->applier, records->pdata[replica->next[partition]++], &error))
            fail_msg("%s", error->message);
    }
}

void replica_flush(Replica *replica)
{
    g_autoptr(GError) error = NULL;
    if (!applier_flush(replica->applier, replica->bus->time, true, &error))
        fail_msg("%s", error->message);
}

void replica_follow(Replica *replica)
{
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        replica_read(replica, i, SIZE_MAX);
    replica_flush(replica);
}

void replica_restart(Replica *replica, const int64_t from[BUS_PARTITIONS])
{
    g_autoptr(GError) error = NULL;
    close_replica(replica);
    open_replica(replica);
    const Cursor *stored = applier_cursor(replica->applier);
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        replica->next[i] = MIN(from[i], MAX(stored->positions[i].offset - 1, 0));
    g_autofree Cursor *start = cursor_at(replica->bus, replica->next);
    applier_start(replica->applier, start, BUS_STATEMENTS, true);
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        replica_read(replica, i, SIZE_MAX);
    if (!applier_flush(replica->applier, replica->bus->time, false, &error))
        fail_msg("%s", error->message);
    replica_flush(replica);
}

/* ---- one replica of one bus ---- */

int replica_setup(void **state, size_t window_bytes)
{
    ReplicaFixture *fixture = g_new0(ReplicaFixture, 1);
    fixture->bus = bus_new(7);
    fixture->replica = replica_new(fixture->bus, window_bytes);
    *state = fixture;
    return 0;
}

int replica_teardown(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_free(fixture->replica);
    bus_free(fixture->bus);
    g_free(fixture);
    return 0;
}

void replica_publish(ReplicaFixture *fixture, const char *id, unsigned revision)
{
    bus_statement(fixture->bus, make_statement(id, revision, id));
    replica_follow(fixture->replica);
}
