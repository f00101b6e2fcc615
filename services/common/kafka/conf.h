/* SPDX-License-Identifier: Apache-2.0 */
/* Private to this folder: librdkafka's configuration out of ours. */
#ifndef DAYWIRE_COMMON_KAFKA_CONF_H
#define DAYWIRE_COMMON_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "common/config/config.h"

/* A list ends with a name of NULL. */
typedef struct {
    const char *name, *value;
} KafkaProperty;

/* What the promises of each client rest on; in its own file. */
extern const KafkaProperty kafka_producer_fixed[];
extern const KafkaProperty kafka_transactor_fixed[];
extern const KafkaProperty kafka_membership_fixed[];
extern const KafkaProperty kafka_reader_fixed[];
extern const KafkaProperty kafka_topics_fixed[];

/* `defaults` hold unless [kafka] says otherwise. `fixed` are what the promises of this folder rest on: a
 * [kafka] property that contradicts one, also under another name for it, is refused. Both may be NULL.
 * INVALID names the property and where it was set. The caller destroys the result or hands it to
 * kafka_client_open(). */
rd_kafka_conf_t *kafka_conf_new(const Config *config, const KafkaProperty *defaults,
                                const KafkaProperty *fixed, GError **error) MUST_CHECK;

/* One property more. INVALID names it. */
bool kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, GError **error) MUST_CHECK;

#endif
