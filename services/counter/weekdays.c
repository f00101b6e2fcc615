/* SPDX-License-Identifier: Apache-2.0 */
/* Counted are the weekdays up to each of the two dates, from the first date of the calendar on, which is a Monday. */
#include "counter/weekdays.h"

#define DAYS_PER_WEEK     7
#define WEEKDAYS_PER_WEEK 5

struct Weekdays {
    GArray *holidays; /* of CivilDate: Mondays to Fridays, sorted, none twice */
};

static bool is_monday_to_friday(CivilDate date)
{
    return (date - CIVIL_DATE_MIN) % DAYS_PER_WEEK < WEEKDAYS_PER_WEEK;
}

static int compare_dates(const void *a, const void *b)
{
    CivilDate first = *(const CivilDate *)a, second = *(const CivilDate *)b;
    return (first > second) - (first < second);
}

Weekdays *weekdays_new(const GArray *holidays)
{
    Weekdays *weekdays = g_new(Weekdays, 1);
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(CivilDate));
    weekdays->holidays = g_array_new(FALSE, FALSE, sizeof(CivilDate));
    if (holidays && holidays->len > 0)
        g_array_append_vals(sorted, holidays->data, holidays->len);
    g_array_sort(sorted, compare_dates);
    for (guint i = 0; i < sorted->len; i++) {
        CivilDate date = g_array_index(sorted, CivilDate, i);
        if (is_monday_to_friday(date) && (i == 0 || date != g_array_index(sorted, CivilDate, i - 1)))
            g_array_append_val(weekdays->holidays, date);
    }
    return weekdays;
}

void weekdays_free(Weekdays *weekdays)
{
    if (!weekdays)
        return;
    g_array_unref(weekdays->holidays);
    g_free(weekdays);
}

/* The holidays up to and including `date`. */
static guint count_holidays(const Weekdays *weekdays, CivilDate date)
{
    guint low = 0, high = weekdays->holidays->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(weekdays->holidays, CivilDate, middle) <= date)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The weekdays up to and including `date`. */
static int32_t count_weekdays(const Weekdays *weekdays, CivilDate date)
{
    int32_t days = date - CIVIL_DATE_MIN + 1;
    int32_t all = days / DAYS_PER_WEEK * WEEKDAYS_PER_WEEK + MIN(days % DAYS_PER_WEEK, WEEKDAYS_PER_WEEK);
    return all - (int32_t)count_holidays(weekdays, date);
}

bool weekdays_has(const Weekdays *weekdays, CivilDate date)
{
    guint holidays = count_holidays(weekdays, date);
    bool holiday = holidays > 0 && g_array_index(weekdays->holidays, CivilDate, holidays - 1) == date;
    return is_monday_to_friday(date) && !holiday;
}

int32_t weekdays_between(const Weekdays *weekdays, CivilDate from, CivilDate to)
{
    return count_weekdays(weekdays, to) - count_weekdays(weekdays, from);
}
