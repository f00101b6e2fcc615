/* SPDX-License-Identifier: Apache-2.0 */
/* Elects one of several processes: all are members of a consumer group on a topic, and the one that joined first, each
 * by its own clock, is elected (on the embedded broker, any of them). Nothing is read. A member that dies or is
 * stopped is out of the group after the session time-out, one that is freed at once. One thread owns it.
 *
 * Who is elected learns of it before the others learn that he is not: what must not happen twice needs a fence
 * (transactor.h). */
#ifndef DAYWIRE_COMMON_KAFKA_MEMBERSHIP_H
#define DAYWIRE_COMMON_KAFKA_MEMBERSHIP_H

#include "common/config/config.h"

typedef struct KafkaMembership KafkaMembership;

/* Joins `group` without waiting. INVALID: a property that librdkafka refuses. */
KafkaMembership *kafka_membership_new(const Config *config, const char *group, const char *topic,
                                      int session_timeout_ms, GError **error) MUST_CHECK;
/* Leaves the group, which takes a few seconds at most; one that is JOINING still is forgotten by the group after the
 * session time-out. NULL is fine. */
void kafka_membership_free(KafkaMembership *membership);

typedef enum {
    KAFKA_MEMBER_JOINING, /* the group has not answered yet */
    KAFKA_MEMBER_OTHER,   /* another member is elected, or about to be */
    KAFKA_MEMBER_ELECTED,
    KAFKA_MEMBER_LOST,   /* it was silent for too long and is out of the group: free it and join anew */
    KAFKA_MEMBER_FAILED, /* the group or the topic refuses this member: free it and try again later */
} KafkaMember;

/* Does not wait. To be called at least once a minute, or the group takes this member for hung. FAILED sets
 * NOT_FOUND (no such topic) or FAILED. */
KafkaMember kafka_membership_look(KafkaMembership *membership, GError **error) MUST_CHECK;

bool kafka_membership_connected(const KafkaMembership *membership);

#endif
