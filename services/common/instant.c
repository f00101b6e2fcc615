/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 on top of civil dates: a parser that takes the text from left to right and accepts nothing else,
 * and its inverse. */
#include "common/instant.h"

#include <glib.h>

#include "common/civil_date.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define INSTANT_LEAST   (CIVIL_DATE_MIN * INSTANT_DAY)
#define INSTANT_MOST    ((CIVIL_DATE_MAX + 1) * INSTANT_DAY - 1)

/* Two digits at *text, up to `most`; -1 for anything else. */
static int take_two(const char **text, int most)
{
    const char *at = *text;
    if (!g_ascii_isdigit(at[0]) || !g_ascii_isdigit(at[1]))
        return -1;
    *text += 2;
    int value = (at[0] - '0') * 10 + (at[1] - '0');
    return value <= most ? value : -1;
}

static bool take_date(const char **text, CivilDate *date)
{
    char copy[CIVIL_DATE_TEXT_MAX];
    g_strlcpy(copy, *text, sizeof(copy));
    if (!civil_date_parse(copy, date))
        return false;
    *text += CIVIL_DATE_TEXT_MAX - 1;
    return true;
}

/* "HH:MM:SS", as seconds of the day. Leap seconds do not exist here. */
static bool take_time(const char **text, int *seconds)
{
    int hour = take_two(text, 23);
    if (hour < 0 || *(*text)++ != ':')
        return false;
    int minute = take_two(text, 59);
    if (minute < 0 || *(*text)++ != ':')
        return false;
    int second = take_two(text, 60);
    if (second < 0)
        return false;
    *seconds = hour * 3600 + minute * 60 + MIN(second, 59);
    return true;
}

/* "" or "." and digits, as microseconds. */
static bool take_fraction(const char **text, int *microseconds)
{
    *microseconds = 0;
    if (**text != '.')
        return true;
    (*text)++;
    if (!g_ascii_isdigit(**text))
        return false;
    for (int unit = 100000; g_ascii_isdigit(**text); unit /= 10, (*text)++)
        *microseconds += (**text - '0') * unit;
    return true;
}

/* "Z" or "+HH:MM", in minutes. */
static bool take_offset(const char **text, int *minutes)
{
    char sign = *(*text)++;
    if (sign == 'Z' || sign == 'z') {
        *minutes = 0;
        return true;
    }
    if (sign != '+' && sign != '-')
        return false;
    int hour = take_two(text, 23);
    if (hour < 0 || *(*text)++ != ':')
        return false;
    int minute = take_two(text, 59);
    if (minute < 0)
        return false;
    *minutes = (hour * 60 + minute) * (sign == '-' ? -1 : 1);
    return true;
}

bool instant_parse(const char *text, Instant *ret_instant, int *ret_offset_minutes)
{
    CivilDate date = 0;
    int seconds = 0, microseconds = 0, minutes = 0;
    if (!take_date(&text, &date))
        return false;
    if (*text != 'T' && *text != 't')
        return false;
    text++;
    if (!take_time(&text, &seconds) || !take_fraction(&text, &microseconds) ||
        !take_offset(&text, &minutes) || *text != '\0')
        return false;
    Instant instant =
        (date * SECONDS_PER_DAY + seconds - minutes * INT64_C(60)) * INSTANT_SECOND + microseconds;
    if (instant < INSTANT_LEAST || instant > INSTANT_MOST)
        return false; /* the offset leads out of the years 1 to 9999 in UTC: the wire could not carry it */
    *ret_instant = instant;
    if (ret_offset_minutes)
        *ret_offset_minutes = minutes;
    return true;
}

/* Rounds down, for instants before 1970 too; the rest is never negative. */
static int64_t floor_divide(int64_t value, int64_t by, int64_t *rest)
{
    int64_t quotient = value / by;
    *rest = value % by;
    if (*rest < 0) {
        *rest += by;
        quotient--;
    }
    return quotient;
}

/* Appends `value` with `digits` digits. printf would be a fortieth of what it takes to store and publish a statement. */
static char *put_number(char *at, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + digits;
}

static char *put_fraction(char *at, int64_t microseconds)
{
    if (microseconds == 0)
        return at;
    *at++ = '.';
    return microseconds % 1000 != 0 ? put_number(at, microseconds, 6)
                                    : put_number(at, microseconds / 1000, 3);
}

static char *put_zone(char *at, int offset_minutes)
{
    if (offset_minutes == 0) {
        *at++ = 'Z';
        return at;
    }
    *at++ = offset_minutes < 0 ? '-' : '+';
    at = put_number(at, ABS(offset_minutes) / 60 % 24, 2);
    *at++ = ':';
    return put_number(at, ABS(offset_minutes) % 60, 2);
}

const char *instant_format(Instant instant, int offset_minutes, char buffer[static INSTANT_TEXT_MAX])
{
    int64_t microseconds = 0, second_of_day = 0;
    instant = CLAMP(instant, INSTANT_LEAST, INSTANT_MOST);
    int64_t local = instant + offset_minutes * INT64_C(60) * INSTANT_SECOND;
    if (local < INSTANT_LEAST || local > INSTANT_MOST) {
        local = instant; /* the local date has no four-digit year; UTC tells the same instant */
        offset_minutes = 0;
    }
    int64_t seconds = floor_divide(local, INSTANT_SECOND, &microseconds);
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY, &second_of_day);
    civil_date_format((CivilDate)days, buffer);
    char *at = buffer + CIVIL_DATE_TEXT_MAX - 1;
    *at++ = 'T';
    at = put_number(at, second_of_day / 3600, 2);
    *at++ = ':';
    at = put_number(at, second_of_day / 60 % 60, 2);
    *at++ = ':';
    at = put_number(at, second_of_day % 60, 2);
    at = put_zone(put_fraction(at, microseconds), offset_minutes);
    *at = '\0';
    return buffer;
}

Google__Protobuf__Timestamp *instant_to_timestamp(Instant instant)
{
    int64_t microseconds = 0;
    Google__Protobuf__Timestamp *timestamp = g_new(Google__Protobuf__Timestamp, 1);
    google__protobuf__timestamp__init(timestamp);
    timestamp->seconds = floor_divide(instant, INSTANT_SECOND, &microseconds);
    timestamp->nanos = (int32_t)(microseconds * 1000);
    return timestamp;
}

Instant instant_from_timestamp(const Google__Protobuf__Timestamp *timestamp)
{
    if (!timestamp)
        return 0;
    /* A foreign message may carry anything: what no Instant can be is brought to the nearest. */
    int64_t seconds =
        CLAMP(timestamp->seconds, INSTANT_LEAST / INSTANT_SECOND, INSTANT_MOST / INSTANT_SECOND);
    int64_t microseconds = CLAMP(timestamp->nanos, 0, 999999999) / 1000;
    return seconds * INSTANT_SECOND + microseconds;
}
