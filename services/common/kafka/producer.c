/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka does the work: it numbers the records of each partition, so that the broker drops what is sent
 * again, and keeps their order over retries. What is ours is that nothing gives up by itself: there is no
 * time-out on a record, the queue is bounded, and a fatal error (the numbering is lost) ends the producer. */
#include "common/kafka/producer.h"

#include <sys/eventfd.h>

#include "common/error.h"
#include "common/kafka/client.h"
#include "common/kafka/codec.h"

static const KafkaProperty defaults[] = {
    /* With 0 a stream of lines is sent in many small requests, at a fifth more work here and half as much again at the
     * broker; nobody waits for 2 ms. */
    {"linger.ms", "2"},
    /* A key has its partition where Kafka's Java clients, kafkajs and others put it. */
    {"partitioner", "murmur2_random"},
    /* 64 MiB. librdkafka's own bound is 1 GiB. */
    {"queue.buffering.max.kbytes", "65536"},
    {NULL, NULL},
};

const KafkaProperty kafka_producer_fixed[] = {
    {"enable.idempotence", "true"},        {"acks", "-1"}, {"message.timeout.ms", "0"},
    {"allow.auto.create.topics", "false"}, {NULL, NULL},
};

struct KafkaProducer {
    KafkaClient client;                /* first: see client.h */
    KafkaDeliveryFunction on_delivery; /* NULL once it is being freed */
    void *user;
    int event_fd;
    rd_kafka_topic_t *topic; /* expected; NULL: none */
};

/* Within kafka_producer_poll(). */
static void on_report(rd_kafka_t *handle G_GNUC_UNUSED, const rd_kafka_message_t *message, void *opaque)
{
    KafkaProducer *producer = opaque;
    bool written = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (written)
        producer->client.connected = true;
    const KafkaDelivery delivery = {
        .tag = message->_private,
        .written = written,
        .partition = message->partition,
        .offset = written && message->offset >= 0 ? message->offset : -1,
        .error = written ? NULL : rd_kafka_err2str(message->err),
    };
    if (producer->on_delivery)
        producer->on_delivery(&delivery, producer->user);
}

static bool open_client(KafkaProducer *producer, const Config *config, GError **error)
{
    rd_kafka_conf_t *conf = kafka_conf_new(config, defaults, kafka_producer_fixed, error);
    if (!conf)
        return false;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    return kafka_client_open(&producer->client, RD_KAFKA_PRODUCER, conf, error);
}

KafkaProducer *kafka_producer_new(const Config *config, KafkaDeliveryFunction on_delivery, void *user,
                                  GError **error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "eventfd: %s", g_strerror(errno));
        return NULL;
    }
    KafkaProducer *producer = g_new0(KafkaProducer, 1);
    *producer = (KafkaProducer){.on_delivery = on_delivery, .user = user, .event_fd = fd};
    if (!open_client(producer, config, error)) {
        kafka_producer_free(producer, 0);
        return NULL;
    }
    static const uint64_t one = 1; /* what an eventfd takes */
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(producer->client.handle);
    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof(one));
    rd_kafka_queue_destroy(queue);
    return producer;
}

void kafka_producer_expect(KafkaProducer *producer, const char *topic)
{
    g_assert(!producer->topic);
    /* NULL for a bad name, which kafka_producer_send() tells. */
    producer->topic = rd_kafka_topic_new(producer->client.handle, topic, NULL);
}

void kafka_producer_free(KafkaProducer *producer, int timeout_ms)
{
    if (!producer)
        return;
    producer->on_delivery = NULL;
    if (producer->client.handle) {
        rd_kafka_flush(producer->client.handle, timeout_ms); /* what is left is dropped by the next line */
        rd_kafka_purge(producer->client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(producer->client.handle, 0);
    }
    if (producer->topic)
        rd_kafka_topic_destroy(producer->topic);
    kafka_client_close(&producer->client);
    close(producer->event_fd); /* after librdkafka's threads, which write to it */
    g_free(producer);
}

bool kafka_producer_send(KafkaProducer *producer, const BusRecord *record, void *tag, GError **error)
{
    return kafka_client_check(&producer->client, error) &&
           kafka_produce(producer->client.handle, record, tag, error);
}

bool kafka_producer_poll(KafkaProducer *producer, int timeout_ms, GError **error)
{
    rd_kafka_poll(producer->client.handle, timeout_ms);
    return kafka_client_check(&producer->client, error);
}

int kafka_producer_event_fd(KafkaProducer *producer)
{
    return producer->event_fd;
}

bool kafka_producer_connected(const KafkaProducer *producer)
{
    return producer->client.connected;
}
