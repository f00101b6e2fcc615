/* SPDX-License-Identifier: Apache-2.0 */
/* One thread: connect, then follow until the bus is lost, and again.
 *
 * Connecting is where it is found out whether the bus is the one that the view was made from: the cluster's
 * id and the topics (the epoch), the number of partitions, the bounds of each, and the record before each
 * position, which is read again. If anything differs, view and log are emptied and everything is read from
 * the beginning.
 *
 * At a start of the process reading begins where the window begins, so that the log is filled again and
 * resumes stay complete; at a later connection it goes on where it was.
 *
 * A view that fails (a full disk) stops reading until it works again. A damaged one ends the process: the
 * next one makes it anew. That it is damaged may be found by a worker first, which leaves the error here. */
#include "gateway/consumer.h"

#include <pthread.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/health.h"
#include "common/kafka/embedded.h"
#include "common/kafka/reader.h"
#include "common/kafka/topics.h"
#include "common/log.h"
#include "gateway/applier.h"

#define CONNECT_MS 3000 /* a stop waits for this at most */
#define RETRY_MS   1000
#define READ_MS    500
#define TRIM_US    (10 * INSTANT_SECOND)
/* At most one warning of readers in this time, whatever the number of clients. */
#define COMPLAINT_US INT64_C(10000000)

struct Consumer {
    const Config *config;
    EventLog *log;
    View *view;
    const char *topics[3]; /* statements, ticks, NULL */
    Instant window;
    pthread_t thread;
    gint caught_up; /* atomic */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    /* under the lock */
    bool stopping;
    KafkaReader *reader; /* written by the thread */
    GError *lost;        /* what a reader of the view has found; NULL: nothing */
    int64_t complained;  /* monotonic: when the last warning was logged; 0: never */
    /* the thread's */
    Applier *applier;
    bool foreign; /* the bus turned out to be another one while it was read */
    Instant trimmed;
};

/* -- waiting and stopping -- */

static bool is_stopping(Consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    bool stopping = consumer->stopping;
    pthread_mutex_unlock(&consumer->lock);
    return stopping;
}

/* Returns early at a stop. */
static void wait_a_moment(Consumer *consumer)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += RETRY_MS / 1000;
    pthread_mutex_lock(&consumer->lock);
    while (!consumer->stopping && pthread_cond_timedwait(&consumer->wake, &consumer->lock, &end) == 0)
        continue;
    pthread_mutex_unlock(&consumer->lock);
}

static void set_reader(Consumer *consumer, KafkaReader *reader)
{
    pthread_mutex_lock(&consumer->lock);
    KafkaReader *old = consumer->reader;
    consumer->reader = reader;
    pthread_mutex_unlock(&consumer->lock);
    kafka_reader_free(old);
}

static void set_caught_up(Consumer *consumer, bool caught_up)
{
    g_atomic_int_set(&consumer->caught_up, caught_up);
}

/* -- the view's failures -- */

/* Waits for what passes; ends the process for what does not. */
static void handle_view_failure(Consumer *consumer, const GError *reason)
{
    health_set("view", false, reason->message);
    if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST)) {
        view_condemn(consumer->view);
        daemon_fail(reason->message);
        pthread_mutex_lock(&consumer->lock);
        consumer->stopping = true;
        pthread_mutex_unlock(&consumer->lock);
        return;
    }
    wait_a_moment(consumer);
}

/* False: the view is lost, as a reader says or because its file is gone from its path. */
static bool check_view(Consumer *consumer)
{
    g_autoptr(GError) reason = NULL;
    pthread_mutex_lock(&consumer->lock);
    if (consumer->lost)
        reason = g_error_copy(consumer->lost);
    pthread_mutex_unlock(&consumer->lock);
    if (!reason && view_check(consumer->view, &reason))
        return true;
    handle_view_failure(consumer, reason);
    return false;
}

/* False at a stop. */
static bool flush(Consumer *consumer, bool live)
{
    while (!is_stopping(consumer)) {
        g_autoptr(GError) reason = NULL;
        if (applier_flush(consumer->applier, g_get_real_time(), live, &reason)) {
            health_set("view", true, NULL);
            return true;
        }
        handle_view_failure(consumer, reason);
    }
    return false;
}

static bool clear(Consumer *consumer, const Cursor *cursor, size_t statement_partitions)
{
    while (!is_stopping(consumer)) {
        g_autoptr(GError) reason = NULL;
        if (applier_clear(consumer->applier, cursor, statement_partitions, &reason))
            return true;
        handle_view_failure(consumer, reason);
    }
    return false;
}

/* -- connecting -- */

