/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as feeds have them, right or nearly so:
 *
 *     Fri, 23 Jul 2021 12:00:00 +0100   RFC 822, 1123, 5322; the day of the week may be wrong or missing
 *     Friday, 23-Jul-21 12:00:00 GMT    RFC 850
 *     Fri Jul 23 12:00:00 2021          asctime
 *     July 23rd, 2021 3:04 PM           as people write
 *     23.07.2021 12:00
 *     2021-07-23T12:00:00,5+01:00       ISO 8601, RFC 3339, also 20210723T120000Z and 2021/7/23 12:00
 *
 * Years of two digits are 1950 to 2049, of three 1900 and on (RFC 5322, section 4.3). A time without a zone is
 * UTC. So is one with a military letter or an unknown name (ibid.); known are the names of RFC 822 and some
 * that are met often and mean one thing. 24:00 is the end of the day, second 60 is taken as 59, digits beyond
 * microseconds are dropped. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_DATE_H
#define DAYWIRE_COMMON_FORMATS_FEED_DATE_H

#include "common/civil_date.h"
#include "common/error.h"
#include "common/instant.h"

typedef struct {
    CivilDate date; /* at `offset_minutes` */
    bool has_time;  /* else only the date is known, and the rest is 0 */
    Instant instant;
    int offset_minutes;
} FeedDate;

/* `text` is UTF-8 of any length. False with INVALID, in a sentence that shows the text, when it is no date in
 * one of these forms, names no such day or time, or may be one of two days (03/04/2021). */
bool feed_date_parse(const char *text, FeedDate *ret_date, GError **error) MUST_CHECK;

#endif
