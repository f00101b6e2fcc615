/* SPDX-License-Identifier: Apache-2.0 */
/* A statement as HTML: an item of a list, or in full. The widgets read this markup and write the same
 * (web/article.js): what changes here changes there. Pure; one thread at a time. */
#ifndef DAYWIRE_GATEWAY_ARTICLE_H
#define DAYWIRE_GATEWAY_ARTICLE_H

#include "common/model.h"
#include "gateway/dates.h"

typedef struct {
    Dates *dates;
    const char *language; /* the site's, in which dates are written */
    const Zone *zone;     /* of the times of corrections and withdrawals */
} ArticleStyle;

/* <li> with date, title and excerpt; for a withdrawn statement with the reason. */
void article_append_item(GString *html, const ArticleStyle *style, const Statement *statement);

/* <article> with the whole text below a heading of `level` 1 to 6. */
void article_append_full(GString *html, const ArticleStyle *style, const Statement *statement, int level);

/* What it is called; that it was withdrawn, when it was. Static, or the statement's. */
const char *article_title(const Statement *statement);

/* What stands before its note, which says what was wrong and is right now, or why the text is gone: "Corrected", or ""
 * of a withdrawal, whose note may be empty. NULL: no note is shown. Static. */
const char *article_note_label(const Statement *statement);

/* The path of its page. g_free it. */
char *article_path(const Statement *statement);

/* The summary, unless the body begins with it, and the body; nothing when withdrawn. */
void article_append_text(GString *html, const Statement *statement);

/* The summary, or the beginning of the body; "" when withdrawn. g_free it. */
char *article_excerpt(const Statement *statement);

/* Whether it can lead the page: usable and with a body. */
bool article_can_lead(const Statement *statement);

#endif
