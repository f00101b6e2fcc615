/* SPDX-License-Identifier: Apache-2.0 */
/* What begins with a year goes from left to right (ISO 8601); everything else is taken word by word, each
 * told by its form, none of them twice. */
#include "common/formats/feed_date.h"

#include "common/formats/feed_zone.h"

#define TEXT_MAX         100 /* bytes; what is longer is no date */
#define SECONDS_PER_DAY  INT64_C(86400)
#define INSTANT_LEAST    (CIVIL_DATE_MIN * SECONDS_PER_DAY * INSTANT_SECOND)
#define INSTANT_MOST     ((CIVIL_DATE_MAX + 1) * SECONDS_PER_DAY * INSTANT_SECOND - 1)
#define HALF_DAY_UNKNOWN 0
#define AM               1
#define PM               2

/* What has been found; -1: not yet. */
typedef struct {
    int year, month, day;
    int hour, minute, second, microsecond;
    int half_day;
    bool has_zone;
    int offset_minutes;
} Parts;

static bool is_digit(char c)
{
    return g_ascii_isdigit(c);
}

/* The run of digits at *at; -1 when there is none or more than `most`. */
static int take_number(const char **at, int most, int *ret_digits)
{
    int value = 0;
    int digits = 0;
    for (; is_digit(**at); (*at)++, digits++) {
        if (digits == most)
            return -1;
        value = value * 10 + (**at - '0');
    }
    if (ret_digits)
        *ret_digits = digits;
    return digits > 0 ? value : -1;
}

static void skip_space(const char **at)
{
    while (g_ascii_isspace(**at))
        (*at)++;
}

/* "." or "," and digits, when there. */
static void take_fraction(const char **at, Parts *parts)
{
    parts->microsecond = 0;
    if ((**at != '.' && **at != ',') || !is_digit((*at)[1]))
        return;
    (*at)++;
    for (int unit = 100000; is_digit(**at); unit /= 10, (*at)++)
        parts->microsecond += (**at - '0') * unit;
}

/* "HH:MM", "HH:MM:SS", with a fraction; without the colons in ISO's basic form only. */
static bool take_time(const char **at, Parts *parts)
{
    int digits = 0;
    int number = take_number(at, 6, &digits);
    if (number < 0 || parts->hour >= 0)
        return false;
    parts->second = 0;
    if (digits == 4 || digits == 6) {
        parts->second = digits == 6 ? number % 100 : 0;
        number /= digits == 6 ? 100 : 1;
        parts->hour = number / 100;
        parts->minute = number % 100;
    } else {
        parts->hour = number;
        if (digits > 2 || *(*at)++ != ':' || (parts->minute = take_number(at, 2, &digits)) < 0 || digits != 2)
            return false;
        if (**at == ':') {
            (*at)++;
            if ((parts->second = take_number(at, 2, &digits)) < 0 || digits != 2)
                return false;
        }
    }
    take_fraction(at, parts);
    return true;
}

/* Whether the `length` bytes at `word` are the whole of `name` or its beginning of three letters or more. */
static bool is_name(const char *word, size_t length, const char *name)
{
    return length >= 3 && length <= strlen(name) && g_ascii_strncasecmp(word, name, length) == 0;
}

static int find_name(const char *word, size_t length, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (is_name(word, length, names[i]))
            return i;
    }
    return -1;
}

static bool is_letter(char c)
{
    return g_ascii_isalpha(c) || (unsigned char)c >= 0x80;
}

static bool take_half_day(const char **at, size_t length, Parts *parts)
{
    if (parts->hour < 0 || parts->half_day != HALF_DAY_UNKNOWN || length != 2)
        return false;
    if (g_ascii_strncasecmp(*at, "am", 2) == 0)
        parts->half_day = AM;
    else if (g_ascii_strncasecmp(*at, "pm", 2) == 0)
        parts->half_day = PM;
    else
        return false;
    *at += 2;
    return true;
}

