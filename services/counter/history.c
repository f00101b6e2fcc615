/* SPDX-License-Identifier: Apache-2.0 */
/* The order of one counter's records is the order of its partition. A record that is met twice (written again
 * after an unknown result, delivered again) is not later than the one before, and the ledger drops it. */
#include "counter/history.h"

#include "common/bus_record.h"
#include "common/kafka/reader.h"
#include "common/log.h"
#include "common/metrics.h"

#define RECORDS_AT_A_TIME 1000
#define LOGGED_MAX        10

struct History {
    KafkaReader *reader;
    Metric *foreign;
    unsigned logged;
};

History *history_open(const Config *config, int timeout_ms, GError **error)
{
    const char *topics[] = {config_string(config, "topics", "ticks"), NULL};
    History *history = g_new0(History, 1);
    history->foreign = metric_counter("daywire_counter_foreign_records_total", NULL,
                                      "Records on the topic of the ticks that are no ticks of any counter.");
    history->reader = kafka_reader_new(config, topics, timeout_ms, error);
    if (history->reader && kafka_reader_start(history->reader, error))
        return history;
    history_free(history);
    return NULL;
}

void history_free(History *history)
{
    if (!history)
        return;
    if (history->reader)
        kafka_reader_free(history->reader);
    g_free(history);
}

static void refuse(History *history, const BusRecord *record, const GError *error)
{
    metric_add(history->foreign, 1);
    if (history->logged == LOGGED_MAX)
        return;
    history->logged++;
    log_warning("record on the topic of the ticks is none of ours", LOG_INT("partition", record->partition),
                LOG_INT("offset", record->offset), LOG_ERROR(error));
}

/* When the counter was removed: what its service says, or else when the record was written. */
static Instant removed_at(const BusRecord *record)
{
    Instant at = record->timestamp;
    const char *time = bus_record_header(record, "ce_time");
    if (time)
        (void)instant_parse(time, &at, NULL);
    return at;
}

static void note(History *history, Ledger *ledger, const BusRecord *record)
{
    g_autoptr(GError) error = NULL;
    if (!record->value) {
        g_autofree char *counter = bus_record_key(record);
        if (counter)
            ledger_remove(ledger, counter, removed_at(record));
        return;
    }
    g_autoptr(Tick) tick = bus_record_tick(record, &error);
    if (!tick || !ledger_add(ledger, tick, &error))
        refuse(history, record, error);
}

bool history_read(History *history, Ledger *ledger, int timeout_ms, GError **error)
{
    for (int i = 0; i < RECORDS_AT_A_TIME; i++) {
        BusRecord *record = NULL;
        KafkaRead result = kafka_reader_read(history->reader, i == 0 ? timeout_ms : 0, &record, error);
        if (result != KAFKA_READ_RECORD)
            return result == KAFKA_READ_NOTHING;
        note(history, ledger, record);
        bus_record_free(record);
    }
    return true;
}

bool history_at_end(const History *history)
{
    return kafka_reader_at_end(history->reader);
}

int32_t history_partitions(const History *history)
{
    size_t count = 0;
    (void)kafka_reader_partitions(history->reader, &count);
    return (int32_t)count;
}

int64_t history_end(const History *history, int32_t partition)
{
    size_t count = 0;
    return kafka_reader_partitions(history->reader, &count)[partition].high;
}

int64_t history_position(const History *history, int32_t partition)
{
    return kafka_reader_next(history->reader, (size_t)partition);
}

bool history_connected(const History *history)
{
    return kafka_reader_connected(history->reader);
}
