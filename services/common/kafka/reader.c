/* SPDX-License-Identifier: Apache-2.0 */
/* Each partition is started by itself and delivers into one queue, which also carries librdkafka's events. No
 * group is joined and nothing is committed to the broker: where a reader stands is its owner's to keep.
 *
 * Order: by offset within a partition; none between partitions. `next` is what has been given out, so that a
 * record that librdkafka delivers again (2.0.2 can, after a change of leader) is dropped.
 *
 * The end: `high` is the last stable offset, and the offsets before it may be control records, which are
 * never delivered, or holes left by compaction. Hence a partition is at its end when a record or the
 * end-of-partition event has taken `next` to `high`.
 *
 * Another log: a position that the log does not have, a topic that is gone or has another number of
 * partitions, or another cluster at the old address end the reader (LOST). Records of another cluster may well lie
 * at the old positions, and librdkafka fetches them without a second look. So whenever a connection may have been lost, what comes next is held
 * back until the broker has been asked who it is. librdkafka puts the news of the loss into the queue before
 * anything that came over the new connection. And it is asked from time to time, for partitions that were
 * added.
 */
#include "common/kafka/reader.h"

#include "common/error.h"
#include "common/kafka/assignment.h"
#include "common/kafka/codec.h"
#include "common/kafka/embedded.h"
#include "common/kafka/metadata.h"
#include "common/log.h"

/* How long the broker is asked who it is before the caller gets a say again. */
#define IDENTIFY_MS 1000
#define REFRESH     "topic.metadata.refresh.interval.ms"

static const KafkaProperty defaults[] = {
    /* What is read ahead, for all partitions together: 16 MiB or 10,000 records; librdkafka's own are 64 MiB,
       100,000. */
    {"queued.max.messages.kbytes", "16384"},
    {"queued.min.messages", "10000"},
    /* How long the end goes unnoticed of a partition that closes with control records; new records come at
       once. */
    {"fetch.wait.max.ms", "100"},
    /* A fetch that failed is tried again soon: it delays every client of a gateway. */
    {"fetch.error.backoff.ms", "100"},
    /* How long partitions that were added go unnoticed; librdkafka's own is 5 minutes. */
    {REFRESH, "60000"},
    {NULL, NULL},
};

const KafkaProperty kafka_reader_fixed[] = {
    {"isolation.level", "read_committed"},
    {"auto.offset.reset", "error"},
    {"enable.partition.eof", "true"},
    {NULL, NULL},
};

struct KafkaReader {
    KafkaClient client; /* first: see client.h */
    rd_kafka_queue_t *queue;
    KafkaAssignment assignment;
    int64_t *next; /* by partition: offset of the next record */
    size_t behind; /* partitions with next < high */
    char *cluster;
    unsigned identified;      /* client.disturbances when the broker was last asked who it is */
    int64_t refresh_us;       /* how often it is asked without a reason; not positive: never */
    int64_t refresh_at;       /* g_get_monotonic_time() */
    rd_kafka_message_t *held; /* not given out before it has been asked again; NULL: none */
    bool started;
};

static bool open_client(KafkaReader *reader, const Config *config, GError **error)
{
    rd_kafka_conf_t *conf = kafka_conf_new(config, defaults, kafka_reader_fixed, error);
    if (!conf)
        return false;
    char refresh_ms[32] = "";
    size_t size = sizeof(refresh_ms);
    (void)rd_kafka_conf_get(conf, REFRESH, refresh_ms, &size);
    reader->refresh_us = g_ascii_strtoll(refresh_ms, NULL, 10) * 1000;
    reader->refresh_at = g_get_monotonic_time() + reader->refresh_us;
    return kafka_client_open(&reader->client, RD_KAFKA_CONSUMER, conf, error);
}

KafkaReader *kafka_reader_new(const Config *config, const char *const *topics, int timeout_ms, GError **error)
{
    KafkaReader *reader = g_new0(KafkaReader, 1);
    if (!open_client(reader, config, error) ||
        !kafka_assignment_init(&reader->assignment, &reader->client, topics, timeout_ms, error)) {
        kafka_reader_free(reader);
        return NULL;
    }
    reader->next = g_new0(int64_t, reader->assignment.partition_count);
    reader->cluster = rd_kafka_clusterid(reader->client.handle, 0); /* came with the topics */
    reader->client.connected = true;
    reader->queue = rd_kafka_queue_new(reader->client.handle);
    rd_kafka_queue_t *events = rd_kafka_queue_get_main(reader->client.handle);
    rd_kafka_queue_forward(events, reader->queue);
    rd_kafka_queue_destroy(events);
    return reader;
}

