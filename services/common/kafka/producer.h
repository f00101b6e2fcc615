/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotent producer with delivery reports (enable.idempotence, acks=all, no message time-out: a record
 * waits for the broker as long as it takes, and keeps its order). One thread owns a producer and everything
 * that it calls. */
#ifndef DAYWIRE_COMMON_KAFKA_PRODUCER_H
#define DAYWIRE_COMMON_KAFKA_PRODUCER_H

#include "common/bus_record.h"
#include "common/config/config.h"

typedef struct KafkaProducer KafkaProducer;

typedef struct {
    void *tag;    /* as given to kafka_producer_send() */
    bool written; /* the broker confirmed it */
    int32_t partition;
    int64_t offset;    /* -1: not written, or written and confirmed without saying where */
    const char *error; /* when not written; static */
} KafkaDelivery;

/* Called from kafka_producer_poll(), once a record sent: for the records of one partition in the order in
 * which they were sent. A record that was not written was refused by the broker (too large for the topic, not
 * allowed, no such topic), or may be written after all (a fatal error followed); those sent after it may have
 * been written already, also of the same key. */
typedef void (*KafkaDeliveryFunction)(const KafkaDelivery *delivery, void *user);

/* INVALID for a property that librdkafka refuses, with its name and origin. Does not wait for a broker. */
KafkaProducer *kafka_producer_new(const Config *config, KafkaDeliveryFunction on_delivery, void *user,
                                  GError **error) MUST_CHECK;
/* To be told once, where it is known, which topic the records are for: its brokers are looked for now, and not when the
 * first record waits for that, some tenths of a second. */
void kafka_producer_expect(KafkaProducer *producer, const char *topic);
/* Waits at most `timeout_ms` for what is under way, then drops it; its reports are not delivered. */
void kafka_producer_free(KafkaProducer *producer, int timeout_ms);

/* Copies the record. UNAVAILABLE when the client's queue is full; TOO_LARGE when no broker would take it;
 * NOT_FOUND when the topic does not exist; LOST after a fatal error: free the producer and make another. */
bool kafka_producer_send(KafkaProducer *producer, const BusRecord *record, void *tag, GError **error)
    MUST_CHECK;

/* Delivers reports. Returns false once the producer has failed for good (LOST). */
bool kafka_producer_poll(KafkaProducer *producer, int timeout_ms, GError **error) MUST_CHECK;

/* Becomes readable when there is something to poll; for the owner's own poll(2). The owner reads it empty. */
int kafka_producer_event_fd(KafkaProducer *producer);

/* Whether a broker is connected as far as the client knows. */
bool kafka_producer_connected(const KafkaProducer *producer);

#endif