/* A sentence when what was stored does not belong to this bus, else NULL. */
static const char *find_difference(const Cursor *stored, uint32_t epoch, const KafkaPartition *partitions,
                                   size_t count)
{
    if (stored->epoch != epoch)
        return "it is another cluster, or has other topics";
    if (stored->count != count)
        return "the number of partitions has changed";
    for (size_t i = 0; i < count; i++) {
        if (stored->positions[i].offset > partitions[i].high)
            return "a topic ends before the position stored";
        if (stored->positions[i].offset < partitions[i].low)
            return "a topic begins after the position stored";
    }
    return NULL;
}

static size_t count_statement_partitions(const Consumer *consumer, const KafkaPartition *partitions,
                                         size_t count)
{
    size_t statements = 0;
    while (statements < count && strcmp(partitions[statements].topic, consumer->topics[0]) == 0)
        statements++;
    return statements;
}

/* Everything from the beginning. */
static bool start_anew(Consumer *consumer, uint32_t epoch, KafkaPartition *partitions, size_t count)
{
    g_autofree Cursor *lows = cursor_new(epoch, count);
    for (size_t i = 0; i < count; i++) {
        partitions[i].position = partitions[i].low;
        lows->positions[i].offset = partitions[i].low;
    }
    set_caught_up(consumer, false);
    consumer->foreign = false;
    return clear(consumer, lows, count_statement_partitions(consumer, partitions, count));
}

/* From where the window begins or, once the log is filled, from the record before the position stored, which
 * proves that this is the same bus. */
static bool start_where_stored(Consumer *consumer, KafkaReader *reader, GError **error)
{
    size_t count = 0;
    KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    const Cursor *stored = applier_cursor(consumer->applier);
    bool fill = !consumer_caught_up(consumer);
    if (fill && !kafka_reader_seek_time(reader, g_get_real_time() - consumer->window, CONNECT_MS, error))
        return false;
    g_autofree Cursor *from = cursor_copy(stored);
    for (size_t i = 0; i < count; i++) {
        CursorPosition *position = &from->positions[i];
        int64_t proof = position->offset - (position->stamp != 0);
        int64_t start = fill ? MIN(proof, partitions[i].position) : proof;
        partitions[i].position = MAX(start, partitions[i].low);
        if (partitions[i].position < position->offset)
            *position = (CursorPosition){.offset = partitions[i].position};
    }
    applier_start(consumer->applier, from, count_statement_partitions(consumer, partitions, count), fill);
    return true;
}

static bool start_reader(Consumer *consumer, KafkaReader *reader, GError **error)
{
    size_t count = 0;
    KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    uint32_t epoch = cursor_epoch(kafka_reader_cluster(reader), consumer->topics[0], consumer->topics[1]);
    const Cursor *stored = applier_cursor(consumer->applier);
    const char *difference = consumer->foreign ? "a record was replaced"
                             : stored          ? find_difference(stored, epoch, partitions, count)
                                               : "nothing has been read yet";
    if (!difference)
        return start_where_stored(consumer, reader, error) && kafka_reader_start(reader, error);
    if (stored && embedded_broker_is_cluster(kafka_reader_cluster(reader))) /* which is new at each start */
        log_info("everything is read from the beginning", LOG_STR("reason", difference));
    else if (stored) /* else it is a first start */
        log_warning("everything is read from the beginning", LOG_STR("reason", difference));
    return start_anew(consumer, epoch, partitions, count) && kafka_reader_start(reader, error);
}

/* False: try again later, or a stop. */
static bool connect_bus(Consumer *consumer)
{
    g_autoptr(GError) reason = NULL;
    if (kafka_topics_ensure(consumer->config, CONNECT_MS, &reason)) {
        KafkaReader *reader = kafka_reader_new(consumer->config, consumer->topics, CONNECT_MS, &reason);
        set_reader(consumer, reader);
        if (reader && start_reader(consumer, reader, &reason))
            return true;
        set_reader(consumer, NULL);
    }
    if (!reason)
        return false; /* a stop */
    health_set("kafka", false, reason->message);
    if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID))
        daemon_fail(reason->message);
    return false;
}

/* -- following -- */

static void report(Consumer *consumer)
{
    if (!kafka_reader_connected(consumer->reader))
        health_set("kafka", false, "the connection to the broker is lost");
    else if (!consumer_caught_up(consumer))
        health_set("kafka", false, "the topics are being read");
    else
        health_set("kafka", true, NULL);
}

/* Everything that was there when the reader was made has been read. */
static bool settle(Consumer *consumer)
{
    Instant now = g_get_real_time();
    if (!flush(consumer, true))
        return false;
    event_log_trim(consumer->log, now);
    set_caught_up(consumer, true);
    event_log_publish(consumer->log);
    return true;
}

