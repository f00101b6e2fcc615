/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML pages, rendered with the current content and the cursor that it stands at: they read without
 * JavaScript, and the widgets go on from the cursor with no gap and no second download. All text is escaped
 * here. Pure; any thread. */
#ifndef DAYWIRE_GATEWAY_PAGE_H
#define DAYWIRE_GATEWAY_PAGE_H

#include "common/model.h"
#include "gateway/site.h"

/* Statements in the front page's list, beside the lead. The lead is the newest usable statement with a body
 * among all that the page is given: give it PAGE_STATEMENTS, as many as the widgets ask for (web/feed.js). */
#define PAGE_LIST_MAX   20
#define PAGE_STATEMENTS 50

typedef struct {
    const Site *site;
    GPtrArray *statements; /* of Statement, newest first; withdrawn ones are shown by their note */
    GPtrArray *ticks;      /* of Tick, in the order of lists */
    const char *cursor;    /* may be NULL: nothing is known yet */
    const char *before;    /* "/statements" only: the page cursor that was asked for, NULL: the newest page */
    Instant now;
} PageContent;

/* INVALID: the template does not have exactly the slots that are filled here. */
bool page_check_template(const char *template_text, GError **error) MUST_CHECK;

/* `template_text` is gateway/web/page.html. "/": date, clocks, contact, counters, lead statement in full (the
 * newest usable one with a body), list with excerpts, link to all messages. */
GBytes *page_render_home(const char *template_text, const PageContent *content);

/* "/statements": all messages, a page of them; `next` is the page cursor or NULL, `search` what was searched
 * for or NULL. */
GBytes *page_render_archive(const char *template_text, const PageContent *content, const char *next,
                            const char *search);

/* "/statements/{id}": the permalink. */
GBytes *page_render_statement(const char *template_text, const PageContent *content,
                              const Statement *statement);

#endif
