/* SPDX-License-Identifier: Apache-2.0 */
/* What stands above the statements: today's date, clocks, contact line, counters. Pure; one thread at a time.
 */
#ifndef DAYWIRE_GATEWAY_MASTHEAD_H
#define DAYWIRE_GATEWAY_MASTHEAD_H

#include "common/model.h"
#include "gateway/dates.h"
#include "gateway/site.h"

void masthead_append_date(GString *html, Dates *dates, const Site *site, Instant now);
void masthead_append_clocks(GString *html, Dates *dates, const Site *site, Instant now);
void masthead_append_contact(GString *html, const Site *site);
/* For widgets: "live" and so on; without JavaScript the time of the page. */
void masthead_append_status(GString *html, Dates *dates, const Site *site, Instant now);
/* `ticks`: an array of Tick in the order of lists (view.h). A named group has a heading; what the order is made of is
 * there for the widgets, as data. */
void masthead_append_counters(GString *html, const Site *site, const GPtrArray *ticks);

#endif
