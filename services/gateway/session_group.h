/* SPDX-License-Identifier: Apache-2.0 */
/* What is done for all sessions of a worker: new events, heartbeats, slow clients, farewell. The worker's
 * thread. */
#ifndef DAYWIRE_GATEWAY_SESSION_GROUP_H
#define DAYWIRE_GATEWAY_SESSION_GROUP_H

#include "gateway/session.h"

/* `reader` is borrowed. */
void session_group_init(SessionGroup *group, const Gateway *gateway, ViewReader *reader);
/* When all sessions are gone. */
void session_group_release(SessionGroup *group);

/* There are new events: sends each session what it lacks. */
void session_group_send(SessionGroup *group);

/* Heartbeats and pings that are due at `now` (monotonic), a slice at a time: to be called every `interval`
 * microseconds. */
void session_group_beat(SessionGroup *group, int64_t now, int64_t interval);

/* Closes clients that have taken nothing for the send time-out. About once a second. */
void session_group_check(SessionGroup *group, int64_t now);

/* Says goodbye to up to `count` sessions, those that have not been told come first. They are to come back at
 * a moment of their own within `spread_ms`. Returns false when all have been told. */
bool session_group_leave(SessionGroup *group, unsigned count, unsigned spread_ms);

/* Brings the metrics up to date, and lets libwebsockets close what was killed. After each of the calls above.
 */
void session_group_flush(SessionGroup *group, struct lws_context *context);

#endif
