/* SPDX-License-Identifier: Apache-2.0 */
/* Civil dates: days of the proleptic Gregorian calendar, without zone or time.
 *
 * A CivilDate is the number of days since 1970-01-01, so that the difference of dates is a subtraction. Valid
 * dates are 0001-01-01 to 9999-12-31. Pure functions, any thread. */
#ifndef DAYWIRE_COMMON_CIVIL_DATE_H
#define DAYWIRE_COMMON_CIVIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

typedef int32_t CivilDate;

#define CIVIL_DATE_MIN      ((CivilDate)-719162) /* 0001-01-01 */
#define CIVIL_DATE_MAX      ((CivilDate)2932896) /* 9999-12-31 */
#define CIVIL_DATE_TEXT_MAX 11                   /* "YYYY-MM-DD" and its end */

typedef struct {
    int year;  /* 1 to 9999 */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
} CivilFields;

/* False when there is no such day. */
bool civil_date_from_fields(CivilFields fields, CivilDate *ret_date);
CivilFields civil_date_fields(CivilDate date);

/* Exactly "YYYY-MM-DD", nothing around it. False, and *ret_date untouched, for anything else. */
bool civil_date_parse(const char *text, CivilDate *ret_date);
/* Writes into `buffer` and returns it. */
const char *civil_date_format(CivilDate date, char buffer[static CIVIL_DATE_TEXT_MAX]);

#endif