static bool take_zone(const char **at, Parts *parts)
{
    parts->has_zone = !parts->has_zone && feed_zone_take(at, &parts->offset_minutes);
    return parts->has_zone;
}

/* What day of the week it was follows from the date, hence whatever word stands first, in any language. */
static bool is_noise(const char *word, size_t length, bool first)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    return first || find_name(word, length, days, G_N_ELEMENTS(days)) >= 0 ||
           (length == 2 && g_ascii_strncasecmp(word, "at", 2) == 0);
}

/* A month, "am" or "pm", a zone, or nothing of interest. */
static bool take_word(const char **at, bool first, Parts *parts)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    size_t length = 0;
    while (is_letter((*at)[length]))
        length++;
    int month = find_name(*at, length, months, G_N_ELEMENTS(months));
    if (month >= 0 && parts->month < 0) {
        parts->month = month + 1;
    } else if (take_half_day(at, length, parts)) {
        return true;
    } else if (parts->hour >= 0 || !is_noise(*at, length, first)) {
        return (parts->hour >= 0 || parts->year >= 0) && take_zone(at, parts);
    }
    *at += length;
    *at += **at == '.' ? 1 : 0;
    return true;
}

/* RFC 5322, section 4.3. */
static int whole_year(int year, int digits)
{
    if (digits == 2)
        return year + (year < 50 ? 2000 : 1900);
    return digits == 3 ? year + 1900 : year;
}

/* "23.07.2021", behind its day. */
static bool take_dotted(const char **at, Parts *parts)
{
    int digits = 0;
    (*at)++;
    if (parts->month >= 0 || (parts->month = take_number(at, 2, NULL)) < 0 || *(*at)++ != '.')
        return false;
    int year = take_number(at, 4, &digits);
    parts->year = digits == 2 || digits == 4 ? whole_year(year, digits) : -1;
    return parts->year >= 0;
}

/* A day, a year, a time. */
static bool take_figures(const char **at, Parts *parts)
{
    const char *end = *at;
    int digits = 0;
    int number = take_number(&end, 4, &digits);
    if (number < 0)
        return false;
    if (*end == ':')
        return take_time(at, parts);
    *at = end;
    if (parts->day < 0 && digits <= 2) {
        parts->day = number;
        if (end[0] == '.' && is_digit(end[1]))
            return take_dotted(at, parts);
        if (*end == '.')
            *at += 1;
        else if (strspn(end, "sndrth") == 2) /* "1st", "23rd" */
            *at += 2;
        return true;
    }
    if (parts->year >= 0 || digits < 2)
        return false;
    parts->year = whole_year(number, digits);
    return true;
}

static bool take_words(const char *at, Parts *parts)
{
    for (bool first = true; *at; first = false) {
        if (is_letter(*at)) {
            if (!take_word(&at, first, parts))
                return false;
        } else if (is_digit(*at)) {
            if (!take_figures(&at, parts))
                return false;
        } else if (*at == '+' || (*at == '-' && parts->hour >= 0)) {
            if (!take_zone(&at, parts))
                return false;
        }
        at += strspn(at, parts->hour < 0 ? " \t\r\n,-" : " \t\r\n,");
        if (*at && !is_letter(*at) && !is_digit(*at) && *at != '+' && *at != '-')
            return false;
    }
    return true;
}

/* "2021-07-23", "2021/7/23", "20210723"; then, after "T" or a space, a time and a zone. */
static bool take_iso(const char *at, Parts *parts)
{
    int digits = 0;
    int number = take_number(&at, 8, &digits);
    if (digits == 8) {
        parts->year = number / 10000;
        parts->month = number / 100 % 100;
        parts->day = number % 100;
    } else {
        char separator = *at++;
        parts->year = number;
        if ((parts->month = take_number(&at, 2, NULL)) < 0 || *at++ != separator ||
            (parts->day = take_number(&at, 2, NULL)) < 0)
            return false;
    }
    if (*at == 'T' || *at == 't')
        at++;
    else
        skip_space(&at);
    if (is_digit(*at)) {
        if (!take_time(&at, parts))
            return false;
        skip_space(&at);
    }
    return *at == '\0' || (take_zone(&at, parts) && *at == '\0');
}

