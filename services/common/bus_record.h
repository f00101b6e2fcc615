/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the bus and the events that it carries: CloudEvents 1.0, binary mode of the Kafka protocol
 * binding. Knows no Kafka library. Any thread. */
#ifndef DAYWIRE_COMMON_BUS_RECORD_H
#define DAYWIRE_COMMON_BUS_RECORD_H

#include "common/instant.h"
#include "common/model.h"

#define BUS_HEADERS_MAX 12

typedef struct {
    const char *name;
    const char *value; /* text, "" for none */
    char *memory;      /* owned, may be NULL; what is not static lies in it, or in another header's */
} BusHeader;

typedef struct {
    char *topic;       /* owned */
    int32_t partition; /* -1 when written: chosen by the key */
    int64_t offset;    /* -1 when written */
    Instant timestamp; /* the record's CreateTime, millisecond precision; when written, 0: the broker client's
                          now */
    GBytes *key;       /* owned; NULL: none */
    GBytes *value;     /* owned; NULL: a tombstone */
    BusHeader headers[BUS_HEADERS_MAX]; /* further ones of a foreign record are left out */
    size_t header_count;
} BusRecord;

/* The records that carry these events. `statement` and `tick` must be valid; `packed` is statement_pack() of the
 * statement, NULL when there is none yet; `time` becomes ce_time. */
BusRecord *bus_record_from_statement(const char *topic, const Statement *statement, GBytes *packed,
                                     Instant time);
BusRecord *bus_record_from_tick(const char *topic, const Tick *tick, Instant time);
/* Says that the counter was removed: a tombstone; its ce_id is "<counter>/removed/<time>". */
BusRecord *bus_record_counter_removed(const char *topic, const char *counter, Instant time);

/* The deduplication key `ce_id`: "<id>/<revision>" and "<counter>/<date>/<revision>". g_free it. */
char *statement_event_id(const Statement *statement);
char *tick_event_id(const Tick *tick);

/* NULL when there is no such header. */
const char *bus_record_header(const BusRecord *record, const char *name);

/* Decode the value. NULL with INVALID when the value is not that message, when its id is not the record's
 * key, or when it is a tombstone. */
Statement *bus_record_statement(const BusRecord *record, GError **error) MUST_CHECK;
Tick *bus_record_tick(const BusRecord *record, GError **error) MUST_CHECK;
/* The key as text, or NULL when it is absent or no valid id. g_free it. */
char *bus_record_key(const BusRecord *record);

void bus_record_free(BusRecord *record); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BusRecord, bus_record_free)

#endif
