/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for a moment of the wall clock: in time after a suspend, and at once when somebody sets the clock. */
#ifndef DAYWIRE_COMMON_TIMER_H
#define DAYWIRE_COMMON_TIMER_H

#include <glib.h>

#include "common/instant.h"

typedef struct Timer Timer;

typedef enum {
    TIMER_DUE,       /* the clock has reached the moment */
    TIMER_CLOCK_SET, /* the clock was set, forwards or backwards */
    TIMER_WOKEN,     /* timer_wake() was called since the last wait */
    TIMER_PASSED,    /* the longest time to wait has passed */
} TimerEvent;

/* UNAVAILABLE: the system has no descriptors left. */
Timer *timer_new(GError **error) MUST_CHECK;
void timer_free(Timer *timer); /* NULL is fine */

/* One thread. Waits at most `most_ms`; `at` INT64_MAX: for no moment. */
TimerEvent timer_wait(Timer *timer, Instant at, int most_ms);

/* For who polls by himself, in place of timer_wait(): a descriptor that is readable once the clock has reached `at`
 * or was set, until the next call. */
int timer_arm(Timer *timer, Instant at);

/* Any thread. */
void timer_wake(Timer *timer);

#endif
