/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: microseconds since 1970-01-01T00:00:00Z without leap seconds, as g_get_real_time() gives them,
 * and their form in RFC 3339. The pure cores take the present as an argument of this type. Any thread. */
#ifndef DAYWIRE_COMMON_INSTANT_H
#define DAYWIRE_COMMON_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include <google/protobuf/timestamp.pb-c.h>

typedef int64_t Instant;

#define INSTANT_SECOND   INT64_C(1000000)
#define INSTANT_DAY      (86400 * INSTANT_SECOND)
#define INSTANT_TEXT_MAX 40

/* RFC 3339 date-time: years 0001 to 9999, offset obligatory, second 60 is taken as 59, digits beyond
 * microseconds are dropped. False, and the results untouched, for anything else. `ret_offset_minutes` may be
 * NULL. */
bool instant_parse(const char *text, Instant *ret_instant, int *ret_offset_minutes);

/* With "Z" for offset 0, and a fraction only where there is one. Returns `buffer`. */
const char *instant_format(Instant instant, int offset_minutes, char buffer[static INSTANT_TEXT_MAX]);

/* protobuf's form. The new message is g_malloc'd and belongs to the caller; NULL stands for "absent" and
 * reads as 0. */
Google__Protobuf__Timestamp *instant_to_timestamp(Instant instant);
Instant instant_from_timestamp(const Google__Protobuf__Timestamp *timestamp);

#endif
