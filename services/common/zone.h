/* SPDX-License-Identifier: Apache-2.0 */
/* IANA time zones, from the system's tzdata ($TZDIR is respected): which civil date it is, and when dates
 * begin.
 *
 * A civil date begins at its first instant, which is not always 00:00: some zones skip midnight when clocks
 * go forward, and a few have skipped whole dates. Where clocks go back over midnight, the wall shows the date
 * before once more; a date begins when it is shown first. Immutable after creation, any thread. */
#ifndef DAYWIRE_COMMON_ZONE_H
#define DAYWIRE_COMMON_ZONE_H

#include <glib.h>

#include "common/civil_date.h"
#include "common/instant.h"

typedef struct Zone Zone;

/* Whether it has the form of an IANA zone's name. Whether there is such a zone, the installed tzdata says:
 * zone_new(). */
bool zone_name_is_valid(const char *name);

/* The file that zone_new() reads, by a valid name; NULL for UTC, which needs none. g_free it. */
char *zone_path(const char *name);

/* INVALID when the name is not the one of an installed IANA zone (offsets such as "+01:00" and POSIX rules
 * are not names). */
Zone *zone_new(const char *name, GError **error) MUST_CHECK;

/* One more owner of the zone, who frees it too. Any thread. */
Zone *zone_ref(Zone *zone);
void zone_free(Zone *zone); /* by each owner; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Zone, zone_free)

const char *zone_name(const Zone *zone);

/* Seconds east of UTC at `instant`. */
int zone_offset(const Zone *zone, Instant instant);

/* The civil date at `instant`. */
CivilDate zone_date_at(const Zone *zone, Instant instant);

/* The first instant of `date`. For a date that the zone skipped: the first instant after it, which is the
 * first instant of the next date that exists. */
Instant zone_first_instant(const Zone *zone, CivilDate date);

/* The first existing date after `date`: date + 1, or later where the zone skipped dates. */
CivilDate zone_next_date(const Zone *zone, CivilDate date);

#endif
