/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: makes the embedded broker misbehave. Any thread. */
#ifndef DAYWIRE_COMMON_KAFKA_EMBEDDED_FAULTS_H
#define DAYWIRE_COMMON_KAFKA_EMBEDDED_FAULTS_H

#include "common/kafka/embedded.h"

typedef enum {
    EMBEDDED_PRODUCE,
    EMBEDDED_FETCH,
    EMBEDDED_INIT_PRODUCER_ID,
    EMBEDDED_ADD_PARTITIONS,
    EMBEDDED_END_TRANSACTION,
} EmbeddedRequest;

typedef enum {
    EMBEDDED_DISCONNECT,   /* the connection breaks instead of an answer */
    EMBEDDED_NOT_LEADER,   /* passes by itself */
    EMBEDDED_REFUSED,      /* the record is refused for good */
    EMBEDDED_OUT_OF_ORDER, /* an idempotent producer has lost records: fatal */
    EMBEDDED_FENCED,       /* another producer has the transactional id */
    EMBEDDED_UNKNOWN_TOPIC,
} EmbeddedFault;

/* The next `count` requests of this kind are answered so. */
void embedded_broker_fail(EmbeddedBroker *broker, EmbeddedRequest request, EmbeddedFault fault,
                          unsigned count);

/* Down: connections break, and new ones are refused. The records are kept. */
void embedded_broker_set_up(EmbeddedBroker *broker, bool up);

/* Delays all answers. */
void embedded_broker_delay(EmbeddedBroker *broker, int milliseconds);

#endif
