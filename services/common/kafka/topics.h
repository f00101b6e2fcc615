/* SPDX-License-Identifier: Apache-2.0 */
/* Topics are made by name, with their policy, never by auto-creation. */
#ifndef DAYWIRE_COMMON_KAFKA_TOPICS_H
#define DAYWIRE_COMMON_KAFKA_TOPICS_H

#include "common/config/config.h"

/* Looks the topics of [topics] up and creates the missing ones: compacted, `partitions` and
 * `replication-factor` from the configuration, min.compaction.lag.ms no shorter than the gateway's window.
 * A topic that exists is left as it is. UNAVAILABLE: no broker within `timeout_ms`. FAILED: the broker
 * refused, with its reason. INVALID: the configuration. Any thread. */
bool kafka_topics_ensure(const Config *config, int timeout_ms, GError **error) MUST_CHECK;

#endif
