/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the clock can be right. A machine without a battery starts in 1970, and ticks of 1970 would be wrong for
 * ever, so before a certain instant nothing is written. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_CLOCK_H
#define DAYWIRE_COUNTER_CLOCK_H

#include "common/config/config.h"
#include "common/instant.h"

/* The beginning in UTC of [counters] earliest-clock, else of the date on which this program was built. */
Instant clock_earliest(const Config *config);

/* INVALID, with both instants, when `now` is before `earliest`. */
bool clock_check(Instant now, Instant earliest, GError **error) MUST_CHECK;

#endif
