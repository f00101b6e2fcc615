/* SPDX-License-Identifier: Apache-2.0 */
/* Exactly one tick a counter and date, because of the order in session_open(): once the transactional id is
 * ours, nobody with an older session can commit; what he committed before is below the end that is read next;
 * and what is decided from it is written whole or not at all. Where it is not known whether it was written
 * (LOST), the session ends, and the next one reads it. On the embedded broker, which fences nobody,
 * [counters] lock-file takes the place of the first step.
 *
 * Committed records are hidden from every reader as long as an open transaction lies before them, and to decide
 * without having seen them would double them. Hence nothing is decided before the log is stable to its end: what a
 * killed broker has left open of our id is taken back, what others have open is waited for. And what is written has
 * to come back by the reader, or it is hidden in this way, and the session is LOST.
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
#include "common/log.h"
#include "counter/history.h"

#define TOPICS_MS     5000
#define TRANSACTOR_MS 10000
#define OPEN_MS       5000
#define READ_MS       120000
#define READ_STEP_MS  100
#define WRITE_MS      20000
#define STABLE_MS     5000 /* how long others' open transactions are waited for before it counts as a failure */
#define STABLE_STEP   (100 * G_TIME_SPAN_MILLISECOND)
#define VISIBLE_MS    15000 /* without any progress of the reader towards what was written */

struct Session {
    const char *topic;
    KafkaTransactor *transactor;
    History *history;
    Ledger *ledger;
    SessionGoOn go_on; /* while it is opened */
    void *user;
    /* What was written has to come back: */
    bool awaited;
    int64_t progress;  /* of the reader, in records */
    gint64 visible_by; /* g_get_monotonic_time() */
};

static bool go_on(const Session *session, GError **error)
{
    return session->go_on(session->user, error);
}

static bool read_to_end(const Session *session, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + READ_MS * INT64_C(1000);
    while (!history_at_end(session->history)) {
        if (!history_read(session->history, session->ledger, READ_STEP_MS, error) || !go_on(session, error))
            return false;
        if (g_get_monotonic_time() < deadline)
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the topic %s was not read to its end",
                    session->topic);
        return false;
    }
    return true;
}

/* Looks for what lies behind the end that readers see. *ret_partition: the last partition that has something there, -1:
 * none. */
static bool look_behind_end(const Session *session, bool discard, int32_t *ret_partition, GError **error)
{
    *ret_partition = -1;
    for (int32_t i = 0; i < history_partitions(session->history); i++) {
        int64_t end = 0;
        if (!kafka_transactor_look_up_end(session->transactor, session->topic, i, OPEN_MS, &end, error))
            return false;
        if (end <= history_end(session->history, i))
            continue;
        *ret_partition = i;
        if (!discard)
            continue;
        log_info("an open transaction hides records", LOG_STR("topic", session->topic),
                 LOG_INT("partition", i), LOG_INT("records", end - history_end(session->history, i)));
        if (!kafka_transactor_discard_open(session->transactor, session->topic, i, WRITE_MS, error))
            return false;
    }
    return true;
}

/* Opens the history at a moment in which nothing is hidden. */
static bool open_history(Session *session, const Config *config, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + STABLE_MS * INT64_C(1000);
    for (bool first = true;; first = false) {
        int32_t hiding = -1;
        session->history = history_open(config, OPEN_MS, error);
        if (!session->history || !look_behind_end(session, first, &hiding, error))
            return false;
        if (hiding < 0)
            return true;
        history_free(g_steal_pointer(&session->history));
        if (first)
            continue;
        if (!go_on(session, error))
            return false;
        if (g_get_monotonic_time() > deadline) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "partition %d of %s has a transaction of another producer open, nothing can be read "
                        "behind it",
                        hiding, session->topic);
            return false;
        }
        g_usleep(STABLE_STEP);
    }
}

static bool open_all(Session *session, const Config *config, GError **error)
{
    if (!kafka_topics_ensure(config, TOPICS_MS, error))
        return false;
    session->transactor = kafka_transactor_new(config, config_string(config, "counters", "transactional-id"),
                                               TRANSACTOR_MS, error);
    if (!session->transactor)
        return false;
    return open_history(session, config, error) && read_to_end(session, error);
}

Session *session_open(const Config *config, SessionGoOn may_go_on, void *user, GError **error)
{
    Session *session = g_new0(Session, 1);
    session->topic = config_string(config, "topics", "ticks");
    session->ledger = ledger_new();
    session->go_on = may_go_on;
    session->user = user;
    if (open_all(session, config, error))
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

static void note(Session *session, const ScheduleEntry *entry, Instant now)
{
    if (!entry->tick)
        ledger_remove(session->ledger, entry->counter, now);
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
        note(session, entries[i], now);
    session->awaited = true;
    session->progress = -1;
    return true;
}

/* Whether the reader has come to the end of all that was written; *ret_progress: the sum of its positions. */
static bool has_come_back(const Session *session, int64_t *ret_progress)
{
    bool back = true;
    *ret_progress = 0;
    for (int32_t i = 0; i < history_partitions(session->history); i++) {
        int64_t position = history_position(session->history, i);
        *ret_progress += position;
        back = back && position >= kafka_transactor_written_to(session->transactor, i);
    }
    return back;
}

static bool await_written(Session *session, GError **error)
{
    int64_t progress = 0;
    gint64 now = g_get_monotonic_time();
    session->awaited = session->awaited && !has_come_back(session, &progress);
    if (!session->awaited)
        return true;
    if (progress != session->progress)
        session->visible_by = now + VISIBLE_MS * INT64_C(1000);
    session->progress = progress;
    if (now < session->visible_by)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
                "what was committed to %s cannot be read, the broker has lost the commit", session->topic);
    return false;
}

bool session_watch(Session *session, GError **error)
{
    return history_read(session->history, session->ledger, 0, error) && await_written(session, error);
}

bool session_connected(const Session *session)
{
    return history_connected(session->history);
}
