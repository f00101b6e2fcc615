/* SPDX-License-Identifier: Apache-2.0 */
/* Three layers: our defaults, the operator's [kafka] group, and what may not be changed. Which properties
 * there are and what they take is librdkafka's to say: the group is passed through, its answers are passed
 * back. */
#include "common/kafka/conf.h"

#include "common/error.h"

#define REASON_MAX 512

/* Every client. */
static const KafkaProperty common_defaults[] = {
    {"bootstrap.servers", "localhost:9092"},
    /* A broker that vanished behind a NAT or a firewall is noticed although nothing is sent to it. */
    {"socket.keepalive.enable", "true"},
    /* A broker that hangs counts as lost after the same time as with Kafka's Java clients. */
    {"socket.timeout.ms", "30000"},
    /* A broker that comes back is found within 2 seconds, not 10. */
    {"reconnect.backoff.max.ms", "2000"},
    {NULL, NULL},
};

static const KafkaProperty common_fixed[] = {
    /* client.c learns from the statistics whether a broker is connected. */
    {"statistics.interval.ms", "1000"},
    {NULL, NULL},
};

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, char *reason, size_t reason_size)
{
    return rd_kafka_conf_set(conf, name, value, reason, reason_size) == RD_KAFKA_CONF_OK;
}

/* Our own tables hold only what librdkafka takes. */
static void set_all(rd_kafka_conf_t *conf, const KafkaProperty *properties)
{
    char reason[REASON_MAX];
    for (; properties && properties->name; properties++)
        if (!set(conf, properties->name, properties->value, reason, sizeof(reason)))
            g_error("librdkafka: %s", reason);
}

/* "daywire-<program>", for the broker's logs and quotas. */
static void set_client_id(rd_kafka_conf_t *conf)
{
    g_autofree char *program = g_path_get_basename(g_get_prgname() ? g_get_prgname() : "daywire");
    g_autofree char *id = g_strconcat(g_str_has_prefix(program, "daywire") ? "" : "daywire-", program, NULL);
    g_strdelimit(id, " ", '-'); /* a command of `daywire` */
    set_all(conf, (KafkaProperty[]){{"client.id", id}, {NULL, NULL}});
}

/* The fixed property that no longer has its value, or NULL. Compares what librdkafka holds, so that aliases
 * and other spellings of a value make no difference. */
static const KafkaProperty *find_changed(const rd_kafka_conf_t *conf, const KafkaProperty *fixed)
{
    for (; fixed && fixed->name; fixed++) {
        char value[64];
        size_t size = sizeof(value);
        if (rd_kafka_conf_get(conf, fixed->name, value, &size) != RD_KAFKA_CONF_OK ||
            strcmp(value, fixed->value) != 0)
            return fixed;
    }
    return NULL;
}

static bool set_from_config(rd_kafka_conf_t *conf, const Config *config, const char *name,
                            const KafkaProperty *fixed, GError **error)
{
    char reason[REASON_MAX];
    g_autofree char *origin = config_origin(config, "kafka", name);
    if (strcmp(name, "transactional.id") == 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: [kafka] transactional.id: set transactional-id in [counters] instead", origin);
        return false;
    }
    if (!set(conf, name, config_string(config, "kafka", name), reason, sizeof(reason))) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: [kafka] %s: %s", origin, name, reason);
        return false;
    }
    const KafkaProperty *changed = find_changed(conf, common_fixed);
    if (!changed)
        changed = find_changed(conf, fixed);
    if (changed) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: [kafka] %s: Daywire relies on %s = %s, leave it out", origin, name, changed->name,
                    changed->value);
        return false;
    }
    return true;
}

rd_kafka_conf_t *kafka_conf_new(const Config *config, const KafkaProperty *defaults,
                                const KafkaProperty *fixed, GError **error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set_client_id(conf);
    set_all(conf, common_defaults);
    set_all(conf, defaults);
    set_all(conf, common_fixed);
    set_all(conf, fixed);
    for (const char *const *name = config_keys(config, "kafka", ""); name && *name; name++) {
        if (!set_from_config(conf, config, *name, fixed, error)) {
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    }
    return conf;
}

bool kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, GError **error)
{
    char reason[REASON_MAX];
    return set(conf, name, value, reason, sizeof(reason)) ||
           error_refuse(error, "%s = %s: %s", name, value, reason);
}
