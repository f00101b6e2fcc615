/* SPDX-License-Identifier: Apache-2.0 */
/* Reads whole topics: every partition by assignment, without a group, since every reader needs every record.
 * Reads committed records only. One thread owns a reader; kafka_reader_wake() is for the others. */
#ifndef DAYWIRE_COMMON_KAFKA_READER_H
#define DAYWIRE_COMMON_KAFKA_READER_H

#include "common/bus_record.h"
#include "common/config/config.h"

typedef struct KafkaReader KafkaReader;

typedef struct {
    char *topic; /* owned by the reader */
    int32_t partition;
    int64_t low;      /* offset of the first record */
    int64_t high;     /* offset after the last committed record when the reader was made */
    int64_t position; /* where reading starts, low to high; set it before kafka_reader_start() */
} KafkaPartition;

/* Looks up the topics and the bounds of their partitions. NOT_FOUND: a topic does not exist. UNAVAILABLE: no
 * broker within `timeout_ms`. `topics` is NULL-terminated. All positions start at `low`. */
KafkaReader *kafka_reader_new(const Config *config, const char *const *topics, int timeout_ms, GError **error)
    MUST_CHECK;
void kafka_reader_free(KafkaReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KafkaReader, kafka_reader_free)

/* The cluster's own id; the embedded broker has another one at every start, see embedded.h. Never NULL. */
const char *kafka_reader_cluster(const KafkaReader *reader);

/* The partitions in the order of `topics`, then by number. */
KafkaPartition *kafka_reader_partitions(KafkaReader *reader, size_t *ret_count);

/* Sets each position to the first record at or after `since`, or `high`; on the embedded broker to `low`.
 * UNAVAILABLE. */
bool kafka_reader_seek_time(KafkaReader *reader, Instant since, int timeout_ms, GError **error) MUST_CHECK;

/* Begins to fetch from the positions. LOST: one lies outside of its log. */
bool kafka_reader_start(KafkaReader *reader, GError **error) MUST_CHECK;

typedef enum {
    KAFKA_READ_RECORD,  /* *ret_record is the caller's */
    KAFKA_READ_NOTHING, /* time-out, woken, or the end has just been reached */
    KAFKA_READ_FAILED,  /* LOST: a position lies outside of its log, a topic is gone, the address belongs to
                           another cluster now: make another reader */
} KafkaRead;

/* Broker failures are waited out, told by kafka_reader_connected(); after one, a call may take a second
 * longer than `timeout_ms`. A record is never given twice. A topic that was deleted and made again within a
 * second is not always noticed: records at the old positions may be given out. */
KafkaRead kafka_reader_read(KafkaReader *reader, int timeout_ms, BusRecord **ret_record, GError **error)
    MUST_CHECK;

/* Whether everything below each `high` has been read. */
bool kafka_reader_at_end(const KafkaReader *reader);

/* Offset of the next record of the i-th partition: what lies before it has been given out. */
int64_t kafka_reader_next(const KafkaReader *reader, size_t i);

bool kafka_reader_connected(const KafkaReader *reader);

/* Any thread: makes a waiting kafka_reader_read() return NOTHING soon. */
void kafka_reader_wake(KafkaReader *reader);

#endif
