/* SPDX-License-Identifier: Apache-2.0 */
/* Which row of the outbox may be sent next, so that those of one statement reach the broker in their order. Pure; owned by
 * the publisher.
 *
 * A statement has a lane as long as a row of it is under way or waits behind one. One row of a lane is under way: were
 * there two, the broker could refuse the first one and take the second. What was refused is tried again alone, since the
 * broker refuses a batch as a whole: until then whatever was sent with it counts as refused, too. */
#ifndef DAYWIRE_INGEST_LANES_H
#define DAYWIRE_INGEST_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "common/instant.h"

/* Of one statement. Owned by its Lanes. */
typedef struct {
    char *id;
    uint32_t done;    /* its next row is that of the first revision after this one */
    bool more;        /* there may be a next row */
    int64_t position; /* of the row under way, as the next two */
    uint32_t revision;
    Instant accepted_at;
    GQueue *queue; /* of those below; NULL: none yet */
    GList link;
} Lane;

typedef struct {
    GHashTable *by_id;
    GQueue under_way; /* of Lane, by their link, as the next three */
    GQueue ready;     /* the broker has the row before the next one */
    GQueue refused;   /* wait for lanes_isolate() */
    GQueue alone;     /* to be sent one at a time */
    bool isolating;   /* until `alone` is empty and the last one of it reported: nothing else is sent */
} Lanes;

void lanes_init(Lanes *lanes);
void lanes_clear(Lanes *lanes);
/* Ends all. */
void lanes_reset(Lanes *lanes);

/* NULL: nothing of this statement is under way or waits. */
Lane *lanes_find(const Lanes *lanes, const char *id);
/* For a statement that has none. Its row is to be told by lanes_sent(). */
Lane *lanes_begin(Lanes *lanes, const char *id);
void lanes_end(Lanes *lanes, Lane *lane);

/* A row of the lane is under way. */
void lanes_sent(Lanes *lanes, Lane *lane, int64_t position, uint32_t revision, Instant accepted_at);
/* The broker has the row under way. The lane ends when there are no more. */
void lanes_confirmed(Lanes *lanes, Lane *lane);
/* The row that was sent last was refused: it is the next one again. */
void lanes_refused(Lanes *lanes, Lane *lane);

/* At each turn; `due`: what was refused may be tried again. What is refused meanwhile has another turn, or those behind
 * would never have theirs. */
void lanes_isolate(Lanes *lanes, bool due);
/* Whose next row may be sent now; NULL: nobody's. */
Lane *lanes_next(const Lanes *lanes);
/* Whether anything was refused and is not there yet. */
bool lanes_has_refused(const Lanes *lanes);

#endif
