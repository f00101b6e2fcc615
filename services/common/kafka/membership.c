/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka keeps the session alive by a thread of its own and tells of the partitions that come and go within
 * kafka_membership_look(). They are not handed on to its readers, since nothing is read: the group knows who has
 * what.
 *
 * The range protocol gives partition 0 to the member whose id sorts first, and ids begin with client.id. It is the time of
 * joining here, by the member's own clock, so that the oldest member is elected and stays it when others join. (The
 * cooperative-sticky protocol would do as much on a topic of one partition, but librdkafka 2.0.2 aborts when it is closed
 * as it joins.)
 *
 * While the group parts its partitions anew, who was elected goes on. */
#include "common/kafka/membership.h"

#include "common/error.h"
#include "common/kafka/client.h"
#include "common/log.h"

#define ELECTING_PARTITION 0
#define EVENTS_AT_A_TIME   100
#define HEARTBEATS         12 /* in a session: by them a member learns that another one has left */

const KafkaProperty kafka_membership_fixed[] = {
    {"partition.assignment.strategy", "range"},
    {"enable.auto.commit", "false"},
    /* Also how long an answer to a joining member may take; librdkafka's own is 5 minutes. */
    {"max.poll.interval.ms", "60000"},
    {NULL, NULL},
};

struct KafkaMembership {
    KafkaClient client; /* first: see client.h */
    bool answered;      /* the group has said who has what */
    bool elected;
    bool lost; /* the group has taken it for dead */
};

/* Within kafka_membership_look() and kafka_membership_free(). */
static void on_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    KafkaMembership *membership = opaque;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        membership->answered = true;
        membership->elected = false;
        for (int i = 0; i < partitions->cnt; i++)
            if (partitions->elems[i].partition == ELECTING_PARTITION)
                membership->elected = true;
        rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0);
        rd_kafka_assign(handle, none);
        rd_kafka_topic_partition_list_destroy(none);
    } else {
        membership->lost = rd_kafka_assignment_lost(handle);
        rd_kafka_assign(handle, NULL);
    }
}

static rd_kafka_conf_t *make_conf(const Config *config, const char *group, int session_timeout_ms,
                                  GError **error)
{
    g_autofree char *client =
        g_strdup_printf("daywire-counter-%016" G_GINT64_MODIFIER "x", g_get_real_time());
    g_autofree char *session = g_strdup_printf("%d", session_timeout_ms);
    g_autofree char *heartbeat = g_strdup_printf("%d", session_timeout_ms / HEARTBEATS);
    rd_kafka_conf_t *conf = kafka_conf_new(config, NULL, kafka_membership_fixed, error);
    if (!conf)
        return NULL;
    if (kafka_conf_set(conf, "client.id", client, error) && kafka_conf_set(conf, "group.id", group, error) &&
        kafka_conf_set(conf, "session.timeout.ms", session, error) &&
        kafka_conf_set(conf, "heartbeat.interval.ms", heartbeat, error)) {
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
        return conf;
    }
    rd_kafka_conf_destroy(conf);
    return NULL;
}

static bool join(KafkaMembership *membership, const char *topic, GError **error)
{
    rd_kafka_poll_set_consumer(membership->client.handle);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(membership->client.handle, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the group cannot be joined: %s",
                rd_kafka_err2str(code));
    return false;
}

KafkaMembership *kafka_membership_new(const Config *config, const char *group, const char *topic,
                                      int session_timeout_ms, GError **error)
{
    KafkaMembership *membership = g_new0(KafkaMembership, 1);
    rd_kafka_conf_t *conf = make_conf(config, group, session_timeout_ms, error);
    if (conf && kafka_client_open(&membership->client, RD_KAFKA_CONSUMER, conf, error) &&
        join(membership, topic, error))
        return membership;
    kafka_membership_free(membership);
    return NULL;
}

/* A rebalance that came before, and is out of date by now, must not be met within rd_kafka_consumer_close(): librdkafka 2.0.2
 * then never answers the rd_kafka_assign() of on_rebalance(), which waits for ever. Hence all that has come is taken first. */
static void leave(KafkaMembership *membership)
{
    rd_kafka_message_t *message = NULL;
    for (int i = 0; i < EVENTS_AT_A_TIME && (message = rd_kafka_consumer_poll(membership->client.handle, 0));
         i++)
        rd_kafka_message_destroy(message);
    rd_kafka_consumer_close(membership->client.handle);
}

void kafka_membership_free(KafkaMembership *membership)
{
    if (!membership)
        return;
    /* To leave before the group has answered the joining would be held back behind that, and be given up after 5 s. */
    if (membership->client.handle && membership->answered)
        leave(membership);
    kafka_client_close(&membership->client);
    g_free(membership);
}

/* What librdkafka tells instead of a record. False: it would be the same the next time. */
static bool take_event(const rd_kafka_message_t *message, GError **error)
{
    switch (message->err) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "the group's topic: %s",
                    rd_kafka_message_errstr(message));
        return false;
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__FATAL:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the group: %s",
                    rd_kafka_message_errstr(message));
        return false;
    default: /* librdkafka tries again */
        log_info("the group is not in order", LOG_STR("error", rd_kafka_message_errstr(message)));
        return true;
    }
}

KafkaMember kafka_membership_look(KafkaMembership *membership, GError **error)
{
    for (int i = 0; i < EVENTS_AT_A_TIME; i++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(membership->client.handle, 0);
        if (!message)
            break;
        bool well = take_event(message, error);
        rd_kafka_message_destroy(message);
        if (!well)
            return KAFKA_MEMBER_FAILED;
    }
    if (membership->lost)
        return KAFKA_MEMBER_LOST;
    if (membership->elected)
        return KAFKA_MEMBER_ELECTED;
    return membership->answered ? KAFKA_MEMBER_OTHER : KAFKA_MEMBER_JOINING;
}

bool kafka_membership_connected(const KafkaMembership *membership)
{
    return membership->client.connected;
}
