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
    size_t reports;    /* of the group being written */
    char *first_error; /* of its records; NULL: none */
};

typedef rd_kafka_error_t KafkaError;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KafkaError, rd_kafka_error_destroy)

/* Within rd_kafka_flush() and the transactional calls. */
static void on_report(rd_kafka_t *handle G_GNUC_UNUSED, const rd_kafka_message_t *message, void *opaque)
{
    KafkaTransactor *transactor = opaque;
    transactor->reports++;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !transactor->first_error)
        transactor->first_error = g_strdup(rd_kafka_err2str(message->err));
}

static bool open_client(KafkaTransactor *transactor, const Config *config, const char *transactional_id,
                        GError **error)
{
    char reason[256];
    rd_kafka_conf_t *conf = kafka_conf_new(config, defaults, kafka_transactor_fixed, error);
    if (!conf)
        return false;
    if (rd_kafka_conf_set(conf, "transactional.id", transactional_id, reason, sizeof(reason)) !=
        RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "[counters] transactional-id: %s", reason);
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

static bool write_group(KafkaTransactor *transactor, BusRecord *const *records, size_t count, int timeout_ms,
                        GError **error)
{
    int64_t start = g_get_monotonic_time();
    rd_kafka_t *handle = transactor->client.handle;
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
    g_autoptr(KafkaError) uncommitted =
        rd_kafka_commit_transaction(handle, MAX(kafka_remaining_ms(start, timeout_ms), 1));
    if (uncommitted)
        return end(transactor, "the transaction may be committed or not", rd_kafka_error_string(uncommitted),
                   error);
    return true;
}

bool kafka_transactor_write(KafkaTransactor *transactor, BusRecord *const *records, size_t count,
                            int timeout_ms, GError **error)
{
    if (!kafka_client_check(&transactor->client, error))
        return false;
    if (transactor->dead) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "an earlier transaction was left undecided");
        return false;
    }
    if (count == 0)
        return true;
    transactor->reports = 0;
    g_clear_pointer(&transactor->first_error, g_free);
    return write_group(transactor, records, count, timeout_ms, error);
}