static void stop(KafkaReader *reader)
{
    for (size_t t = 0; t < reader->assignment.topic_count; t++) {
        const AssignedTopic *topic = &reader->assignment.topics[t];
        for (int32_t number = 0; number < topic->partitions; number++)
            rd_kafka_consume_stop(topic->handle, number);
    }
}

void kafka_reader_free(KafkaReader *reader)
{
    if (!reader)
        return;
    if (reader->started)
        stop(reader);
    if (reader->held)
        rd_kafka_message_destroy(reader->held);
    kafka_assignment_release(&reader->assignment);
    if (reader->queue)
        rd_kafka_queue_destroy(reader->queue);
    if (reader->cluster)
        rd_kafka_mem_free(reader->client.handle, reader->cluster);
    kafka_client_close(&reader->client);
    g_free(reader->next);
    g_free(reader);
}

const char *kafka_reader_cluster(const KafkaReader *reader)
{
    return reader->cluster ? reader->cluster : ""; /* none: a broker older than 0.10.1 */
}

KafkaPartition *kafka_reader_partitions(KafkaReader *reader, size_t *ret_count)
{
    *ret_count = reader->assignment.partition_count;
    return reader->assignment.partitions;
}

bool kafka_reader_seek_time(KafkaReader *reader, Instant since, int timeout_ms, GError **error)
{
    if (embedded_broker_is_cluster(kafka_reader_cluster(reader))) {
        /* It would answer "end" for any time: all that it has is read instead. */
        for (size_t i = 0; i < reader->assignment.partition_count; i++)
            reader->assignment.partitions[i].position = reader->assignment.partitions[i].low;
        return true;
    }
    return kafka_assignment_seek_time(&reader->assignment, &reader->client, since, timeout_ms, error);
}

bool kafka_reader_start(KafkaReader *reader, GError **error)
{
    if (!kafka_assignment_check_positions(&reader->assignment, error))
        return false;
    reader->started = true;
    for (size_t t = 0; t < reader->assignment.topic_count; t++) {
        const AssignedTopic *topic = &reader->assignment.topics[t];
        for (int32_t number = 0; number < topic->partitions; number++) {
            size_t i = topic->first + (size_t)number;
            const KafkaPartition *partition = &reader->assignment.partitions[i];
            reader->next[i] = partition->position;
            reader->behind += partition->position < partition->high;
            if (rd_kafka_consume_start_queue(topic->handle, number, partition->position, reader->queue) == 0)
                continue;
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "partition %d of %s cannot be read: %s",
                        number, topic->name, rd_kafka_err2str(rd_kafka_last_error()));
            return false;
        }
    }
    return true;
}

static size_t find_partition(const KafkaReader *reader, const rd_kafka_message_t *message)
{
    return kafka_assignment_find(&reader->assignment, message->rkt ? rd_kafka_topic_name(message->rkt) : "",
                                 message->partition);
}

static void advance(KafkaReader *reader, size_t i, int64_t next)
{
    if (next <= reader->next[i])
        return;
    int64_t high = reader->assignment.partitions[i].high;
    if (reader->next[i] < high && next >= high)
        reader->behind--;
    reader->next[i] = next;
}

static bool is_same_cluster(const KafkaReader *reader, GError **error)
{
    char *cluster = rd_kafka_clusterid(reader->client.handle, 0);
    bool same = g_strcmp0(cluster, reader->cluster) == 0;
    if (!same)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
                    "the broker belongs to another cluster, %s, not %s", cluster ? cluster : "?",
                    kafka_reader_cluster(reader));
    if (cluster)
        rd_kafka_mem_free(reader->client.handle, cluster);
    return same;
}

typedef enum { IDENTITY_SAME, IDENTITY_OTHER, IDENTITY_UNKNOWN } Identity;

