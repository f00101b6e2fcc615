/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/elapsed.h"

#include <glib.h>

#define MONTHS_PER_YEAR 12

/* The day on which `months` (may be negative) from `start` are complete. */
static CivilDate complete(CivilFields start, int months, LeapDay rule)
{
    CivilDate date = 0;
    int month = start.year * MONTHS_PER_YEAR + start.month - 1 + months;
    CivilFields fields = {month / MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, start.day};
    if (civil_date_from_fields(fields, &date))
        return date;
    /* Every month has the 28th, so the search for its last day is short. */
    do {
        fields.day--;
    } while (fields.day > 0 && !civil_date_from_fields(fields, &date));
    g_assert(fields.day > 0);
    return rule == LEAP_DAY_MAR1 ? date + 1 : date;
}

Elapsed elapsed_between(CivilDate a, CivilDate b, LeapDay rule)
{
    CivilDate earlier = MIN(a, b), later = MAX(a, b);
    CivilFields start = civil_date_fields(earlier), end = civil_date_fields(later);
    /* The month of `end` is the last in which one can be complete. */
    int months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month;
    if (complete(start, months, rule) > later)
        months--;
    return (Elapsed){
        .years = months / MONTHS_PER_YEAR,
        .months = months % MONTHS_PER_YEAR,
        .days = later - complete(start, months, rule),
    };
}

int elapsed_anniversary(CivilDate origin, CivilDate date, LeapDay rule)
{
    CivilFields start = civil_date_fields(origin);
    int years = civil_date_fields(date).year - start.year;
    return complete(start, years * MONTHS_PER_YEAR, rule) == date ? years : 0;
}
