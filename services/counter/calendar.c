/* SPDX-License-Identifier: Apache-2.0 */
/* A content line ends with CR LF and has 75 octets at most; a longer one goes on in the next line, which then begins
 * with a space that does not count as content. */
#include "counter/calendar.h"

#include <string.h>

#include "common/civil_date.h"
#include "common/tick_label.h"

#define LINE_MAX_OCTETS 75
#define DATE_TEXT_MAX   9 /* "YYYYMMDD" and its end */

struct Calendar {
    const CalendarHead *head;
    GString *text;
    size_t events;
};

/* --- content lines --- */

/* How much of `line` fits into `max` octets without cutting a character. */
static size_t fitting_length(const char *line, size_t length, size_t max)
{
    if (length <= max)
        return length;
    const char *end = g_utf8_find_prev_char(line, line + max + 1);
    return end && end > line ? (size_t)(end - line) : max;
}

static void append_line(GString *text, const GString *line)
{
    const char *rest = line->str;
    size_t length = line->len;
    for (size_t max = LINE_MAX_OCTETS; length > 0; max = LINE_MAX_OCTETS - 1) {
        size_t part = fitting_length(rest, length, max);
        if (rest != line->str)
            g_string_append_c(text, ' ');
        g_string_append_len(text, rest, (gssize)part);
        g_string_append(text, "\r\n");
        rest += part;
        length -= part;
    }
}

/* `value` is written as it stands. */
static void append_property(GString *text, const char *name, const char *value)
{
    g_autoptr(GString) line = g_string_new(name);
    g_string_append_c(line, ':');
    g_string_append(line, value);
    append_line(text, line);
}

/* Of type TEXT; control characters other than a line feed are left out. */
static void append_text(GString *text, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    g_autoptr(GString) line = g_string_new(name);
    g_string_append_c(line, ':');
    for (const char *at = valid; *at; at++) {
        if (*at == '\n')
            g_string_append(line, "\\n");
        else if (strchr("\\;,", *at))
            g_string_append_printf(line, "\\%c", *at);
        else if (!g_ascii_iscntrl(*at))
            g_string_append_c(line, *at);
    }
    append_line(text, line);
}

static void append_date(GString *text, const char *name, CivilDate date)
{
    CivilFields fields = civil_date_fields(date);
    char value[DATE_TEXT_MAX];
    g_snprintf(value, sizeof(value), "%04d%02d%02d", fields.year, fields.month, fields.day);
    append_property(text, name, value);
}

static void append_stamp(GString *text, Instant stamp)
{
    char value[INSTANT_TEXT_MAX];
    instant_format(stamp - stamp % INSTANT_SECOND, 0, value); /* "2026-03-04T00:00:00Z" */
    g_autoptr(GString) basic = g_string_new(value);
    g_string_replace(basic, "-", "", 0);
    g_string_replace(basic, ":", "", 0);
    append_property(text, "DTSTAMP", basic->str);
}

/* --- the calendar --- */

Calendar *calendar_new(const CalendarHead *head)
{
    Calendar *calendar = g_new0(Calendar, 1);
    g_autofree char *name =
        head->counter ? g_strdup_printf("%s: %s", head->title, head->counter) : g_strdup(head->title);
    calendar->head = head;
    calendar->text = g_string_new("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daywire//Daywire//EN\r\n"
                                  "CALSCALE:GREGORIAN\r\n");
    append_text(calendar->text, "X-WR-CALNAME", name);
    return calendar;
}

void calendar_free(Calendar *calendar)
{
    if (!calendar)
        return;
    g_string_free(calendar->text, TRUE);
    g_free(calendar);
}

static const char *categories_of(const Tick *tick)
{
    if (tick->milestone && tick->anniversary > 0)
        return "ANNIVERSARY,MILESTONE";
    return tick->milestone ? "MILESTONE" : "ANNIVERSARY";
}

bool calendar_add(Calendar *calendar, const Tick *tick)
{
    GString *text = calendar->text;
    CivilDate date = 0;
    const char *language = NULL;
    const char *label = tick_label_near(tick, calendar->head->language, &language);
    if ((!tick->milestone && tick->anniversary == 0) || !label || !civil_date_parse(tick->date, &date))
        return true;
    if (calendar->events == CALENDAR_EVENTS_MAX)
        return false;
    calendar->events++;
    g_autofree char *uid = g_strdup_printf("%s-%s@daywire", tick->counter, tick->date);
    g_autofree char *summary = g_strconcat("SUMMARY;LANGUAGE=", language, NULL);
    append_property(text, "BEGIN", "VEVENT");
    append_text(text, "UID", uid);
    append_stamp(text, calendar->head->stamp);
    append_date(text, "DTSTART;VALUE=DATE", date);
    append_date(text, "DTEND;VALUE=DATE", date + 1); /* the first date that is no more part of it */
    append_text(text, summary, label);
    append_property(text, "CATEGORIES", categories_of(tick));
    append_property(text, "TRANSP", "TRANSPARENT"); /* nobody is busy because of it */
    append_property(text, "END", "VEVENT");
    return true;
}

/* The RFC asks for one component at least, and this one says nothing. */
static void append_empty_component(GString *text)
{
    g_string_append(text, "BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
                          "TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n");
}

GBytes *calendar_finish(Calendar *calendar)
{
    if (calendar->events == 0)
        append_empty_component(calendar->text);
    append_property(calendar->text, "END", "VCALENDAR");
    return g_bytes_new(calendar->text->str, calendar->text->len);
}
