/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kafka/topics.h"

#include "common/error.h"
#include "common/kafka/embedded.h"
#include "common/kafka/metadata.h"

#define DAY_MS INT64_C(86400000)
/* A reader that was away for less than this still meets the tombstones of removed counters. */
#define TOMBSTONE_RETENTION_MS (30 * DAY_MS)
#define TOPICS                 2

const KafkaProperty kafka_topics_fixed[] = {{"allow.auto.create.topics", "false"}, {NULL, NULL}};

typedef rd_kafka_NewTopic_t NewTopic;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NewTopic, rd_kafka_NewTopic_destroy)
typedef rd_kafka_AdminOptions_t AdminOptions;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AdminOptions, rd_kafka_AdminOptions_destroy)
typedef rd_kafka_queue_t Queue;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Queue, rd_kafka_queue_destroy)
typedef rd_kafka_event_t Event;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Event, rd_kafka_event_destroy)

static void set_number(NewTopic *topic, const char *name, int64_t value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
    rd_kafka_NewTopic_set_config(topic, name, text);
}

static NewTopic *new_topic(const Config *config, const char *name, GError **error)
{
    char reason[256];
    NewTopic *topic = rd_kafka_NewTopic_new(name, (int)config_integer(config, "topics", "partitions"),
                                            (int)config_integer(config, "topics", "replication-factor"),
                                            reason, sizeof(reason));
    if (!topic) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "topic %s: %s", name, reason);
        return NULL;
    }
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
    /* Until then every revision is kept: a gateway that starts fills its window again, and resumes stay
     * complete. */
    set_number(topic, "min.compaction.lag.ms", config_milliseconds(config, "gateway", "window"));
    set_number(topic, "delete.retention.ms", TOMBSTONE_RETENTION_MS);
    return topic;
}

/* Whether another try may succeed without anybody's help. */
static bool passes_by_itself(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
           code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || code == RD_KAFKA_RESP_ERR_NOT_CONTROLLER;
}

static bool set_refused(GError **error, const char *name, rd_kafka_resp_err_t code, const char *reason)
{
    g_set_error(error, DAYWIRE_ERROR,
                (int)(passes_by_itself(code) ? DAYWIRE_ERROR_UNAVAILABLE : DAYWIRE_ERROR_FAILED),
                "topic %s cannot be created: %s", name, reason ? reason : rd_kafka_err2str(code));
    return false;
}

/* Another service may create the topic at the same moment: then it is there, as wanted. */
static bool check_created(Event *event, const char *name, GError **error)
{
    if (!event)
        return set_refused(error, name, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
    if (rd_kafka_event_error(event))
        return set_refused(error, name, rd_kafka_event_error(event), rd_kafka_event_error_string(event));
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            return set_refused(error, name, code, rd_kafka_topic_result_error_string(results[i]));
    }
    return true;
}

/* It would only wait in vain for a controller to ask. */
static bool is_embedded(const KafkaClient *client)
{
    char *cluster = rd_kafka_clusterid(client->handle, 0);
    bool embedded = cluster && embedded_broker_is_cluster(cluster);
    if (cluster)
        rd_kafka_mem_free(client->handle, cluster);
    return embedded;
}

static bool create(const KafkaClient *client, const Config *config, const char *name, int timeout_ms,
                   GError **error)
{
    char reason[256];
    if (is_embedded(client)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "topic %s does not exist, and the embedded broker creates none on request", name);
        return false;
    }
    g_autoptr(NewTopic) topic = new_topic(config, name, error);
    if (!topic)
        return false;
    g_autoptr(AdminOptions) options =
        rd_kafka_AdminOptions_new(client->handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    if (rd_kafka_AdminOptions_set_request_timeout(options, MAX(timeout_ms, 1), reason, sizeof(reason)) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "topic %s: %s", name, reason);
        return false;
    }
    g_autoptr(Queue) queue = rd_kafka_queue_new(client->handle);
    rd_kafka_CreateTopics(client->handle, &topic, 1, options, queue);
    /* librdkafka ends the operation at its own time-out; the second more lets its reason come through. */
    g_autoptr(Event) event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    return check_created(event, name, error);
}

static bool ensure(const KafkaClient *client, const Config *config, int timeout_ms, GError **error)
{
    int64_t start = g_get_monotonic_time();
    KafkaTopicState topics[TOPICS] = {{.name = config_string(config, "topics", "statements")},
                                      {.name = config_string(config, "topics", "ticks")}};
    if (!kafka_metadata_look_up(client, topics, TOPICS, timeout_ms, error))
        return false;
    for (size_t i = 0; i < TOPICS; i++) {
        if (topics[i].partitions == 0 &&
            !create(client, config, topics[i].name, kafka_remaining_ms(start, timeout_ms), error))
            return false;
    }
    /* A topic that was just created may not be listed yet. */
    do {
        if (!kafka_metadata_wait_ready(client, topics, TOPICS, kafka_remaining_ms(start, timeout_ms), error))
            return false;
        if (topics[0].ready && topics[1].ready)
            return true;
        g_usleep(50000);
    } while (kafka_remaining_ms(start, timeout_ms) > 0);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                "topic %s was created, and is not there after %d ms", topics[topics[0].ready ? 1 : 0].name,
                timeout_ms);
    return false;
}

bool kafka_topics_ensure(const Config *config, int timeout_ms, GError **error)
{
    if (strcmp(config_string(config, "topics", "statements"), config_string(config, "topics", "ticks")) ==
        0) {
        g_autofree char *origin = config_origin(config, "topics", "ticks");
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: [topics] ticks is the same topic as statements", origin);
        return false;
    }
    rd_kafka_conf_t *conf = kafka_conf_new(config, NULL, kafka_topics_fixed, error);
    if (!conf)
        return false;
    KafkaClient client;
    if (!kafka_client_open(&client, RD_KAFKA_PRODUCER, conf, error))
        return false;
    bool done = ensure(&client, config, timeout_ms, error);
    kafka_client_close(&client);
    return done;
}
