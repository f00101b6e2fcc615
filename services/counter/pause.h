/* SPDX-License-Identifier: Apache-2.0 */
/* How long to wait before something is tried again: each time twice as long, give or take a quarter, so that two who
 * fail together do not stay in step. One thread. */
#ifndef DAYWIRE_COUNTER_PAUSE_H
#define DAYWIRE_COUNTER_PAUSE_H

typedef struct {
    int least_ms, most_ms; /* without the quarter */
    int next_ms;
} Pause;

void pause_init(Pause *pause, int least_ms, int most_ms);
/* In milliseconds; the next one is longer. */
int pause_take(Pause *pause);
/* It went well: the next one is the least again. */
void pause_reset(Pause *pause);

#endif
