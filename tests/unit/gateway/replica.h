/* SPDX-License-Identifier: Apache-2.0 */
/* A bus of records in memory, and a gateway's data side that reads it: what consumer.c does, without Kafka
 * and without its thread. */
#ifndef DAYWIRE_TESTS_REPLICA_H
#define DAYWIRE_TESTS_REPLICA_H

#include "gateway/applier.h"
#include "stream_fixture.h"

#define BUS_STATEMENTS 2 /* partitions */
#define BUS_TICKS      1
#define BUS_PARTITIONS (BUS_STATEMENTS + BUS_TICKS)

typedef struct {
    uint32_t epoch;
    Instant time;                          /* of the next record; a second passes with each */
    GPtrArray *partitions[BUS_PARTITIONS]; /* of BusRecord, by offset */
} Bus;

Bus *bus_new(uint32_t epoch);
void bus_free(Bus *bus);
/* Both take over what they are given; the partition follows from the key's last character. */
void bus_statement(Bus *bus, Statement *statement);
void bus_tick(Bus *bus, Tick *tick);
void bus_removal(Bus *bus, const char *counter);
/* The last record of the partition once more. */
void bus_repeat(Bus *bus, size_t partition);
/* A record that is nothing. */
void bus_nonsense(Bus *bus, size_t partition);

typedef struct {
    const Bus *bus;
    char *folder;
    char *path;
    size_t window_bytes;
    View *view;
    ViewReader *reader;
    EventLog *log;
    Applier *applier;
    int64_t next[BUS_PARTITIONS]; /* what is read next */
} Replica;

/* Has read nothing yet. */
Replica *replica_new(const Bus *bus, size_t window_bytes);
void replica_free(Replica *replica);

/* Reads at most `count` records of a partition into the batch. */
void replica_read(Replica *replica, size_t partition, size_t count);
void replica_flush(Replica *replica);
/* Everything there is. */
void replica_follow(Replica *replica);

/* As a new process on the same file: the log is filled again from these offsets on, and read to the end. */
void replica_restart(Replica *replica, const int64_t from[BUS_PARTITIONS]);
/* As after the broker was replaced. */
void replica_change_bus(Replica *replica, const Bus *bus);

/* ---- one replica of one bus ---- */

typedef struct {
    Bus *bus;
    Replica *replica;
} ReplicaFixture;

/* For cmocka's set-up, which adds the size, and as its tear-down; *state is a ReplicaFixture. */
int replica_setup(void **state, size_t window_bytes);
int replica_teardown(void **state);

/* A statement with its id as its title, and the replica has read it. */
void replica_publish(ReplicaFixture *fixture, const char *id, unsigned revision);

#endif
