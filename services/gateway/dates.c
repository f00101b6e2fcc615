/* SPDX-License-Identifier: Apache-2.0 */
/* ICU is given local time as if it were UTC, so that it needs no zones of its own. Should it fail, which it
 * does only for want of memory or data, numbers take the place of words. */
#include "gateway/dates.h"

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#define SECONDS_A_DAY INT64_C(86400)
#define LOCALE_MAX    160
#define TEXT_MAX      200 /* UTF-16 units of a date in words */

typedef enum { STYLE_FULL, STYLE_LONG, STYLE_TIME, STYLE_COUNT } Style;

struct Dates {
    char locale[LOCALE_MAX];
    UDateFormat *formats[STYLE_COUNT]; /* opened when first needed, NULL when that failed */
};

Dates *dates_new(const char *language)
{
    Dates *dates = g_new0(Dates, 1);
    UErrorCode status = U_ZERO_ERROR;
    uloc_forLanguageTag(language, dates->locale, LOCALE_MAX, NULL, &status);
    if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
        dates->locale[0] = '\0';
    return dates;
}

void dates_free(Dates *dates)
{
    if (!dates)
        return;
    for (int i = 0; i < STYLE_COUNT; i++)
        udat_close(dates->formats[i]);
    g_free(dates);
}

bool dates_right_to_left(const Dates *dates)
{
    return uloc_isRightToLeft(dates->locale);
}

static UDateFormat *open_format(const char *locale, Style style)
{
    static const UChar utc[] = u"UTC";
    static const UChar hours_and_minutes[] = u"HH:mm";
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format =
        style == STYLE_TIME
            ? udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, utc, -1, hours_and_minutes, -1, &status)
            : udat_open(UDAT_NONE, style == STYLE_FULL ? UDAT_FULL : UDAT_LONG, locale, utc, -1, NULL, 0,
                        &status);
    if (U_FAILURE(status))
        return NULL;
    /* Dates before 1582 are Gregorian here and in browsers. */
    UCalendar *calendar = (UCalendar *)udat_getCalendar(format);
    UErrorCode ignored = U_ZERO_ERROR;
    ucal_setGregorianChange(calendar, (double)(CIVIL_DATE_MIN - 366) * SECONDS_A_DAY * 1000, &ignored);
    return format;
}

/* `local` is local time in seconds since 1970. NULL on failure. */
static char *format(Dates *dates, Style style, int64_t local)
{
    if (!dates->formats[style])
        dates->formats[style] = open_format(dates->locale, style);
    if (!dates->formats[style])
        return NULL;
    UChar text[TEXT_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = udat_format(dates->formats[style], (double)local * 1000, text, TEXT_MAX, NULL, &status);
    if (U_FAILURE(status) || length >= TEXT_MAX)
        return NULL;
    return g_utf16_to_utf8((const gunichar2 *)text, length, NULL, NULL, NULL);
}

static char *format_date(Dates *dates, Style style, CivilDate date)
{
    char *text = format(dates, style, date * SECONDS_A_DAY);
    if (text)
        return text;
    char numbers[CIVIL_DATE_TEXT_MAX];
    return g_strdup(civil_date_format(date, numbers));
}

char *dates_full(Dates *dates, CivilDate date)
{
    return format_date(dates, STYLE_FULL, date);
}

char *dates_long(Dates *dates, CivilDate date)
{
    return format_date(dates, STYLE_LONG, date);
}

char *dates_time(Dates *dates, const Zone *zone, Instant instant)
{
    int64_t local = instant / INSTANT_SECOND + zone_offset(zone, instant);
    char *text = format(dates, STYLE_TIME, local);
    if (text)
        return text;
    int64_t minute = ((local % SECONDS_A_DAY + SECONDS_A_DAY) % SECONDS_A_DAY) / 60;
    return g_strdup_printf("%02d:%02d", (int)(minute / 60), (int)(minute % 60));
}

char *dates_long_with_time(Dates *dates, const Zone *zone, Instant instant)
{
    g_autofree char *date = dates_long(dates, zone_date_at(zone, instant));
    g_autofree char *time = dates_time(dates, zone, instant);
    return g_strconcat(date, ", ", time, NULL);
}
