/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the outbox to the broker, oldest row first, and tells which rows the broker has. Owned by the
 * engine's thread.
 *
 * Order: the rows of one statement reach the broker in their order, each when the one before it is there. One that the
 * broker refuses is tried again, and holds up those of its own statement and no other. A row is sent again when it is not
 * known to be there (the process crashed before the row was cleared; the producer failed for good), and then so is every
 * later row that is not; consumers drop what they have seen by ce_id. */
#ifndef DAYWIRE_INGEST_PUBLISHER_H
#define DAYWIRE_INGEST_PUBLISHER_H

#include "common/config/config.h"
#include "ingest/store/store.h"

typedef struct Publisher Publisher;

/* Of one row: the broker has it. */
typedef struct {
    StoreConfirmed row; /* the id is owned, the topic is not */
    Instant accepted_at;
} Confirmation;

void confirmation_clear(Confirmation *confirmation);

Publisher *publisher_new(const Config *config);
/* Waits at most `timeout_ms` for what is under way. NULL is fine. */
void publisher_free(Publisher *publisher, int timeout_ms);

/* The topics exist: sending may begin. */
void publisher_open(Publisher *publisher);

/* Readable when publisher_poll() has something to do; -1: nothing to watch. It changes when a producer is
 * replaced. */
int publisher_fd(const Publisher *publisher);

/* Takes the broker's reports and appends to `confirmed` (of Confirmation). `now` is monotonic. */
void publisher_poll(Publisher *publisher, GArray *confirmed, int64_t now);

/* Sends rows that were not sent yet, until as many are under way as may be. False when the store cannot be read.
 * `cleared`: no row that publisher_poll() told is in the outbox still. */
bool publisher_send(Publisher *publisher, Store *store, bool cleared, int64_t now, GError **error) MUST_CHECK;

/* To be told, after the commit, of each row that was added, in the order of their positions. */
void publisher_row_added(Publisher *publisher, int64_t position, const Statement *statement, GBytes *packed);
/* To be told, after the commit, that rows were put back, which may lie before those that have been sent. The outbox is
 * read from its beginning as soon as no row that was sent is in it. */
void publisher_rows_put_back(Publisher *publisher);
/* Whether publisher_send() has more to do right away. */
bool publisher_can_send(const Publisher *publisher);

/* Nothing is sent before what was confirmed has left the outbox: it is time to clear it. */
bool publisher_waits_for_clearing(const Publisher *publisher);

unsigned publisher_in_flight(const Publisher *publisher);

/* When to come back though nothing happens, monotonic; G_MAXINT64: not at all. */
int64_t publisher_deadline(const Publisher *publisher);

#endif
