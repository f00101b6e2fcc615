/* SPDX-License-Identifier: Apache-2.0 */
/* Private to this folder: a BusRecord to and from librdkafka's messages. */
#ifndef DAYWIRE_COMMON_KAFKA_CODEC_H
#define DAYWIRE_COMMON_KAFKA_CODEC_H

#include <librdkafka/rdkafka.h>

#include "common/bus_record.h"

/* Queues a copy of the record. UNAVAILABLE: the queue is full; TOO_LARGE; LOST: fatal error; NOT_FOUND: there
 * is no such topic; FAILED. */
bool kafka_produce(rd_kafka_t *handle, const BusRecord *record, void *tag, GError **error) MUST_CHECK;

/* A copy of the message. */
BusRecord *kafka_record_new(const rd_kafka_message_t *message);

#endif
