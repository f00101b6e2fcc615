/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and times in words of the site's language. The words come from ICU, the zones from the system's
 * tzdata, so that a page never disagrees with the counters about the date. One thread at a time. */
#ifndef DAYWIRE_GATEWAY_DATES_H
#define DAYWIRE_GATEWAY_DATES_H

#include "common/zone.h"

typedef struct Dates Dates;

/* `language` is a BCP 47 tag; one that ICU does not know gives its root form. */
Dates *dates_new(const char *language);
void dates_free(Dates *dates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dates, dates_free)

/* Whether the language is written from right to left. */
bool dates_right_to_left(const Dates *dates);

/* Each returns a text to g_free. */
char *dates_full(Dates *dates, CivilDate date);                              /* "Saturday, July 24, 2021" */
char *dates_long(Dates *dates, CivilDate date);                              /* "July 24, 2021" */
char *dates_time(Dates *dates, const Zone *zone, Instant instant);           /* "01:40" */
char *dates_long_with_time(Dates *dates, const Zone *zone, Instant instant); /* "July 24, 2021, 01:40" */

#endif
