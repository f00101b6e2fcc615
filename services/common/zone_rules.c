/* SPDX-License-Identifier: Apache-2.0 */
/* A rule names two changes of the clock a year. Each is turned into an instant, for the years around the one
 * asked for, and the last change that is not later decides. Looking at the neighbours too makes it right for
 * changes that a time of up to a week carries into another year, for the southern half of the earth, and for
 * "daylight" time that is earlier than standard time (Europe/Dublin: IST-1GMT0). */
#include "common/zone_rules.h"

#include "common/error.h"

#define MINUTE             60
#define HOUR               (60 * MINUTE)
#define DAY                INT64_C(86400)
#define DAYS_PER_ERA       146097 /* 400 years */
#define DAYS_TO_1970       719162 /* from 0001-01-01 */
#define OFFSET_HOURS       24
#define TIME_HOURS         167
#define DEFAULT_TIME       (2 * HOUR)
#define NEIGHBOURS         2 /* years before and after */
#define CHANGES_MAX        (2 * (2 * NEIGHBOURS + 1))
#define YEAR_LEAST         1
#define YEAR_MOST          10000
#define ABBREVIATION_LEAST 3

/* --- the notation --- */

/* Digits at *text, `least` to `most`. */
static bool take_number(const char **text, int least, int most, int *ret_number)
{
    int number = 0;
    if (!g_ascii_isdigit(**text))
        return false;
    for (; g_ascii_isdigit(**text); (*text)++) {
        number = number * 10 + (**text - '0');
        if (number > most)
            return false;
    }
    *ret_number = number;
    return number >= least;
}

static bool take_character(const char **text, char character)
{
    if (**text != character)
        return false;
    (*text)++;
    return true;
}

/* [+-]hh[:mm[:ss]], in seconds. */
static bool take_time(const char **text, int most_hours, int *ret_seconds)
{
    int hours = 0, minutes = 0, seconds = 0;
    int sign = take_character(text, '-') ? -1 : 1;
    if (sign > 0)
        (void)take_character(text, '+');
    if (!take_number(text, 0, most_hours, &hours))
        return false;
    if (take_character(text, ':')) {
        if (!take_number(text, 0, 59, &minutes))
            return false;
        if (take_character(text, ':') && !take_number(text, 0, 59, &seconds))
            return false;
    }
    *ret_seconds = sign * (hours * HOUR + minutes * MINUTE + seconds);
    return true;
}

/* "GMT" or "<+0330>"; nothing is made of it. */
static bool take_abbreviation(const char **text)
{
    bool quoted = take_character(text, '<');
    const char *start = *text;
    while (quoted ? g_ascii_isalnum(**text) || **text == '+' || **text == '-' : g_ascii_isalpha(**text))
        (*text)++;
    return *text - start >= ABBREVIATION_LEAST && (!quoted || take_character(text, '>'));
}

/* ",M3.5.0/1" */
static bool take_change(const char **text, ZoneChange *change)
{
    bool good = false;
    if (!take_character(text, ','))
        return false;
    *change = (ZoneChange){.time = DEFAULT_TIME};
    if (take_character(text, 'J')) {
        change->kind = ZONE_DAY_WITHOUT_LEAP;
        good = take_number(text, 1, 365, &change->day);
    } else if (take_character(text, 'M')) {
        change->kind = ZONE_DAY_OF_WEEK;
        good = take_number(text, 1, 12, &change->month) && take_character(text, '.') &&
               take_number(text, 1, 5, &change->week) && take_character(text, '.') &&
               take_number(text, 0, 6, &change->day);
    } else {
        change->kind = ZONE_DAY_OF_YEAR;
        good = take_number(text, 0, 365, &change->day);
    }
    return good && (!take_character(text, '/') || take_time(text, TIME_HOURS, &change->time));
}

