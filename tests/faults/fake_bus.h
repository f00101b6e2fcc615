/* SPDX-License-Identifier: Apache-2.0 */
/* A broker in memory in place of common/kafka/producer.h and ingest/bus_opener.h. It writes and reports when it is
 * told to work, in any portions, keeps the order of each partition as the idempotent producer does, and can refuse a
 * record, take no more, or fail for good with an unknown part of what was under way written. What it has written
 * survives the producer and the process.
 *
 * One bus in a process, one thread. */
#ifndef DAYWIRE_TESTS_FAULTS_FAKE_BUS_H
#define DAYWIRE_TESTS_FAULTS_FAKE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "common/instant.h"

#define FAKE_BUS_PARTITIONS 3

/* Chances in 100, for each record or each piece of work. */
typedef struct {
    int refuses;
    int fails;
    int is_busy;
} FakeBusTrouble;

typedef struct {
    char *id; /* ce_id: "<statement>/<revision>" */
    GBytes *value;
    int32_t partition;
    int64_t offset;
    Instant written_at;
    bool reported; /* its report, or that of an equal one, has been handed over */
} FakeBusRecord;

/* An empty topic, not open yet. */
void fake_bus_reset(uint64_t seed, FakeBusTrouble trouble);
void fake_bus_end(void);
/* Puts a record there that was confirmed long ago; *ret_partition and *ret_offset are its place. */
void fake_bus_add(const char *id, GBytes *value, int32_t *ret_partition, int64_t *ret_offset);

/* The opener's work is done, if it was not: the engine hears of it. */
void fake_bus_open(void);
/* Writes some of what was sent, reports some of what was written; all: everything, without any trouble. */
void fake_bus_work(bool all);
/* The process is dead: nothing is written or reported any more. */
void fake_bus_freeze(void);
/* For the next process. */
void fake_bus_thaw(void);

/* All records written, in the order of writing (of FakeBusRecord); the bus's. */
const GPtrArray *fake_bus_records(void);
/* The first one with this ce_id, or NULL. */
const FakeBusRecord *fake_bus_find(const char *id);

#endif
