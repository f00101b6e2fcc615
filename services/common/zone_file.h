/* SPDX-License-Identifier: Apache-2.0 */
/* Private to zone.c: what a compiled time zone (TZif, RFC 8536 and RFC 9636) says about offsets.
 * Abbreviations and what is daylight time are left out. */
#ifndef DAYWIRE_COMMON_ZONE_FILE_H
#define DAYWIRE_COMMON_ZONE_FILE_H

#include <stddef.h>

#include "common/zone_rules.h"

#define ZONE_FILE_MAX 262144 /* bytes; the largest of tzdata has 4,000 */

typedef struct {
    int64_t at;     /* seconds since 1970 UTC */
    int32_t offset; /* seconds east of UTC from there on */
} ZoneTransition;

typedef struct {
    int32_t first_offset;        /* before the first transition */
    ZoneTransition *transitions; /* ascending; owned */
    size_t count;
    bool has_rules; /* whether `rules` hold from the last transition on; else its offset holds */
    ZoneRules rules;
} ZoneFile;

/* INVALID: the bytes are no such file, or one that counts leap seconds. They may come from anybody. */
bool zone_file_parse(const uint8_t *data, size_t size, ZoneFile *ret_file, GError **error) MUST_CHECK;
void zone_file_clear(ZoneFile *file);

#endif
