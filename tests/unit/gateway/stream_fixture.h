/* SPDX-License-Identifier: Apache-2.0 */
/* Shorthands for the tests of the gateway's data side: statements, ticks, records, frames, and what is rendered. */
#ifndef DAYWIRE_TESTS_STREAM_FIXTURE_H
#define DAYWIRE_TESTS_STREAM_FIXTURE_H

#include <jansson.h>

#include "common/bus_record.h"
#include "gateway/cursor.h"
#include "gateway/event.h"
#include "gateway/view.h"

#define STATEMENTS "daywire.statements"
#define TICKS      "daywire.ticks"

/* 2024-05-01T12:00:00Z */
#define NOON (INT64_C(1714564800) * INSTANT_SECOND)

/* Dated by its revision's day in May 2024, so that a later one is newer in the list. */
Statement *make_statement(const char *id, unsigned revision, const char *title);
Statement *make_withdrawal(const char *id, unsigned revision);
Tick *make_tick(const char *counter, const char *date, unsigned revision);

/* Takes over what it is given. `statement` NULL and `tick` NULL: the removal of `key`. */
BusRecord *make_record(Statement *statement, Tick *tick, const char *key, int32_t partition, int64_t offset,
                       Instant time);

/* One partition a topic; "" stamps. */
Cursor *make_cursor(uint32_t epoch, int64_t statements, int64_t ticks);
char *cursor_text(uint32_t epoch, int64_t statements, int64_t ticks);

/* The payload of an unmasked frame, whose head is checked; the opcode in *ret_opcode, NULL: not wanted. */
GBytes *frame_payload(GBytes *frame, unsigned *ret_opcode);
/* Of a JSON frame. */
json_t *frame_json(GBytes *frame);
/* The payload as text. g_free it. */
char *frame_text(GBytes *frame);

/* Takes over `bytes`, in which there is no NUL. g_free it. */
char *text_of(GBytes *bytes);

#endif