/* Asks the broker. OTHER sets LOST; UNKNOWN: nobody answers. */
static Identity identify(KafkaReader *reader, GError **error)
{
    unsigned disturbances = reader->client.disturbances;
    g_autofree KafkaTopicState *states = g_new0(KafkaTopicState, reader->assignment.topic_count);
    for (size_t t = 0; t < reader->assignment.topic_count; t++)
        states[t].name = reader->assignment.topics[t].name;
    if (!kafka_metadata_look_up(&reader->client, states, reader->assignment.topic_count, IDENTIFY_MS, NULL))
        return IDENTITY_UNKNOWN;
    if (!is_same_cluster(reader, error))
        return IDENTITY_OTHER;
    for (size_t t = 0; t < reader->assignment.topic_count; t++) {
        if (states[t].partitions == reader->assignment.topics[t].partitions)
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "topic %s has %d partitions now, not %d",
                    states[t].name, states[t].partitions, reader->assignment.topics[t].partitions);
        return IDENTITY_OTHER;
    }
    reader->identified = disturbances;
    reader->refresh_at = g_get_monotonic_time() + reader->refresh_us;
    reader->client.topic_missing = false;
    return IDENTITY_SAME;
}

/* What librdkafka tells instead of a record. False: the reader has failed. */
static bool take_event(KafkaReader *reader, const rd_kafka_message_t *message, GError **error)
{
    size_t i = find_partition(reader, message);
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        if (i < reader->assignment.partition_count)
            advance(reader, i, message->offset);
        return true;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "partition %d of %s: %s", message->partition,
                    message->rkt ? rd_kafka_topic_name(message->rkt) : "?", rd_kafka_message_errstr(message));
        return false;
    default: /* librdkafka tries again */
        log_warning("partition cannot be read",
                    LOG_STR("topic", message->rkt ? rd_kafka_topic_name(message->rkt) : ""),
                    LOG_INT("partition", message->partition),
                    LOG_STR("error", rd_kafka_message_errstr(message)));
        return true;
    }
}

/* *ret_record stays untouched when the message is none, or one that was given out before. */
static bool take_message(KafkaReader *reader, const rd_kafka_message_t *message, BusRecord **ret_record,
                         GError **error)
{
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return take_event(reader, message, error);
    reader->client.connected = true;
    size_t i = find_partition(reader, message);
    if (i == reader->assignment.partition_count || message->offset < reader->next[i])
        return true;
    advance(reader, i, message->offset + 1);
    *ret_record = kafka_record_new(message);
    return true;
}

static bool refresh_is_due(KafkaReader *reader)
{
    int64_t now = g_get_monotonic_time();
    if (reader->refresh_us <= 0 || now < reader->refresh_at)
        return false;
    reader->refresh_at = now + reader->refresh_us;
    return true;
}

/* The next message, held back as long as it may come from another cluster. */
static KafkaRead next_message(KafkaReader *reader, int timeout_ms, rd_kafka_message_t **ret_message,
                              GError **error)
{
    if (!reader->held)
        reader->held = rd_kafka_consume_queue(reader->queue, timeout_ms);
    bool doubtful =
        reader->client.topic_missing || (reader->held && reader->identified != reader->client.disturbances);
    if (doubtful || refresh_is_due(reader)) {
        Identity identity = identify(reader, error);
        if (identity == IDENTITY_OTHER)
            return KAFKA_READ_FAILED;
        if (identity == IDENTITY_UNKNOWN && doubtful)
            return KAFKA_READ_NOTHING;
    }
    if (!reader->held)
        return KAFKA_READ_NOTHING;
    *ret_message = g_steal_pointer(&reader->held);
    return KAFKA_READ_RECORD;
}

KafkaRead kafka_reader_read(KafkaReader *reader, int timeout_ms, BusRecord **ret_record, GError **error)
{
    int64_t start = g_get_monotonic_time();
    for (;;) {
        bool was_at_end = kafka_reader_at_end(reader);
        rd_kafka_message_t *message = NULL;
        KafkaRead result = next_message(reader, kafka_remaining_ms(start, timeout_ms), &message, error);
        if (result != KAFKA_READ_RECORD)
            return result;
        BusRecord *record = NULL;
        bool well = take_message(reader, message, &record, error);
        rd_kafka_message_destroy(message);
        if (!well)
            return KAFKA_READ_FAILED;
        if (record) {
            *ret_record = record;
            return KAFKA_READ_RECORD;
        }
        if (!was_at_end && kafka_reader_at_end(reader))
            return KAFKA_READ_NOTHING;
    }
}

bool kafka_reader_at_end(const KafkaReader *reader)
{
    return reader->started && reader->behind == 0;
}

int64_t kafka_reader_next(const KafkaReader *reader, size_t i)
{
    return reader->next[i];
}

bool kafka_reader_connected(const KafkaReader *reader)
{
    return reader->client.connected;
}

void kafka_reader_wake(KafkaReader *reader)
{
    rd_kafka_queue_yield(reader->queue);
}
