/* SPDX-License-Identifier: Apache-2.0 */
/* One run: the real engine and store on the fake bus and the faulty disk, a seeded sequence of jobs, one fault, a cut
 * of the power, sometimes another one during the restart, and a last process that brings everything to the bus. */
#ifndef DAYWIRE_TESTS_FAULTS_SCENARIO_H
#define DAYWIRE_TESTS_FAULTS_SCENARIO_H

#include "common/config/config.h"
#include "disk.h"

/* `config` names `path` as the database; both stay the caller's. After disk_init(); once. */
void scenario_init(const Config *config, const char *path);
void scenario_end(void);

typedef struct {
    char *complaint;              /* owned; NULL: everything was as it must be */
    bool hit;                     /* the fault met an operation */
    uint64_t changes, operations; /* of the first process */
    unsigned acknowledged;        /* jobs */
} ScenarioResult;

void scenario_run(uint64_t seed, Fault fault, ScenarioResult *ret_result);

#endif