static bool is_iso(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits == 8 || (digits == 4 && text[digits] && strchr("-/.", text[digits]) && is_digit(text[5]));
}

/* Seconds of the day; -1: there is no such time. */
static int time_of_day(const Parts *parts)
{
    int hour = parts->hour;
    if (parts->half_day != HALF_DAY_UNKNOWN) {
        if (hour < 1 || hour > 12)
            return -1;
        hour = hour % 12 + (parts->half_day == PM ? 12 : 0);
    }
    if (parts->minute > 59 || parts->second > 60)
        return -1;
    int seconds = hour * 3600 + parts->minute * 60 + MIN(parts->second, 59);
    return seconds < SECONDS_PER_DAY || (seconds == SECONDS_PER_DAY && parts->microsecond == 0) ? seconds
                                                                                                : -1;
}

/* Comments in parentheses (RFC 5322), and white space around. NULL: too long to be a date. */
static char *strip(const char *text)
{
    text += strspn(text, " \t\r\n");
    if (strnlen(text, TEXT_MAX + 1) > TEXT_MAX)
        return NULL;
    g_autoptr(GString) plain = g_string_new(NULL);
    for (int depth = 0; *text; text++) {
        depth += *text == '(' ? 1 : 0;
        if (depth == 0)
            g_string_append_c(plain, *text);
        depth -= *text == ')' && depth > 0 ? 1 : 0;
    }
    return g_strchomp(g_string_free(g_steal_pointer(&plain), FALSE));
}

static bool refuse(const char *text, const char *reason, GError **error)
{
    enum { LONGEST = 60 };
    g_autofree char *start = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), LONGEST));
    for (char *c = start; *c; c++)
        *c = g_ascii_iscntrl(*c) ? ' ' : *c;
    return error_refuse(error, "%s \"%s%s\"", reason, start, strlen(start) < strlen(text) ? "..." : "");
}

static bool finish(const char *text, const Parts *parts, FeedDate *ret_date, GError **error)
{
    CivilDate date = 0;
    CivilFields fields = {.year = parts->year, .month = parts->month, .day = parts->day};
    if (!civil_date_from_fields(fields, &date))
        return refuse(text, "there is no such day:", error);
    if (parts->hour < 0) {
        *ret_date = (FeedDate){.date = date};
        return true;
    }
    int seconds = time_of_day(parts);
    if (seconds < 0)
        return refuse(text, "there is no such time:", error);
    Instant instant =
        (date * SECONDS_PER_DAY + seconds - parts->offset_minutes * INT64_C(60)) * INSTANT_SECOND +
        parts->microsecond;
    if (seconds == SECONDS_PER_DAY)
        date++;
    if (date > CIVIL_DATE_MAX || instant < INSTANT_LEAST || instant > INSTANT_MOST)
        return refuse(text, "beyond the years 1 to 9999:", error);
    *ret_date = (FeedDate){
        .date = date, .has_time = true, .instant = instant, .offset_minutes = parts->offset_minutes};
    return true;
}

bool feed_date_parse(const char *text, FeedDate *ret_date, GError **error)
{
    Parts parts = {.year = -1, .month = -1, .day = -1, .hour = -1};
    g_autofree char *plain = strip(text);
    if (!plain || !*plain || !(is_iso(plain) ? take_iso(plain, &parts) : take_words(plain, &parts)) ||
        parts.year < 0 || parts.month < 0 || parts.day < 0)
        return refuse(text, "no date in a known form:", error);
    return finish(text, &parts, ret_date, error);
}
