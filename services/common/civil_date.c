/* SPDX-License-Identifier: Apache-2.0 */
/* Days and fields of the proleptic Gregorian calendar.
 *
 * Years are counted from 1 March, so that the leap day is the last day of a year and the lengths of the
 * months before it never change; 400 such years (an era) always have 146,097 days. Dates before 0001-03-01
 * lie in the year that began on 1 March of year 0, hence nothing is ever negative here. */
#include "common/civil_date.h"

#include <glib.h>

#define DAYS_PER_ERA   146097
#define YEARS_PER_ERA  400
#define DAYS_TO_EPOCH  719468 /* from 0000-03-01 to 1970-01-01 */
#define DAYS_OF_4Y     1460   /* of the first four years of an era, its leap day left out */
#define DAYS_OF_100Y   36524
#define DAYS_OF_5MONTH 153 /* March to July, August to December */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool civil_date_from_fields(CivilFields fields, CivilDate *ret_date)
{
    if (fields.year < 1 || fields.year > 9999 || fields.month < 1 || fields.month > 12 || fields.day < 1 ||
        fields.day > days_of_month(fields.year, fields.month))
        return false;
    int year = fields.month > 2 ? fields.year : fields.year - 1;
    int month = (fields.month + 9) % 12; /* March is 0 */
    int era = year / YEARS_PER_ERA;
    int year_of_era = year % YEARS_PER_ERA;
    int day_of_year = (DAYS_OF_5MONTH * month + 2) / 5 + fields.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    *ret_date = era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
    return true;
}

CivilFields civil_date_fields(CivilDate date)
{
    g_return_val_if_fail(date >= CIVIL_DATE_MIN && date <= CIVIL_DATE_MAX, ((CivilFields){1, 1, 1}));
    int days = date + DAYS_TO_EPOCH;
    int era = days / DAYS_PER_ERA;
    int day_of_era = days % DAYS_PER_ERA;
    /* Without its leap days an era has 400 years of 365 days. */
    int leap_days = day_of_era / DAYS_OF_4Y - day_of_era / DAYS_OF_100Y + day_of_era / (DAYS_PER_ERA - 1);
    int year_of_era = (day_of_era - leap_days) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / DAYS_OF_5MONTH; /* March is 0 */
    int day = day_of_year - (DAYS_OF_5MONTH * month + 2) / 5 + 1;
    int year = era * YEARS_PER_ERA + year_of_era;
    return month < 10 ? (CivilFields){year, month + 3, day} : (CivilFields){year + 1, month - 9, day};
}

/* The `count` digits at *text, which is moved behind them; -1 when they are not all digits. */
static int take_digits(const char **text, int count)
{
    int value = 0;
    for (; count > 0; count--, (*text)++) {
        if (!g_ascii_isdigit(**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

bool civil_date_parse(const char *text, CivilDate *ret_date)
{
    CivilFields fields = {0};
    if ((fields.year = take_digits(&text, 4)) < 0 || *text++ != '-' ||
        (fields.month = take_digits(&text, 2)) < 0 || *text++ != '-' ||
        (fields.day = take_digits(&text, 2)) < 0 || *text != '\0')
        return false;
    return civil_date_from_fields(fields, ret_date);
}

const char *civil_date_format(CivilDate date, char buffer[static CIVIL_DATE_TEXT_MAX])
{
    CivilFields fields = civil_date_fields(date);
    int parts[] = {fields.year / 100, fields.year % 100, fields.month, fields.day};
    char *at = buffer;
    for (int i = 0; i < 4; i++) {
        if (i > 1)
            *at++ = '-';
        *at++ = (char)('0' + parts[i] / 10);
        *at++ = (char)('0' + parts[i] % 10);
    }
    *at = '\0';
    return buffer;
}
