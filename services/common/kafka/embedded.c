/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kafka/embedded_faults.h"

#include "common/error.h"
#include "common/kafka/client.h"

#include <librdkafka/rdkafka_mock.h> /* wants rdkafka.h before it */

#define BROKER_ID 1 /* the mock numbers its brokers from 1 */

struct EmbeddedBroker {
    KafkaClient host; /* never connects: lends the cluster its threads' context and its log */
    rd_kafka_mock_cluster_t *cluster;
};

static rd_kafka_conf_t *host_conf(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[256];
    if (rd_kafka_conf_set(conf, "client.id", "embedded-broker", reason, sizeof(reason)) != RD_KAFKA_CONF_OK ||
        /* Warnings only: that the host knows no broker itself is meant so. */
        rd_kafka_conf_set(conf, "log_level", "4", reason, sizeof(reason)) != RD_KAFKA_CONF_OK)
        g_error("librdkafka: %s", reason);
    return conf;
}

EmbeddedBroker *embedded_broker_new(GError **error)
{
    EmbeddedBroker *broker = g_new0(EmbeddedBroker, 1);
    if (!kafka_client_open(&broker->host, RD_KAFKA_PRODUCER, host_conf(), error)) {
        g_free(broker);
        return NULL;
    }
    broker->cluster = rd_kafka_mock_cluster_new(broker->host.handle, 1);
    if (!broker->cluster) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the embedded broker cannot be started: no loopback port?");
        embedded_broker_free(broker);
        return NULL;
    }
    return broker;
}

void embedded_broker_free(EmbeddedBroker *broker)
{
    if (!broker)
        return;
    if (broker->cluster)
        rd_kafka_mock_cluster_destroy(broker->cluster);
    kafka_client_close(&broker->host);
    g_free(broker);
}

bool embedded_broker_create_topic(EmbeddedBroker *broker, const char *name, int partitions, GError **error)
{
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(broker->cluster, name, partitions, 1);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                "topic %s cannot be created on the embedded broker: %s", name, rd_kafka_err2str(code));
    return false;
}

const char *embedded_broker_address(const EmbeddedBroker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

bool embedded_broker_is_cluster(const char *cluster)
{
    return g_str_has_prefix(cluster, "mockCluster");
}

/* Numbers of Kafka's protocol. */
static int16_t api_key(EmbeddedRequest request)
{
    switch (request) {
    case EMBEDDED_PRODUCE:
        return 0;
    case EMBEDDED_FETCH:
        return 1;
    case EMBEDDED_INIT_PRODUCER_ID:
        return 22;
    case EMBEDDED_ADD_PARTITIONS:
        return 24;
    case EMBEDDED_END_TRANSACTION:
        return 26;
    }
    g_assert_not_reached();
}

static rd_kafka_resp_err_t fault_code(EmbeddedFault fault)
{
    switch (fault) {
    case EMBEDDED_DISCONNECT:
        return RD_KAFKA_RESP_ERR__TRANSPORT;
    case EMBEDDED_NOT_LEADER:
        return RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
    case EMBEDDED_REFUSED:
        return RD_KAFKA_RESP_ERR_INVALID_RECORD;
    case EMBEDDED_OUT_OF_ORDER:
        return RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    case EMBEDDED_FENCED:
        return RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
    case EMBEDDED_UNKNOWN_TOPIC:
        return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    }
    g_assert_not_reached();
}

void embedded_broker_fail(EmbeddedBroker *broker, EmbeddedRequest request, EmbeddedFault fault,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        rd_kafka_mock_push_request_errors(broker->cluster, api_key(request), 1, fault_code(fault));
}

void embedded_broker_set_up(EmbeddedBroker *broker, bool up)
{
    rd_kafka_resp_err_t code = up ? rd_kafka_mock_broker_set_up(broker->cluster, BROKER_ID)
                                  : rd_kafka_mock_broker_set_down(broker->cluster, BROKER_ID);
    g_assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void embedded_broker_delay(EmbeddedBroker *broker, int milliseconds)
{
    rd_kafka_resp_err_t code = rd_kafka_mock_broker_set_rtt(broker->cluster, BROKER_ID, milliseconds);
    g_assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}
