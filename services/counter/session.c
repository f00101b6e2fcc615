/* SPDX-License-Identifier: Apache-2.0 */
/* Exactly one tick a counter and date, because of the order in session_open(): once the transactional id is
 * ours, nobody with an older session can commit; what he committed before is below the end that is read next;
 * and what is decided from it is written whole or not at all. Where it is not known whether it was written
 * (LOST), the session ends, and the next one reads it. On the embedded broker, which fences nobody,
 * [counters] lock-file takes the place of the first step.
 *
 * The reader stays open while there is nothing to write, so that a topic that is gone, or another cluster, is
 * noticed at once and not at the next midnight. Ticks that others wrote meanwhile are noted, but nothing is
 * decided before the next date begins: two services with different rules and ids of their own correct each
 * other once a date, not without end. */
#include "counter/session.h"

#include "common/bus_record.h"
#include "common/error.h"
#include "common/kafka/topics.h"
#include "common/kafka/transactor.h"
#include "counter/history.h"

#define TOPICS_MS     5000
#define TRANSACTOR_MS 10000
#define OPEN_MS       5000
#define READ_MS       120000
#define READ_STEP_MS  100
#define WRITE_MS      20000

struct Session {
    const char *topic;
    KafkaTransactor *transactor;
    History *history;
    Ledger *ledger;
};

static bool read_to_end(const Session *session, const atomic_bool *stopping, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + READ_MS * INT64_C(1000);
    while (!history_at_end(session->history)) {
        if (!history_read(session->history, session->ledger, READ_STEP_MS, error))
            return false;
        if (!atomic_load(stopping) && g_get_monotonic_time() < deadline)
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "the topic %s was not read to its end in time", session->topic);
        return false;
    }
    return true;
}

static bool open_all(Session *session, const Config *config, const atomic_bool *stopping, GError **error)
{
    if (!kafka_topics_ensure(config, TOPICS_MS, error))
        return false;
    session->transactor = kafka_transactor_new(config, config_string(config, "counters", "transactional-id"),
                                               TRANSACTOR_MS, error);
    if (!session->transactor)
        return false;
    session->history = history_open(config, OPEN_MS, error);
    return session->history && read_to_end(session, stopping, error);
}

Session *session_open(const Config *config, const atomic_bool *stopping, GError **error)
{
    Session *session = g_new0(Session, 1);
    session->topic = config_string(config, "topics", "ticks");
    session->ledger = ledger_new();
    if (open_all(session, config, stopping, error))
        return session;
    session_free(session);
    return NULL;
}

void session_free(Session *session)
{
    if (!session)
        return;
    kafka_transactor_free(session->transactor);
    history_free(session->history);
    ledger_free(session->ledger);
    g_free(session);
}

const Ledger *session_ledger(const Session *session)
{
    return session->ledger;
}

static BusRecord *make_record(const Session *session, const ScheduleEntry *entry, Instant now)
{
    return entry->tick ? bus_record_from_tick(session->topic, entry->tick, now)
                       : bus_record_counter_removed(session->topic, entry->counter, now);
}

static void note(Session *session, const ScheduleEntry *entry)
{
    if (!entry->tick)
        ledger_remove(session->ledger, entry->counter);
    else if (!ledger_add(session->ledger, entry->tick, NULL))
        g_assert_not_reached(); /* its date was made by us */
}

bool session_write(Session *session, ScheduleEntry *const *entries, guint count, Instant now, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)bus_record_free);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(records, make_record(session, entries[i], now));
    if (!kafka_transactor_write(session->transactor, (BusRecord *const *)records->pdata, records->len,
                                WRITE_MS, error))
        return false;
    for (guint i = 0; i < count; i++)
        note(session, entries[i]);
    return true;
}

bool session_watch(Session *session, GError **error)
{
    return history_read(session->history, session->ledger, 0, error);
}

bool session_connected(const Session *session)
{
    return history_connected(session->history);
}
