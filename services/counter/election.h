/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several counter services writes the ticks: the one that the group of [counters] elects, or, where there
 * is [counters] lock-file, the one that holds it. One thread.
 *
 * To be elected is no proof, since who is not any more may not know yet: the transactional id of the session fences
 * him. */
#ifndef DAYWIRE_COUNTER_ELECTION_H
#define DAYWIRE_COUNTER_ELECTION_H

#include "common/config/config.h"

typedef struct Election Election;

/* Does not take part yet. `config` must stay valid. */
Election *election_new(const Config *config);
void election_free(Election *election); /* withdraws; NULL is fine */

typedef enum {
    ELECTION_OPEN, /* not known yet */
    ELECTION_WON,
    ELECTION_LOST,   /* another one writes */
    ELECTION_FAILED, /* see the error: withdrawn, try again later */
} ElectionState;

/* Takes part from the first call on, and logs what changes. The first look, and the first one after a withdrawal, waits
 * up to some seconds for a broker; so does one that finds this service out of the group, and the next one after it. The
 * others do not wait. FAILED sets UNAVAILABLE, NOT_FOUND or FAILED; INVALID: the configuration. */
ElectionState election_look(Election *election, GError **error) MUST_CHECK;

/* Another one may be elected now; the next look takes part again. Takes a few seconds at most. */
void election_withdraw(Election *election);

/* Another one has the transactional id: withdraws. Returns how many milliseconds to wait before the next look. Mostly
 * this process was stopped or cut off and the other one elected meanwhile. But two services with one transactional id
 * that are not in one group are both elected: then the log says so, and the wait grows with each time, until
 * election_confirm(). */
int election_fenced(Election *election) MUST_CHECK;
/* A tick was written: this one is the only one. */
void election_confirm(Election *election);

bool election_connected(const Election *election);

/* The part of /readyz that its failures concern. */
const char *election_part(const Election *election);

#endif
