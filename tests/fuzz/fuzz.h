/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzzer includes. An expectation that does not hold ends the run with the input that showed it.
 */
#ifndef DAYWIRE_TESTS_FUZZ_H
#define DAYWIRE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(condition)                                                                                    \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
