/* SPDX-License-Identifier: Apache-2.0 */
/* Private to this folder: what producer, transactor, reader and topics have in common. librdkafka's log goes
 * to ours, from its threads; whether a broker is connected is learned by the callbacks of whoever polls the
 * handle. */
#ifndef DAYWIRE_COMMON_KAFKA_CLIENT_H
#define DAYWIRE_COMMON_KAFKA_CLIENT_H

#include "common/kafka/conf.h"

/* The first member of each client's struct: librdkafka hands its address to all callbacks. */
typedef struct {
    rd_kafka_t *handle;
    /* The polling thread's: */
    bool connected;
    bool topic_missing;    /* the cluster has told of a topic or partition in use that it knows it no more */
    unsigned disturbances; /* grows whenever a connection may have been lost, before what comes over the next
                              one */
} KafkaClient;

/* Takes `conf`, also on failure. INVALID: properties that exclude each other. Waits for no broker. `client`
 * must stay where it is until kafka_client_close(). */
bool kafka_client_open(KafkaClient *client, rd_kafka_type_t type, rd_kafka_conf_t *conf, GError **error)
    MUST_CHECK;
void kafka_client_close(KafkaClient *client); /* fine when it was never opened */

/* False with LOST, or with CONFLICT when a younger transactor took over: the client has failed for good. */
bool kafka_client_check(KafkaClient *client, GError **error) MUST_CHECK;

/* UNAVAILABLE: "no Kafka broker answers at LIST". */
void kafka_client_set_unreachable(const KafkaClient *client, GError **error);

/* What is left of `timeout_ms` begun at `start` (g_get_monotonic_time()), 0 or more. */
int kafka_remaining_ms(int64_t start, int timeout_ms);

#endif
