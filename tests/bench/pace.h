/* SPDX-License-Identifier: Apache-2.0 */
/* Something done so many times a second, and how long each time took. */
#ifndef DAYWIRE_TESTS_BENCH_PACE_H
#define DAYWIRE_TESTS_BENCH_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <glib.h>

/* Microseconds between two; `rate` is a second's. */
static inline int64_t pace_interval(const char *rate)
{
    return G_USEC_PER_SEC / g_ascii_strtoll(rate, NULL, 10);
}

static inline void pace_wait_until(int64_t at)
{
    struct timespec when = {.tv_sec = at / G_USEC_PER_SEC, .tv_nsec = at % G_USEC_PER_SEC * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) != 0)
        continue;
}

/* The milliseconds since `start`, as an element of a JSON array; who calls closes it. */
static inline void pace_print(bool first, int64_t start)
{
    printf("%s%.3f", first ? "[" : ",", (double)(g_get_monotonic_time() - start) / 1000);
}

#endif
