/* SPDX-License-Identifier: Apache-2.0 */
/* Writes groups of records, each group whole or not at all. One thread owns it.
 *
 * After any unknown result (a time-out, a lost coordinator) a transactor is of no more use, since a delayed
 * EndTxn could still act on a later transaction (librdkafka has no KIP-890): it answers LOST; free it, make
 * another, read the topic to its end, decide again. */
#ifndef DAYWIRE_COMMON_KAFKA_TRANSACTOR_H
#define DAYWIRE_COMMON_KAFKA_TRANSACTOR_H

#include "common/bus_record.h"
#include "common/config/config.h"

typedef struct KafkaTransactor KafkaTransactor;

/* Waits at most `timeout_ms` for the coordinator: UNAVAILABLE. From here on every older transactor with the
 * same id is fenced (not on the embedded broker). INVALID: a property that librdkafka refuses. FAILED: the
 * broker refuses this id, with its reason. */
KafkaTransactor *kafka_transactor_new(const Config *config, const char *transactional_id, int timeout_ms,
                                      GError **error) MUST_CHECK;
void kafka_transactor_free(KafkaTransactor *transactor); /* NULL is fine */

/* True: all records are committed. False with UNAVAILABLE: aborted for certain, none were written, try again.
 * False with LOST: unknown, see above. False with CONFLICT: another transactor has taken over; none were
 * written, unless it took over at the very moment of the commit, so read the topic before anything is written
 * again. */
bool kafka_transactor_write(KafkaTransactor *transactor, BusRecord *const *records, size_t count,
                            int timeout_ms, GError **error) MUST_CHECK;

/* When all that was written belonged to one topic: the offset after the last record that this transactor has committed
 * to a partition; 0: it has none there. A reader has to come that far, see kafka_transactor_discard_open(). */
int64_t kafka_transactor_written_to(const KafkaTransactor *transactor, int32_t partition);

/* Where the partition ends, with what is not committed. UNAVAILABLE. */
bool kafka_transactor_look_up_end(KafkaTransactor *transactor, const char *topic, int32_t partition,
                                  int timeout_ms, int64_t *ret_end, GError **error) MUST_CHECK;

/* Takes back what earlier transactors with this id have left open in the partition, by an aborted transaction.
 * Kafka forgets a commit that it has confirmed when it is killed before the markers are written: the records
 * are hidden, and so is everything behind them, until the next transaction of the same id shows all of them. Errors
 * as kafka_transactor_write(). */
bool kafka_transactor_discard_open(KafkaTransactor *transactor, const char *topic, int32_t partition,
                                   int timeout_ms, GError **error) MUST_CHECK;

#endif
