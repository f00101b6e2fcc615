/* SPDX-License-Identifier: Apache-2.0 */
/* [kafka] is one group for all clients, whichever of them a service has: each service checks all of it. */
#include "common/kafka/check.h"

#include "common/error.h"
#include "common/kafka/conf.h"

#define TOPIC_NAME_MAX 249 /* Kafka's own bound: it becomes a folder's name */

static bool refuse_topic(const Config *config, const char *key, const char *reason, GError **error)
{
    g_autofree char *origin = config_origin(config, "topics", key);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: [topics] %s = %s: %s", origin, key,
                config_string(config, "topics", key), reason);
    return false;
}

static bool check_topics(const Config *config, GError **error)
{
    static const char *const keys[] = {"statements", "ticks"};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *name = config_string(config, "topics", keys[i]);
        size_t length = strlen(name);
        if (length == 0 || length > TOPIC_NAME_MAX ||
            strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") != length || strcmp(name, ".") == 0 ||
            strcmp(name, "..") == 0)
            return refuse_topic(
                config, keys[i],
                "a topic has 1 to " G_STRINGIFY(TOPIC_NAME_MAX) " characters of A-Z a-z 0-9 . _ -", error);
    }
    if (strcmp(config_string(config, "topics", "statements"), config_string(config, "topics", "ticks")) == 0)
        return refuse_topic(config, "ticks", "that is the topic of the statements", error);
    return true;
}

bool kafka_config_check(const Config *config, GError **error)
{
    if (!check_topics(config, error))
        return false;
    static const KafkaProperty *const clients[] = {kafka_producer_fixed, kafka_transactor_fixed,
                                                   kafka_reader_fixed, kafka_topics_fixed,
                                                   kafka_membership_fixed};
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        rd_kafka_conf_t *conf = kafka_conf_new(config, NULL, clients[i], error);
        if (!conf)
            return false;
        rd_kafka_conf_destroy(conf);
    }
    return true;
}
