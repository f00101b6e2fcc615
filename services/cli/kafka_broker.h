/* SPDX-License-Identifier: Apache-2.0 */
/* A real Apache Kafka for one machine: one process that is broker and controller, on loopback, its data in a
 * folder. */
#ifndef DAYWIRE_CLI_KAFKA_BROKER_H
#define DAYWIRE_CLI_KAFKA_BROKER_H

#include "cli/children.h"

typedef struct {
    const char *folder; /* is made: holds data, configuration and log of the broker */
    const char *libs;   /* folder of its jars, see deploy/kafka/fetch */
    unsigned port;      /* for clients; the controller has the next one */
} KafkaBrokerOptions;

/* Formats the storage when it is new, and starts the broker under supervision; it does not answer yet.
 * NOT_FOUND: no jars, no java. CONFLICT: a port is in use. FAILED. */
bool kafka_broker_start(Children *children, const KafkaBrokerOptions *options, GError **error) MUST_CHECK;

/* Whether anybody takes connections on this port of loopback. */
bool kafka_broker_listens(unsigned port);

#endif
