/* SPDX-License-Identifier: Apache-2.0 */
/* [kafka] is one group for all clients, whichever of them a service has. */
#include "common/kafka/check.h"

#include "common/kafka/conf.h"

bool kafka_config_check(const Config *config, GError **error)
{
    static const KafkaProperty *const clients[] = {kafka_producer_fixed, kafka_transactor_fixed,
                                                   kafka_reader_fixed, kafka_topics_fixed};
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        rd_kafka_conf_t *conf = kafka_conf_new(config, NULL, clients[i], error);
        if (!conf)
            return false;
        rd_kafka_conf_destroy(conf);
    }
    return true;
}
