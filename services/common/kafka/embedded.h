/* SPDX-License-Identifier: Apache-2.0 */
/* A broker in this process: librdkafka's mock cluster. It speaks the protocol, on a loopback port of its own
 * choice, and no more. What it does not do, each point seen with librdkafka 2.0.2:
 *
 * - It keeps records in memory only, and of a partition 5 MiB or 100,000 batches; the oldest are dropped
 * silently.
 * - Its cluster id is "mockCluster" and an address: another one at every start as far as addresses are
 * random.
 * - Topics come from embedded_broker_create_topic() alone: CreateTopics finds nobody to answer it, and a
 * look-up by name creates one with 4 partitions. kafka_topics_ensure() finds what exists and fails for what
 * does not.
 * - Without a transactional id the numbering of records is not checked: a request repeated is stored twice.
 * - Transactional calls succeed, but records are visible before the commit and after an abort, there are no
 *   control records, and a second transactor does not fence the first.
 * - It has no offsets by time: kafka_reader_seek_time() goes to the beginning of all partitions.
 * - A fetch that finds nothing is answered after fetch.wait.max.ms, not when a record arrives: set it low.
 * - A fetch is answered with one batch of each partition. */
#ifndef DAYWIRE_COMMON_KAFKA_EMBEDDED_H
#define DAYWIRE_COMMON_KAFKA_EMBEDDED_H

#include <stdbool.h>
#include <glib.h>

typedef struct EmbeddedBroker EmbeddedBroker;

/* Any thread. Own threads serve it. */
EmbeddedBroker *embedded_broker_new(GError **error) MUST_CHECK;
void embedded_broker_free(EmbeddedBroker *broker); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EmbeddedBroker, embedded_broker_free)

bool embedded_broker_create_topic(EmbeddedBroker *broker, const char *name, int partitions, GError **error)
    MUST_CHECK;

/* "127.0.0.1:port" */
const char *embedded_broker_address(const EmbeddedBroker *broker);

/* Whether this is the cluster id of an embedded broker. */
bool embedded_broker_is_cluster(const char *cluster);

#endif
