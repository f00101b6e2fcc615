/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a peer keeps pace, for exchanges whose length nobody knows beforehand. Its time runs only while it is
 * waited for, and every byte that moves gives some of it back: who is silent for all of it, or moves less than
 * the rate for long, is over; who keeps moving never is. Pure, one thread. */
#ifndef DAYWIRE_COMMON_HTTP_PACE_H
#define DAYWIRE_COMMON_HTTP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t patience_us;
    size_t rate; /* bytes a second */
    int64_t left_us;
    int64_t since; /* monotonic: up to when it is counted */
    bool waiting;
} Pace;

/* `rate` > 0. */
void pace_init(Pace *pace, int64_t patience_us, size_t rate, int64_t now);
/* `bytes` have moved since the last call; from now on the peer is waited for, or not. */
void pace_note(Pace *pace, size_t bytes, bool waiting, int64_t now);
bool pace_is_over(const Pace *pace);

#endif
