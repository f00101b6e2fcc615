/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/record_event.h"

#include "common/civil_date.h"
#include "common/error.h"
#include "common/markup/html_body.h"
#include "common/statement_rules.h"

static bool check_revision(uint32_t revision, GError **error)
{
    if (revision > 0)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "revision: 1 or more");
    return false;
}

/* A withdrawal that still carries text is one all the same. What ingest has reduced stays as it is; others may write
 * to the topic, too. */
static Statement *read_statement(const BusRecord *record, GError **error)
{
    const char *field = NULL;
    g_autoptr(Statement) statement = bus_record_statement(record, error);
    if (!statement)
        return NULL;
    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        statement_remove_text(statement);
    if (!check_revision(statement->revision, error) || !statement_validate(statement, &field, error) ||
        !html_body_reduce(statement, error))
        return NULL;
    return g_steal_pointer(&statement);
}

static Tick *read_tick(const BusRecord *record, GError **error)
{
    CivilDate date = 0;
    g_autoptr(Tick) tick = bus_record_tick(record, error);
    if (!tick || !check_revision(tick->revision, error))
        return NULL;
    if (!civil_date_parse(tick->date, &date)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "date: a day of the calendar as YYYY-MM-DD");
        return NULL;
    }
    return g_steal_pointer(&tick);
}

static Tick *read_removal(const BusRecord *record, GError **error)
{
    g_autofree char *counter = bus_record_key(record);
    if (!counter) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the record's key is no counter's id");
        return NULL;
    }
    Tick *tick = tick_new();
    message_set_string(&tick->counter, counter);
    return tick;
}

Event *record_event(const BusRecord *record, Channel channel, size_t partition, const char *cursor,
                    GError **error)
{
    if (channel == CHANNEL_STATEMENTS) {
        Statement *statement = read_statement(record, error);
        return statement
                   ? event_new_statement(statement, cursor, partition, record->offset, record->timestamp)
                   : NULL;
    }
    Tick *tick = record->value ? read_tick(record, error) : read_removal(record, error);
    if (!tick)
        return NULL;
    return record->value
               ? event_new_tick(tick, cursor, partition, record->offset, record->timestamp)
               : event_new_counter_removed(tick, cursor, partition, record->offset, record->timestamp);
}
