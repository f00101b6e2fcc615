/* SPDX-License-Identifier: Apache-2.0 */
/* Private to zone.c and zone_file.c: the rule for the time after the last transition of a zone's file, in
 * POSIX' TZ notation with the extension of RFC 8536 (times of -167 to 167 hours). Pure, any thread. */
#ifndef DAYWIRE_COMMON_ZONE_RULES_H
#define DAYWIRE_COMMON_ZONE_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

/* No offset from UTC is larger, in seconds: RFC 8536's bound, rounded up. */
#define ZONE_OFFSET_MAX 93600

typedef struct {
    enum {
        ZONE_DAY_WITHOUT_LEAP, /* Jn: 1 to 365, 29 February is not counted */
        ZONE_DAY_OF_YEAR,      /* n: 0 to 365, 29 February is counted */
        ZONE_DAY_OF_WEEK,      /* Mm.w.d */
    } kind;
    int day;         /* of the two first kinds; 0 (Sunday) to 6 of the third */
    int month, week; /* of the third; week 5 is the last */
    int time;        /* seconds from the start of that day, by the clock that ends then */
} ZoneChange;

typedef struct {
    int32_t standard; /* seconds east of UTC */
    int32_t daylight; /* the same as `standard` when there are no changes */
    bool changes;     /* whether the next two hold, every year */
    ZoneChange to_daylight;
    ZoneChange to_standard;
} ZoneRules;

/* "GMT0BST,M3.5.0/1,M10.5.0". INVALID for anything else. */
bool zone_rules_parse(const char *text, ZoneRules *ret_rules, GError **error) MUST_CHECK;

/* The offset at `at` (seconds since 1970 UTC). It holds until *ret_until at least; INT64_MAX: for ever. */
int32_t zone_rules_offset(const ZoneRules *rules, int64_t at, int64_t *ret_until);

#endif
