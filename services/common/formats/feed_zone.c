/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_zone.h"

#include <glib.h>

#define NAME_MAX_LETTERS 5

typedef struct {
    char name[NAME_MAX_LETTERS + 1];
    int hours;
} ZoneName;

/* Left out are names that stand for several zones, such as IST and AST outside of America. */
static const ZoneName names[] = {
    {"EST", -5}, {"EDT", -4},  {"CST", -6},  {"CDT", -5},  {"MST", -7},  {"MDT", -6},
    {"PST", -8}, {"PDT", -7},  {"AKST", -9}, {"AKDT", -8}, {"HST", -10}, {"BST", 1},
    {"WEST", 1}, {"CET", 1},   {"CEST", 2},  {"MET", 1},   {"MEST", 2},  {"EET", 2},
    {"EEST", 3}, {"MSK", 3},   {"MSD", 4},   {"JST", 9},   {"KST", 9},   {"HKT", 8},
    {"SGT", 8},  {"AEST", 10}, {"AEDT", 11}, {"NZST", 12}, {"NZDT", 13},
};

static int take_digits(const char **text, int most, int *ret_count)
{
    int value = 0;
    int count = 0;
    for (; count < most && g_ascii_isdigit(**text); count++, (*text)++)
        value = value * 10 + (**text - '0');
    *ret_count = count;
    return value;
}

/* "+0100", "+01:00", "+100", "+01", "+1". */
static bool take_offset(const char **text, int *ret_minutes)
{
    const char *at = *text;
    int sign = *at == '-' ? -1 : 1;
    if (*at != '+' && *at != '-')
        return false;
    at++;
    int digits = 0;
    int minutes = 0;
    int hours = take_digits(&at, 4, &digits);
    if (digits > 2) {
        minutes = hours % 100;
        hours /= 100;
    } else if (digits > 0 && at[0] == ':' && g_ascii_isdigit(at[1])) {
        at++;
        minutes = take_digits(&at, 2, &digits);
        digits = digits == 2 ? 2 : 0;
    }
    if (digits == 0 || g_ascii_isdigit(*at) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    *text = at;
    return true;
}

bool feed_zone_take(const char **text, int *ret_offset_minutes)
{
    const char *at = *text;
    size_t length = 0;
    while (length <= NAME_MAX_LETTERS && g_ascii_isalpha(at[length]))
        length++;
    if (length == 0)
        return take_offset(text, ret_offset_minutes);
    if (length > NAME_MAX_LETTERS)
        return false;
    int minutes = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strlen(names[i].name) == length && g_ascii_strncasecmp(names[i].name, at, length) == 0)
            minutes = names[i].hours * 60;
    }
    at += length;
    const char *sign = at + strspn(at, " ");
    if (*sign == '+' || *sign == '-') { /* "GMT+1", "EST -0500" */
        at = sign;
        if (!take_offset(&at, &minutes))
            return false;
    }
    *text = at;
    *ret_offset_minutes = minutes;
    return true;
}
