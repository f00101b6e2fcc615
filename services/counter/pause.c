/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/pause.h"

#include <glib.h>

void pause_init(Pause *pause, int least_ms, int most_ms)
{
    *pause = (Pause){.least_ms = least_ms, .most_ms = most_ms, .next_ms = least_ms};
}

int pause_take(Pause *pause)
{
    int quarter = pause->next_ms / 4;
    int pause_ms = pause->next_ms + g_random_int_range(-quarter, quarter + 1);
    pause->next_ms = MIN(pause->next_ms * 2, pause->most_ms);
    return pause_ms;
}

void pause_reset(Pause *pause)
{
    pause->next_ms = pause->least_ms;
}
