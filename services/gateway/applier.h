/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the records of both topics, in the order in which this replica reads them, into view and log. No
 * Kafka library in here. One thread. */
#ifndef DAYWIRE_GATEWAY_APPLIER_H
#define DAYWIRE_GATEWAY_APPLIER_H

#include "common/bus_record.h"
#include "gateway/event_log.h"
#include "gateway/view.h"

typedef struct Applier Applier;

/* View and log must outlive it. It stands where the view stands. */
Applier *applier_new(View *view, EventLog *log, const char *statements_topic);
void applier_free(Applier *applier);

/* Up to where records are applied; NULL: nothing is. Owned by the applier. */
const Cursor *applier_cursor(const Applier *applier);

/* Empties view and log, which stand at `cursor` from now on, before the first record of each partition; for
 * another bus. `statement_partitions` are the partitions of the topic of statements. Fails with the view (see
 * view.h), and can be called again. */
bool applier_clear(Applier *applier, const Cursor *cursor, size_t statement_partitions, GError **error)
    MUST_CHECK;

/* The next records come from `from` on, which is not after applier_cursor(). Those before that were applied
 * before: `fill` says whether they go into the log, which is emptied first; the window is filled again. */
void applier_start(Applier *applier, const Cursor *from, size_t statement_partitions, bool fill);

/* Takes a record into the batch. What is no event is counted and logged. LOST: the record on which the view
 * stands has another time than it had: this is another bus. */
bool applier_add(Applier *applier, const BusRecord *record, GError **error) MUST_CHECK;
/* Whether the batch should be flushed before it grows further. */
bool applier_is_full(const Applier *applier);

/* Appends the batch's events to the log and commits them to the view. After a failure of the view the batch
 * is kept; call again. `live`: clients are being served; they are woken. */
bool applier_flush(Applier *applier, Instant now, bool live, GError **error) MUST_CHECK;
/* Forgets the batch. */
void applier_drop(Applier *applier);

#endif
