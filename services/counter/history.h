/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the ticks topic into a ledger, to its end and beyond. One thread. */
#ifndef DAYWIRE_COUNTER_HISTORY_H
#define DAYWIRE_COUNTER_HISTORY_H

#include "common/config/config.h"
#include "counter/ledger.h"

typedef struct History History;

/* From the beginning. NOT_FOUND: there is no such topic. UNAVAILABLE: no broker within `timeout_ms`. */
History *history_open(const Config *config, int timeout_ms, GError **error) MUST_CHECK;
void history_free(History *history); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)

/* Notes what has arrived, or does so within `timeout_ms`. Records that are no ticks are logged (the first
 * ones), counted and left alone. False with LOST: the log is not the one that it was. */
bool history_read(History *history, Ledger *ledger, int timeout_ms, GError **error) MUST_CHECK;

/* Whether all that was there when it was opened has been read. */
bool history_at_end(const History *history);

int32_t history_partitions(const History *history);
/* Where the partition ended when it was opened, and how far it has been read: offsets of the next record. */
int64_t history_end(const History *history, int32_t partition);
int64_t history_position(const History *history, int32_t partition);

bool history_connected(const History *history);

#endif