static void trim(Consumer *consumer)
{
    Instant now = g_get_real_time();
    if (ABS(now - consumer->trimmed) < TRIM_US)
        return;
    consumer->trimmed = now;
    event_log_trim(consumer->log, now);
}

/* Reads what is waiting, at most a batch. False: the bus is lost, or a stop. */
static bool read_batch(Consumer *consumer, bool *ret_any)
{
    g_autoptr(GError) reason = NULL;
    KafkaRead result = KAFKA_READ_NOTHING;
    *ret_any = false;
    while (!applier_is_full(consumer->applier)) {
        g_autoptr(BusRecord) record = NULL;
        result = kafka_reader_read(consumer->reader, *ret_any ? 0 : READ_MS, &record, &reason);
        if (result != KAFKA_READ_RECORD)
            break;
        *ret_any = true;
        if (!applier_add(consumer->applier, record, &reason)) {
            consumer->foreign = true;
            result = KAFKA_READ_FAILED;
            break;
        }
    }
    if (result != KAFKA_READ_FAILED)
        return true;
    log_warning("the bus is lost", LOG_ERROR(reason));
    health_set("kafka", false, reason->message);
    return false;
}

static bool follow_step(Consumer *consumer)
{
    bool any = false;
    bool live = consumer_caught_up(consumer);
    bool well = read_batch(consumer, &any);
    if (any && !consumer->foreign && !flush(consumer, live))
        return false;
    if (!well)
        return false;
    if (!live && kafka_reader_at_end(consumer->reader) && !settle(consumer))
        return false;
    trim(consumer);
    report(consumer);
    return true;
}

static void *run(void *user)
{
    Consumer *consumer = user;
    while (!is_stopping(consumer) && check_view(consumer)) {
        if (!connect_bus(consumer)) {
            wait_a_moment(consumer);
            continue;
        }
        while (!is_stopping(consumer) && check_view(consumer) && follow_step(consumer))
            continue;
        set_reader(consumer, NULL);
    }
    set_caught_up(consumer, false);
    return NULL;
}

/* -- the handle -- */

static void consumer_free(Consumer *consumer)
{
    applier_free(consumer->applier);
    view_free(consumer->view);
    g_clear_error(&consumer->lost);
    pthread_cond_destroy(&consumer->wake);
    pthread_mutex_destroy(&consumer->lock);
    g_free(consumer);
}

static Consumer *consumer_new(const Config *config, EventLog *log, View *view)
{
    Consumer *consumer = g_new0(Consumer, 1);
    pthread_condattr_t attributes;
    consumer->config = config;
    consumer->log = log;
    consumer->view = view;
    consumer->topics[0] = config_string(config, "topics", "statements");
    consumer->topics[1] = config_string(config, "topics", "ticks");
    consumer->window = config_milliseconds(config, "gateway", "window") * 1000;
    consumer->applier = applier_new(view, log, consumer->topics[0]);
    pthread_mutex_init(&consumer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&consumer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return consumer;
}

Consumer *consumer_start(const Config *config, EventLog *log, GError **error)
{
    View *view = view_open(config_string(config, "gateway", "database"), error);
    if (!view)
        return NULL;
    Consumer *consumer = consumer_new(config, log, view);
    health_set("kafka", false, "no broker has answered yet");
    health_set("view", true, NULL);
    int result = pthread_create(&consumer->thread, NULL, run, consumer);
    if (result == 0)
        return consumer;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "a thread cannot be started: %s",
                g_strerror(result));
    consumer_free(consumer);
    return NULL;
}

void consumer_stop(Consumer *consumer)
{
    if (!consumer)
        return;
    pthread_mutex_lock(&consumer->lock);
    consumer->stopping = true;
    pthread_cond_signal(&consumer->wake);
    if (consumer->reader)
        kafka_reader_wake(consumer->reader);
    pthread_mutex_unlock(&consumer->lock);
    pthread_join(consumer->thread, NULL);
    consumer_free(consumer);
}

bool consumer_caught_up(const Consumer *consumer)
{
    return g_atomic_int_get(&consumer->caught_up) != 0;
}

void consumer_report(Consumer *consumer, const GError *error)
{
    int64_t now = g_get_monotonic_time();
    pthread_mutex_lock(&consumer->lock);
    bool complain = consumer->complained == 0 || now - consumer->complained > COMPLAINT_US;
    if (complain)
        consumer->complained = now;
    if (!consumer->lost && g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST))
        consumer->lost = g_error_copy(error); /* looked at within READ_MS, or RETRY_MS */
    pthread_mutex_unlock(&consumer->lock);
    if (complain)
        log_warning("a client cannot be served", LOG_ERROR(error));
}
