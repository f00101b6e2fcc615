/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAYWIRE_TESTS_FAULTS_BODIES_H
#define DAYWIRE_TESTS_FAULTS_BODIES_H

#include "common/model.h"
#include "dice.h"

/* Gives one statement in four a body. A page of the database has 4096 bytes: some bodies need several. */
void bodies_add(Dice *dice, Statement *statement);

#endif
