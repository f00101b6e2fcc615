/* SPDX-License-Identifier: Apache-2.0 */
/* The broker that `daywire standalone` brings along: the embedded one in this process, or an Apache Kafka
 * beside it. */
#ifndef DAYWIRE_CLI_LOCAL_BUS_H
#define DAYWIRE_CLI_LOCAL_BUS_H

#include "cli/children.h"
#include "common/config/config.h"

typedef struct LocalBus LocalBus;

/* FAILED. */
LocalBus *local_bus_embedded(GError **error) MUST_CHECK;
/* Apache Kafka under supervision; see kafka_broker.h. */
LocalBus *local_bus_kafka(Children *children, const char *folder, const char *libs, unsigned port,
                          GError **error) MUST_CHECK;
void local_bus_free(LocalBus *bus); /* after its clients; NULL is fine */

const char *local_bus_address(const LocalBus *bus);
bool local_bus_is_embedded(const LocalBus *bus);

/* Waits for the broker, and makes the topics of `config`. RUNNING: they are there. FAILED: told. */
ChildrenEvent local_bus_prepare(LocalBus *bus, Children *children, const Config *config);

/* How many partitions the embedded broker needs for the statements in a database of this size, since it keeps
 * 5 MiB of each: twice as many as they fill, 16 at least and 256 at most. */
unsigned local_bus_partitions(uint64_t database_size);

#endif
