/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor: a position in the whole log, which is a vector with one position for each partition of both
 * topics (statements first, then ticks; partitions by number). Opaque to clients: base64url of a versioned
 * binary form.
 *
 * Offsets alone do not prove that a cursor belongs to this log (a broker may be replaced, a topic recreated),
 * so a cursor also names the log: an epoch made from the cluster's id and the topics, and for each partition
 * the time of the record that it stands on. Pure, any thread. */
#ifndef DAYWIRE_GATEWAY_CURSOR_H
#define DAYWIRE_GATEWAY_CURSOR_H

#include "common/instant.h"

#define CURSOR_TEXT_MAX      8192 /* a longer text is no cursor */
#define CURSOR_POSITIONS_MAX 512  /* 256 partitions a topic */

typedef struct {
    int64_t offset; /* of the next record to see */
    uint32_t stamp; /* CreateTime of the record before it, in seconds since 2020-01-01; 0: there is none */
} CursorPosition;

typedef struct {
    uint32_t epoch;
    size_t count;
    CursorPosition positions[];
} Cursor;

Cursor *cursor_new(uint32_t epoch, size_t count); /* all positions 0; g_free it */
Cursor *cursor_copy(const Cursor *cursor);
/* NULL: not a cursor. */
Cursor *cursor_parse(const char *text);
char *cursor_format(const Cursor *cursor); /* g_free it */

uint32_t cursor_epoch(const char *cluster, const char *statements_topic, const char *ticks_topic);
uint32_t cursor_stamp(Instant record_time);

/* Whether a record at this partition and offset lies before the cursor (has been seen). */
bool cursor_covers(const Cursor *cursor, size_t partition, int64_t offset);

/* Whether both are of the same log: the same epoch and as many partitions. */
bool cursor_same_log(const Cursor *a, const Cursor *b);
/* Whether `b` has seen all that `a` has; false for cursors of different logs. */
bool cursor_is_behind(const Cursor *a, const Cursor *b);
/* Raises `cursor` to what either has seen. Both must be of the same log. */
void cursor_merge(Cursor *cursor, const Cursor *other);

#endif
