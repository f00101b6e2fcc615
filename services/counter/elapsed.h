/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two civil dates in calendar units, and anniversaries. Pure, any thread.
 *
 * Both are counted from one of the two, the origin, on from it or back. A month, or a year, is complete on the origin's
 * day of another month. Where that month has no such day, the rule decides: its last day, or the first of the next
 * month. For years that concerns 29 February alone, for months every date after the 28th. What is left over are days:
 * none on the dates on which months are complete, and on no others. */
#ifndef DAYWIRE_COUNTER_ELAPSED_H
#define DAYWIRE_COUNTER_ELAPSED_H

#include "common/civil_date.h"

#define MONTHS_PER_YEAR 12

typedef enum {
    LEAP_DAY_FEB28, /* the last day of the month */
    LEAP_DAY_MAR1,  /* the first of the next month */
} LeapDay;

typedef struct {
    int years;
    int months; /* 0 to 11, beyond the years */
    int days;   /* 0 to 30, beyond the months */
} Elapsed;

/* Without a sign. The further `date` is from `origin`, the more. */
Elapsed elapsed_between(CivilDate origin, CivilDate date, LeapDay rule);

/* The months that are complete from `origin` to `date`; negative for a date before it. */
int elapsed_months(CivilDate origin, CivilDate date, LeapDay rule);

/* The same when they are complete on that very date (12 of them on the first anniversary), else 0. */
int elapsed_months_on(CivilDate origin, CivilDate date, LeapDay rule);

#endif
