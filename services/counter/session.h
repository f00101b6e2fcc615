/* SPDX-License-Identifier: Apache-2.0 */
/* The right to write ticks, and the knowledge of those that there are: a transactor, the ledger, and the
 * reader that keeps it. One thread. */
#ifndef DAYWIRE_COUNTER_SESSION_H
#define DAYWIRE_COUNTER_SESSION_H

#include "common/config/config.h"
#include "counter/schedule.h"

typedef struct Session Session;

/* Asked several times a second while a session is opened: false breaks it off, with the error that it sets, if any. */
typedef bool (*SessionGoOn)(void *user, GError **error);

/* In this order, so that nobody writes unseen: makes sure of the topics, takes the transactional id over (which
 * fences whoever had it), sees that no open transaction hides anything, then reads the ticks to the end. UNAVAILABLE,
 * NOT_FOUND, LOST, FAILED: try again later. CONFLICT: another one took over meanwhile. INVALID: the configuration. NULL
 * without an error: `may_go_on` said no and gave none. */
Session *session_open(const Config *config, SessionGoOn may_go_on, void *user, GError **error) MUST_CHECK;
void session_free(Session *session); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

const Ledger *session_ledger(const Session *session);

/* Writes `count` entries in one transaction and notes them in the ledger. UNAVAILABLE: none was written, try
 * again. LOST: make another session. CONFLICT: another one took over. */
bool session_write(Session *session, ScheduleEntry *const *entries, guint count, Instant now, GError **error)
    MUST_CHECK;

/* Looks at the bus while there is nothing to write, without waiting. LOST: the topic is gone or another one, or
 * what was written is hidden; make another session. */
bool session_watch(Session *session, GError **error) MUST_CHECK;
bool session_connected(const Session *session);

#endif
