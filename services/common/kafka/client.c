/* SPDX-License-Identifier: Apache-2.0 */
/* Connected or not: librdkafka tells at once when the last connection is gone (an error event), but tells
 * nothing when one is back; the states of the brokers in its statistics, once a second, do. Both come through
 * the client's own queue, in order, hence the flag needs no lock. */
#include "common/kafka/client.h"

#include <syslog.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"

#define REASON_MAX 512

/* What librdkafka calls an error is mostly a broker that it will try again by itself. */
static LogLevel log_level(int syslog_level, const char *facility, const char *text)
{
    /* [kafka] serves producers and consumers alike, so that each meets properties of the other. */
    if (strcmp(facility, "CONFWARN") == 0 && strstr(text, "will be ignored by this"))
        return LOG_LEVEL_DEBUG;
    if (g_str_has_suffix(text, ": retrying"))
        return LOG_LEVEL_INFO;
    if (syslog_level <= LOG_CRIT)
        return LOG_LEVEL_ERROR;
    if (syslog_level <= LOG_WARNING)
        return LOG_LEVEL_WARNING;
    return syslog_level <= LOG_INFO ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

/* Any thread of librdkafka's. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    const LogField fields[] = {
        LOG_STR("client", handle ? rd_kafka_name(handle) : NULL),
        LOG_STR("facility", facility),
        LOG_STR("text", text),
        {0},
    };
    log_write(log_level(level, facility, text), "kafka client", fields);
}

static void on_error(rd_kafka_t *handle G_GNUC_UNUSED, int code, const char *reason G_GNUC_UNUSED,
                     void *opaque)
{
    KafkaClient *client = opaque;
    client->disturbances++;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        client->connected = false;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
        client->topic_missing = true;
}

static int on_statistics(rd_kafka_t *handle G_GNUC_UNUSED, char *text, size_t size, void *opaque)
{
    KafkaClient *client = opaque;
    g_autoptr(yyjson_doc) statistics = json_read_leniently(text, size, 1, NULL);
    yyjson_val *brokers = yyjson_obj_get(yyjson_doc_get_root(statistics), "brokers");
    bool connected = false;
    size_t i = 0, count = 0;
    yyjson_val *name = NULL, *broker = NULL;
    yyjson_obj_foreach(brokers, i, count, name, broker)
    {
        const char *state = yyjson_get_str(yyjson_obj_get(broker, "state"));
        if (state && (strcmp(state, "UP") == 0 || strcmp(state, "UPDATE") == 0))
            connected = true;
    }
    client->connected = connected;
    return 0; /* librdkafka frees the text */
}

bool kafka_client_open(KafkaClient *client, rd_kafka_type_t type, rd_kafka_conf_t *conf, GError **error)
{
    char reason[REASON_MAX];
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    client->connected = false;
    client->handle = rd_kafka_new(type, conf, reason, sizeof(reason));
    if (!client->handle) {
        rd_kafka_conf_destroy(conf);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "[kafka]: %s", reason);
    }
    return client->handle;
}

void kafka_client_close(KafkaClient *client)
{
    if (client->handle)
        rd_kafka_destroy_flags(client->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    client->handle = NULL;
}

bool kafka_client_check(KafkaClient *client, GError **error)
{
    char reason[REASON_MAX];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(client->handle, reason, sizeof(reason));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (code == RD_KAFKA_RESP_ERR__FENCED)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                    "another producer with the same transactional id took over: %s", reason);
    else
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the Kafka client failed for good: %s", reason);
    return false;
}

void kafka_client_set_unreachable(const KafkaClient *client, GError **error)
{
    char brokers[256];
    size_t size = sizeof(brokers);
    if (rd_kafka_conf_get(rd_kafka_conf(client->handle), "bootstrap.servers", brokers, &size) !=
        RD_KAFKA_CONF_OK)
        g_strlcpy(brokers, "the brokers of [kafka] bootstrap.servers", sizeof(brokers));
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "no Kafka broker answers at %s", brokers);
}

int kafka_remaining_ms(int64_t start, int timeout_ms)
{
    int64_t left = timeout_ms - (g_get_monotonic_time() - start) / 1000;
    return left > 0 ? (int)left : 0;
}
