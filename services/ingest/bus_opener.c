/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/bus_opener.h"

#include <pthread.h>
#include <stdatomic.h>

#include "common/health.h"
#include "common/kafka/reader.h"
#include "common/kafka/topics.h"

#define ATTEMPT_MS       2000
#define FIRST_PAUSE_MS   250
#define LONGEST_PAUSE_MS 5000

struct BusOpener {
    const Config *config;
    void (*opened)(void *user);
    void *user;
    GThread *thread;
    atomic_int state; /* BusState */
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop; /* under the lock */
};

static bool topic_is_empty(const Config *config, bool *ret_empty, GError **error)
{
    const char *const topics[] = {config_string(config, "topics", "statements"), NULL};
    g_autoptr(KafkaReader) reader = kafka_reader_new(config, topics, ATTEMPT_MS, error);
    size_t count = 0;

    if (reader == NULL)
        return false;
    const KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    *ret_empty = true;
    for (size_t i = 0; i < count; i++)
        if (partitions[i].high > partitions[i].low)
            *ret_empty = false;
    return true;
}

/* False when the opener is to stop. */
static bool pause_between(BusOpener *opener, int milliseconds)
{
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += milliseconds / 1000;
    end.tv_nsec += (milliseconds % 1000) * 1000000L;
    if (end.tv_nsec >= 1000000000L) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&opener->lock);
    while (!opener->stop && pthread_cond_timedwait(&opener->stopped, &opener->lock, &end) == 0)
        continue;
    bool go_on = !opener->stop;
    pthread_mutex_unlock(&opener->lock);
    return go_on;
}

static void *run(void *user)
{
    BusOpener *opener = user;
    int pause_ms = FIRST_PAUSE_MS;
    bool empty = false;

    do {
        g_autoptr(GError) error = NULL;
        if (kafka_topics_ensure(opener->config, ATTEMPT_MS, &error) &&
            topic_is_empty(opener->config, &empty, &error)) {
            atomic_store(&opener->state, empty ? BUS_OPEN_AND_EMPTY : BUS_OPEN);
            opener->opened(opener->user);
            return NULL;
        }
        health_set("kafka", false, error->message);
        pause_ms = MIN(pause_ms * 2, LONGEST_PAUSE_MS);
    } while (pause_between(opener, pause_ms));
    return NULL;
}

BusOpener *bus_opener_start(const Config *config, void (*opened)(void *user), void *user)
{
    BusOpener *opener = g_new0(BusOpener, 1);
    pthread_condattr_t attributes;

    opener->config = config;
    opener->opened = opened;
    opener->user = user;
    pthread_mutex_init(&opener->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&opener->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    opener->thread = g_thread_new("bus-opener", run, opener);
    return opener;
}

void bus_opener_stop(BusOpener *opener)
{
    if (opener == NULL)
        return;
    pthread_mutex_lock(&opener->lock);
    opener->stop = true;
    pthread_cond_signal(&opener->stopped);
    pthread_mutex_unlock(&opener->lock);
    g_thread_join(opener->thread);
    pthread_cond_destroy(&opener->stopped);
    pthread_mutex_destroy(&opener->lock);
    g_free(opener);
}

BusState bus_opener_state(BusOpener *opener)
{
    return (BusState)atomic_load(&opener->state);
}
