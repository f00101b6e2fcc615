/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a web page with statements, as copied from a browser window:
 *
 *     Port Authority                        the site's title, where there is one
 *     24 July 2021                          the date of the capture
 *     London: 01:40                         clocks
 *     Enquiries:                            a contact line
 *     +44 20 7946 0000
 *     1238 days have passed since ...       counters, one a line or with a wide gap between them
 *
 *     Opening speech, Oslo, 25 March 2021   the lead: a statement in full, dated at the end of its title
 *     ...
 *     23.07.2021 - Title                    dated statements, each followed by its excerpt
 *     ...
 *     all messages                          a link at the end
 *
 * Everything in it may be missing, but one dated statement or one of date, clock and counter must be there.
 * Names of months are English, numbers are not bound to a language. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_PAGE_CAPTURE_H
#define DAYWIRE_COMMON_FORMATS_PAGE_CAPTURE_H

#include <stdbool.h>
#include <glib.h>

#include "common/civil_date.h"

typedef struct {
    char *city;
    char *time; /* HH:MM as it was shown */
} PageClock;

typedef struct {
    int64_t days;
    char *text; /* what follows "N days" or "N day" */
} PageCounter;

/* What the top of the page says beside statements. */
typedef struct {
    char *title; /* NULL: none */
    bool has_date;
    CivilDate date;      /* of the capture */
    char *contact;       /* in one line; NULL: none */
    GPtrArray *clocks;   /* of PageClock */
    GPtrArray *counters; /* of PageCounter */
} PageSite;

/* NULL with INVALID when the text is not UTF-8 or no capture of a page. */
PageSite *page_capture_site(const void *data, size_t size, GError **error) MUST_CHECK;
void page_site_free(PageSite *site); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PageSite, page_site_free)

#endif
