/* SPDX-License-Identifier: Apache-2.0 */
/* One number says how full the bucket is (the "generic cell rate algorithm"): what is taken moves `even` on by one
 * interval, from the present at the earliest; it may lie a burst ahead of the present and no further. */
#include "common/rate.h"

#include <glib.h>

bool rate_take(Rate *rate, const RateLimit *limit, int64_t now, int64_t *ret_wait_us)
{
    int64_t interval = INT64_C(1000000) / limit->per_second;
    int64_t even = MAX(rate->even, now) + interval;
    int64_t early = even - now - interval * limit->burst;

    if (early > 0) {
        if (ret_wait_us)
            *ret_wait_us = early;
        return false;
    }
    rate->even = even;
    return true;
}
