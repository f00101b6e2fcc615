/* SPDX-License-Identifier: Apache-2.0 */
/* Zones at the end of a date in a feed. For feed_date.c. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_ZONE_H
#define DAYWIRE_COMMON_FORMATS_FEED_ZONE_H

#include <stdbool.h>

/* Takes one of "Z", "GMT", "EST", "+0100", "+01:00", "+1", "GMT+1" or any other name of 1 to 5 letters (UTC)
 * from the beginning of *text and moves it behind. False, and nothing moved, when there is none, or an offset
 * of 24 hours or more. */
bool feed_zone_take(const char **text, int *ret_offset_minutes);

#endif
