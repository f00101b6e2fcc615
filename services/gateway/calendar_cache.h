/* SPDX-License-Identifier: Apache-2.0 */
/* The calendars that were asked for of late. Each is good from the moment that it was made for until a date begins that
 * changes it. One thread. */
#ifndef DAYWIRE_GATEWAY_CALENDAR_CACHE_H
#define DAYWIRE_GATEWAY_CALENDAR_CACHE_H

#include <glib.h>

#include "common/instant.h"

/* When there would be more, all are dropped; a larger one is not kept. */
#define CALENDAR_CACHE_ENTRIES_MAX 48
#define CALENDAR_CACHE_BYTES_MAX   ((gsize)16 * 1024 * 1024)

typedef struct CalendarCache CalendarCache;

CalendarCache *calendar_cache_new(void);
void calendar_cache_free(CalendarCache *cache);

void calendar_cache_clear(CalendarCache *cache);

/* `counter` NULL: the calendar of all; `language` NULL: of none. Find returns a new reference, or NULL when there is none
 * that is good at `now`. Put references `body`. */
GBytes *calendar_cache_find(const CalendarCache *cache, const char *counter, const char *language,
                            Instant now);
void calendar_cache_put(CalendarCache *cache, const char *counter, const char *language, GBytes *body,
                        Instant from, Instant until);

#endif
