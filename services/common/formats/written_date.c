/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/written_date.h"

#include <glib.h>

#define TAIL_MAX 100 /* characters in which a date and what may follow it fit */
#define MONTH                                                                                                \
    "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|" \
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
#define DAY  "(?<day>\\d{1,2})(?:st|nd|rd|th)?"
#define YEAR "(?<year>\\d{4})"

static const char pattern[] = "(?<![\\w.-])(?<date>" DAY "\\s+" MONTH ",?\\s+" YEAR "|" MONTH "\\s+" DAY
                              ",?\\s+" YEAR "|(?<day>\\d{1,2})\\.(?<number>\\d{1,2})\\." YEAR "|" YEAR
                              "-(?<number>\\d{2})-(?<day>\\d{2}))[\\s).,;\\]\"'”’»“]*$";

static int number_of(const GMatchInfo *match, const char *name)
{
    g_autofree char *text = g_match_info_fetch_named(match, name);
    return text ? (int)g_ascii_strtoll(text, NULL, 10) : 0; /* four digits at most, by the pattern */
}

static int month_of(const GMatchInfo *match)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    g_autofree char *name = g_match_info_fetch_named(match, "month");
    if (!name || !*name)
        return number_of(match, "number");
    g_autofree char *lower = g_ascii_strdown(name, 3);
    const char *found = strstr(names, lower);
    return found ? (int)(found - names) / 3 + 1 : 0;
}

bool written_date_at_end(const char *text, size_t *ret_start, CivilDate *ret_date)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_DUPNAMES, 0, NULL);
    g_assert(regex);
    g_autoptr(GMatchInfo) match = NULL;
    const char *tail = text + strlen(text);
    for (int i = 0; i < TAIL_MAX && tail > text; i++)
        tail = g_utf8_prev_char(tail);
    if (!g_regex_match_full(regex, text, -1, (gint)(tail - text), 0, &match, NULL))
        return false;
    CivilFields fields = {
        .year = number_of(match, "year"), .month = month_of(match), .day = number_of(match, "day")};
    CivilDate date = 0;
    int start = 0;
    if (!civil_date_from_fields(fields, &date) || !g_match_info_fetch_named_pos(match, "date", &start, NULL))
        return false;
    *ret_start = (size_t)start;
    *ret_date = date;
    return true;
}

bool written_date_whole(const char *text, CivilDate *ret_date)
{
    size_t start = 0;
    CivilDate date = 0;
    if (!written_date_at_end(text, &start, &date))
        return false;
    g_autofree char *before = g_strndup(text, start);
    if (!g_regex_match_simple("^(\\s*(mon|tues|wednes|thurs|fri|satur|sun)day\\s*,?)?\\s*$", before,
                              G_REGEX_CASELESS, 0))
        return false;
    *ret_date = date;
    return true;
}
