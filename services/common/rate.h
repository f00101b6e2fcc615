/* SPDX-License-Identifier: Apache-2.0 */
/* How often something may happen: so many a second on average, and a number at once (a token bucket). Pure; the time
 * is an argument, monotonic, in microseconds. */
#ifndef DAYWIRE_COMMON_RATE_H
#define DAYWIRE_COMMON_RATE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    unsigned per_second; /* 1 to 1,000,000 */
    unsigned burst;      /* how many at once; at least 1 */
} RateLimit;

/* All zero at first. It keeps its meaning when the limit changes. */
typedef struct {
    int64_t even; /* when what was taken is made up for */
} Rate;

/* Takes one. False, and nothing is taken, when it is too early: *ret_wait_us, unless NULL, is how long from `now` on
 * it is so. */
bool rate_take(Rate *rate, const RateLimit *limit, int64_t now, int64_t *ret_wait_us);

#endif