/* POSIX counts offsets west of UTC. */
static bool take_rules(const char *text, ZoneRules *rules)
{
    int west = 0;
    if (!take_abbreviation(&text) || !take_time(&text, OFFSET_HOURS, &west))
        return false;
    rules->standard = rules->daylight = -west;
    rules->changes = *text != '\0';
    if (!rules->changes)
        return true;
    if (!take_abbreviation(&text))
        return false;
    rules->daylight = rules->standard + HOUR;
    if (*text != ',') {
        if (!take_time(&text, OFFSET_HOURS, &west))
            return false;
        rules->daylight = -west;
    }
    return take_change(&text, &rules->to_daylight) && take_change(&text, &rules->to_standard) &&
           *text == '\0';
}

bool zone_rules_parse(const char *text, ZoneRules *ret_rules, GError **error)
{
    ZoneRules rules = {0};
    if (take_rules(text, &rules)) {
        *ret_rules = rules;
        return true;
    }
    g_autofree char *printable = g_strescape(text, NULL);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "\"%.100s\" is no rule in POSIX' TZ notation",
                printable);
    return false;
}

/* --- the calendar --- */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the start of a year. Civil dates do not reach here: the neighbours of the years 1
 * and 9999 count too. */
static int64_t start_of_year(int year)
{
    int64_t before = year - 1 + 400; /* not negative */
    return before * 365 + before / 4 - before / 100 + before / 400 - DAYS_PER_ERA - DAYS_TO_1970;
}

static int year_of(int64_t at)
{
    int64_t day = CLAMP(at / DAY, start_of_year(YEAR_LEAST), start_of_year(YEAR_MOST));
    int year = (int)((day + DAYS_TO_1970) / 366) + 1; /* not too large */
    while (year < YEAR_MOST && start_of_year(year + 1) <= day)
        year += (int)MAX((day - start_of_year(year + 1)) / 366, 1);
    return year;
}

/* The week's day of a day: 1970-01-01 was a Thursday. */
static int day_of_week(int64_t day)
{
    return (int)(((day + 4) % 7 + 7) % 7);
}

/* The day of Mm.w.d: the w-th such weekday of the month, 5 being the last one. */
static int64_t nth_weekday(const ZoneChange *change, int year)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int leap_before = is_leap(year) && change->month > 2;
    int leap_through = is_leap(year) && change->month >= 2;
    int64_t first = start_of_year(year) + before[change->month - 1] + leap_before;
    int64_t next_month = start_of_year(year) + before[change->month] + leap_through;
    int64_t day = first + (change->day - day_of_week(first) + 7) % 7 + INT64_C(7) * (change->week - 1);
    return day < next_month ? day : day - 7;
}

/* By the clock of the place. */
static int64_t local_instant(const ZoneChange *change, int year)
{
    int64_t day = start_of_year(year) + change->day;
    if (change->kind == ZONE_DAY_OF_WEEK)
        day = nth_weekday(change, year);
    else if (change->kind == ZONE_DAY_WITHOUT_LEAP)
        day += is_leap(year) && change->day >= 60 ? 0 : -1;
    return day * DAY + change->time;
}

typedef struct {
    int64_t at;
    int32_t offset; /* from there on */
} Change;

/* Keeps the list sorted; of equal instants the one added later comes later. */
static void insert(Change *changes, size_t *count, Change change)
{
    size_t place = *count;
    for (; place > 0 && changes[place - 1].at > change.at; place--)
        changes[place] = changes[place - 1];
    changes[place] = change;
    (*count)++;
}

int32_t zone_rules_offset(const ZoneRules *rules, int64_t at, int64_t *ret_until)
{
    Change changes[CHANGES_MAX];
    size_t count = 0;
    *ret_until = INT64_MAX;
    if (!rules->changes)
        return rules->standard;
    int this_year = year_of(at);
    for (int year = this_year - NEIGHBOURS; year <= this_year + NEIGHBOURS; year++) {
        /* Daylight time all the year ends and begins at one instant; it begins later. */
        insert(changes, &count,
               (Change){local_instant(&rules->to_standard, year) - rules->daylight, rules->standard});
        insert(changes, &count,
               (Change){local_instant(&rules->to_daylight, year) - rules->standard, rules->daylight});
    }
    int32_t offset = rules->standard;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].at > at) {
            *ret_until = changes[i].at;
            break;
        }
        offset = changes[i].offset;
    }
    return offset;
}
