/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an iCalendar (RFC 5545) of the dates that a press office notes: a counter's anniversaries and milestones, an
 * all-day event each. Pure; one thread. */
#ifndef DAYWIRE_COUNTER_CALENDAR_H
#define DAYWIRE_COUNTER_CALENDAR_H

#include "common/instant.h"
#include "common/model.h"

#define CALENDAR_EVENTS_MAX 10000

typedef struct Calendar Calendar;

typedef struct {
    const char *title;    /* of the site */
    const char *counter;  /* the one that it is about; NULL: all of them */
    const char *language; /* of the events, as tick_label_near() takes it; NULL: the first of each counter */
    Instant stamp;        /* as of when the events are */
} CalendarHead;

/* `head` is only looked at while the calendar is written. */
Calendar *calendar_new(const CalendarHead *head);
void calendar_free(Calendar *calendar); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calendar, calendar_free)

/* False, and the calendar as it was, when it has CALENDAR_EVENTS_MAX events. A tick that is neither an
 * anniversary nor a milestone, or has no label, adds nothing. */
bool calendar_add(Calendar *calendar, const Tick *tick) MUST_CHECK;

/* The text, at the end; calendar_add() no more. A new reference. */
GBytes *calendar_finish(Calendar *calendar);

#endif
