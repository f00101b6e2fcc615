/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to a file that were not synced, and what a power cut may leave of them. */
#ifndef DAYWIRE_TESTS_FAULTS_PENDING_H
#define DAYWIRE_TESTS_FAULTS_PENDING_H

#include "dice.h"

typedef struct {
    int64_t offset; /* of a truncation: the new size */
    int size;       /* -1: a truncation */
    unsigned char data[];
} Pending;

/* `bytes` are the file's. */
void pending_apply(GByteArray *bytes, const Pending *write);
/* None, all, the first ones or any of them (of Pending, oldest first); some torn at the borders of sectors. */
void pending_apply_some(GByteArray *bytes, const GPtrArray *writes, Dice *dice);

#endif
