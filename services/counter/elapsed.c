/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/elapsed.h"

#include <glib.h>

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

/* From `start` to `end`, both fields and date; `end` is not before it. */
static int months_after(CivilFields start, CivilDate end, LeapDay rule)
{
    /* The month of `end` is the last in which one can be complete. */
    CivilFields fields = civil_date_fields(end);
    int months = (fields.year - start.year) * MONTHS_PER_YEAR + fields.month - start.month;
    return complete(start, months, rule) > end ? months - 1 : months;
}

/* The same for an `end` that is not after it. */
static int months_before(CivilFields start, CivilDate end, LeapDay rule)
{
    CivilFields fields = civil_date_fields(end);
    int months = (start.year - fields.year) * MONTHS_PER_YEAR + start.month - fields.month;
    /* Where a month is too short, the first of the next one is its day; before January that never happens. */
    if (fields.day == 1 && fields.month > 1 && complete(start, -months - 1, rule) == end)
        return months + 1;
    return complete(start, -months, rule) < end ? months - 1 : months;
}

int elapsed_months(CivilDate origin, CivilDate date, LeapDay rule)
{
    CivilFields start = civil_date_fields(origin);
    return date < origin ? -months_before(start, date, rule) : months_after(start, date, rule);
}

Elapsed elapsed_between(CivilDate origin, CivilDate date, LeapDay rule)
{
    int months = elapsed_months(origin, date, rule);
    CivilDate reached = complete(civil_date_fields(origin), months, rule);
    return (Elapsed){
        .years = ABS(months) / MONTHS_PER_YEAR,
        .months = ABS(months) % MONTHS_PER_YEAR,
        .days = ABS(date - reached),
    };
}

int elapsed_months_on(CivilDate origin, CivilDate date, LeapDay rule)
{
    int months = elapsed_months(origin, date, rule);
    return complete(civil_date_fields(origin), months, rule) == date ? months : 0;
}
