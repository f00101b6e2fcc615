/* SPDX-License-Identifier: Apache-2.0 */
/* A group is written in steps, and what is known after a failure depends on the step:
 *
 *   begin, produce, flush      nothing is committed; when every record was answered, an abort makes that certain
 *   commit (EndTxn is sent)    anything but success means that it may have been done, or may still be done later
 *
 * Flushing is a step of its own, though commit would do it too, so that a record refused is never mistaken
 * for a commit unknown. A time-out in any step leaves requests that may arrive late: the transactor is dead
 * from then on. */
#include "common/kafka/transactor.h"

#include "common/error.h"
#include "common/kafka/client.h"
#include "common/kafka/codec.h"

#define DISCARDED_KEY                                                                                        \
    "discarded" /* of a tombstone that is aborted, for those who read what is not committed */

static const KafkaProperty defaults[] = {
    {"linger.ms", "0"},
    {"partitioner", "murmur2_random"}, /* as producer.c */
    {NULL, NULL},
};

const KafkaProperty kafka_transactor_fixed[] = {
    {"enable.idempotence", "true"},
    {"acks", "-1"},
    {"allow.auto.create.topics", "false"},
    {NULL, NULL},
};

struct KafkaTransactor {
    KafkaClient client; /* first: see client.h */
    bool dead;
    /* Of the last group: */
    size_t reports;
    char *first_error; /* of its records; NULL: none */
    GArray *ends;      /* int64_t by partition: offset after its last record there; 0: none */
    /* Of all groups that are committed: */
    GArray *written; /* as `ends` */
};

typedef rd_kafka_error_t KafkaError;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KafkaError, rd_kafka_error_destroy)

static void note_end(GArray *ends, int32_t partition, int64_t end)
{
    if ((guint)partition >= ends->len)
        g_array_set_size(ends, (guint)partition + 1); /* with zeros */
    int64_t *known = &g_array_index(ends, int64_t, partition);
    *known = MAX(*known, end);
}

/* Within rd_kafka_flush() and the transactional calls. */
static void on_report(rd_kafka_t *handle G_GNUC_UNUSED, const rd_kafka_message_t *message, void *opaque)
{
    KafkaTransactor *transactor = opaque;
    transactor->reports++;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        note_end(transactor->ends, message->partition, message->offset + 1);
    else if (!transactor->first_error)
        transactor->first_error = g_strdup(rd_kafka_err2str(message->err));
}

static bool open_client(KafkaTransactor *transactor, const Config *config, const char *transactional_id,
                        GError **error)
{
    rd_kafka_conf_t *conf = kafka_conf_new(config, defaults, kafka_transactor_fixed, error);
    if (!conf)
        return false;
    /* The level is for kafka_transactor_look_up_end() alone, and not the one that readers are bound to. */
    if (!kafka_conf_set(conf, "isolation.level", "read_uncommitted", error) ||
        !kafka_conf_set(conf, "transactional.id", transactional_id, error)) {
        rd_kafka_conf_destroy(conf);
        return false;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    return kafka_client_open(&transactor->client, RD_KAFKA_PRODUCER, conf, error);
}

static bool init(KafkaTransactor *transactor, int timeout_ms, GError **error)
{
    g_autoptr(KafkaError) failure = rd_kafka_init_transactions(transactor->client.handle, timeout_ms);
    if (!failure)
        return true;
    if (!rd_kafka_error_is_fatal(failure))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "transactions cannot begin: %s",
                    rd_kafka_error_string(failure));
    else if (kafka_client_check(&transactor->client, error))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "transactions cannot begin: %s",
                    rd_kafka_error_string(failure));
    return false;
}

KafkaTransactor *kafka_transactor_new(const Config *config, const char *transactional_id, int timeout_ms,
                                      GError **error)
{
    KafkaTransactor *transactor = g_new0(KafkaTransactor, 1);
    transactor->ends = g_array_new(FALSE, TRUE, sizeof(int64_t));
    transactor->written = g_array_new(FALSE, TRUE, sizeof(int64_t));
    if (open_client(transactor, config, transactional_id, error) && init(transactor, timeout_ms, error))
        return transactor;
    kafka_transactor_free(transactor);
    return NULL;
}

void kafka_transactor_free(KafkaTransactor *transactor)
{
    if (!transactor)
        return;
    kafka_client_close(&transactor->client);
    g_array_unref(transactor->ends);
    g_array_unref(transactor->written);
    g_free(transactor->first_error);
    g_free(transactor);
}

/* Ends the transactor: CONFLICT when it was fenced, else LOST with what happened. */
static bool end(KafkaTransactor *transactor, const char *what, const char *reason, GError **error)
{
    transactor->dead = true;
    if (kafka_client_check(&transactor->client, error))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "%s: %s", what, reason);
    return false;
}

