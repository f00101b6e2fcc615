/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/pace.h"

#include <glib.h>

void pace_init(Pace *pace, int64_t patience_us, size_t rate, int64_t now)
{
    *pace = (Pace){.patience_us = patience_us, .rate = rate, .left_us = patience_us, .since = now};
}

void pace_note(Pace *pace, size_t bytes, bool waiting, int64_t now)
{
    /* More than this says no more, and does not overflow. */
    uint64_t counted = MIN(bytes, (size_t)1 << 40);

    if (pace->waiting)
        pace->left_us -= now - pace->since;
    pace->left_us = MIN(pace->patience_us, pace->left_us + (int64_t)(counted * G_USEC_PER_SEC / pace->rate));
    pace->since = now;
    pace->waiting = waiting;
}

bool pace_is_over(const Pace *pace)
{
    return pace->left_us <= 0;
}
