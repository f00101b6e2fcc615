/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a feed and writes down all that came of it. */
#ifndef DAYWIRE_TESTS_UNIT_COMMON_FEED_FIXTURE_H
#define DAYWIRE_TESTS_UNIT_COMMON_FEED_FIXTURE_H

#include "common/formats/feed.h"

#define FEED_NOW (INT64_C(1627041600) * INSTANT_SECOND) /* 2021-07-23T12:00:00Z */

/* One line an item, with what there is of it: "LINE guid=.. link=.. title=.. summary=.. html=.. (or text=..)
 * language=.. author=.. tags=a,b source=.. at=INSTANT (or date=DAY, or undated=DAY)", or "LINE refused FIELD:
 * REASON"; ends of lines within texts as "/". Before them "TITLE ttl=.. hours=.. days=..", or alone "error: ...".
 * g_free it. */
char *feed_notes(const void *data, size_t size, const FeedContext *context);

/* The same of a text, with a source "s", so that it is not told; fails when it differs. */
void check_feed(const char *text, const char *expected);

/* An RSS feed around `items`, and its notes without the first line. */
void check_rss_items(const char *items, const char *expected);

#endif