/* After begin and before commit: makes certain that nothing is written. */
static bool abort_group(KafkaTransactor *transactor, const char *reason, int timeout_ms, GError **error)
{
    g_autoptr(KafkaError) failure = rd_kafka_abort_transaction(transactor->client.handle, timeout_ms);
    if (failure)
        return end(transactor, "the transaction may be left open", rd_kafka_error_string(failure), error);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the transaction was aborted: %s", reason);
    return false;
}

/* To the end of the flush: all records are with the broker, and none is committed. */
static bool send_group(KafkaTransactor *transactor, BusRecord *const *records, size_t count, int timeout_ms,
                       GError **error)
{
    int64_t start = g_get_monotonic_time();
    rd_kafka_t *handle = transactor->client.handle;
    transactor->reports = 0;
    g_clear_pointer(&transactor->first_error, g_free);
    g_array_set_size(transactor->ends, 0);
    g_autoptr(KafkaError) begun = rd_kafka_begin_transaction(handle);
    if (begun)
        return end(transactor, "the transaction cannot begin", rd_kafka_error_string(begun), error);
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) refused = NULL;
        if (!kafka_produce(handle, records[i], NULL, &refused))
            return abort_group(transactor, refused->message, kafka_remaining_ms(start, timeout_ms), error);
    }
    if (rd_kafka_flush(handle, kafka_remaining_ms(start, timeout_ms)) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return end(transactor, "the transaction is undecided", "the records were not answered in time",
                   error);
    if (transactor->reports < count || transactor->first_error)
        return abort_group(transactor,
                           transactor->first_error ? transactor->first_error : "a record was not answered",
                           kafka_remaining_ms(start, timeout_ms), error);
    return true;
}

static bool is_usable(KafkaTransactor *transactor, GError **error)
{
    if (!kafka_client_check(&transactor->client, error))
        return false;
    if (transactor->dead)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "an earlier transaction was left undecided");
    return !transactor->dead;
}

static void note_written(KafkaTransactor *transactor)
{
    for (guint i = 0; i < transactor->ends->len; i++)
        note_end(transactor->written, (int32_t)i, g_array_index(transactor->ends, int64_t, i));
}

bool kafka_transactor_write(KafkaTransactor *transactor, BusRecord *const *records, size_t count,
                            int timeout_ms, GError **error)
{
    int64_t start = g_get_monotonic_time();
    if (!is_usable(transactor, error))
        return false;
    if (count == 0)
        return true;
    if (!send_group(transactor, records, count, timeout_ms, error))
        return false;
    g_autoptr(KafkaError) uncommitted =
        rd_kafka_commit_transaction(transactor->client.handle, MAX(kafka_remaining_ms(start, timeout_ms), 1));
    if (uncommitted)
        return end(transactor, "the transaction may be committed or not", rd_kafka_error_string(uncommitted),
                   error);
    note_written(transactor);
    return true;
}

int64_t kafka_transactor_written_to(const KafkaTransactor *transactor, int32_t partition)
{
    const GArray *written = transactor->written;
    return (guint)partition < written->len ? g_array_index(written, int64_t, partition) : 0;
}

bool kafka_transactor_look_up_end(KafkaTransactor *transactor, const char *topic, int32_t partition,
                                  int timeout_ms, int64_t *ret_end, GError **error)
{
    int64_t low = 0;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(transactor->client.handle, topic, partition,
                                                                &low, ret_end, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "the end of partition %d of %s cannot be looked up: %s", partition, topic,
                    rd_kafka_err2str(code));
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* The marker that ends our transaction in a partition ends all that our producer id has open there. The
 * coordinator writes markers where records were announced, hence a record. */
bool kafka_transactor_discard_open(KafkaTransactor *transactor, const char *topic, int32_t partition,
                                   int timeout_ms, GError **error)
{
    int64_t start = g_get_monotonic_time();
    g_autoptr(GBytes) key = g_bytes_new_static(DISCARDED_KEY, strlen(DISCARDED_KEY));
    BusRecord record = {.topic = (char *)topic, .partition = partition, .key = key};
    if (!is_usable(transactor, error) ||
        !send_group(transactor, (BusRecord *[]){&record}, 1, timeout_ms, error))
        return false;
    g_autoptr(KafkaError) failure =
        rd_kafka_abort_transaction(transactor->client.handle, MAX(kafka_remaining_ms(start, timeout_ms), 1));
    return !failure ||
           end(transactor, "the transaction may be left open", rd_kafka_error_string(failure), error);
}
