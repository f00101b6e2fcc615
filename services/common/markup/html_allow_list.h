/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of each element of HTML, and which attributes may stay: the one table behind html_reduce.h and
 * html_text.h, as documented in proto/README.md. What is not in it loses its tags and keeps its text. Pure, any
 * thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_ALLOW_LIST_H
#define DAYWIRE_COMMON_MARKUP_HTML_ALLOW_LIST_H

#include <stdbool.h>

typedef enum {
    HTML_UNWRAPPED, /* the tags go, the content stays */
    HTML_REMOVED,   /* with its content */
    HTML_INLINE,    /* part of a line of text */
    HTML_BLOCK,
    HTML_BREAK,   /* <br> */
    HTML_RULE,    /* <hr> */
    HTML_PICTURE, /* what describes it stays */
} HtmlRole;

/* What an element is, and which of these it holds. */
typedef enum {
    HTML_TEXT = 1 << 0, /* text and inline elements */
    HTML_FLOW = 1 << 1, /* paragraphs, lists, tables and so on */
    HTML_ITEM = 1 << 2,
    HTML_TERM = 1 << 3,
    HTML_CAPTION = 1 << 4,
    HTML_SECTION = 1 << 5, /* of a table */
    HTML_ROW = 1 << 6,
    HTML_CELL = 1 << 7,
} HtmlContent;

/* How its text is set off from what is around it in plain text. */
typedef enum { HTML_SAME_LINE, HTML_NEW_LINE, HTML_NEW_PARAGRAPH, HTML_NEW_CELL } HtmlLines;

typedef enum {
    HTML_ANY_LANGUAGE,
    HTML_DIRECTION,
    HTML_LINK,
    HTML_WORDS,
    HTML_NUMBER,
    HTML_SPAN,
    HTML_INSTANT,
    HTML_PRESENT,
    HTML_SCOPE,
} HtmlValue;

typedef struct {
    const char *name;
    HtmlValue value;
} HtmlAttribute;

typedef struct {
    const char *name;
    const char *as; /* the name that it gets; NULL: its own */
    HtmlRole role;
    HtmlLines lines;
    unsigned is;      /* blocks: one HtmlContent */
    unsigned holds;   /* blocks: several */
    const char *fill; /* blocks: what is put around content that it does not hold; NULL: nothing */
    const char *wrap; /* blocks: what is put around it where it may not stand; NULL: nothing */
    HtmlAttribute
        attributes[3];    /* beside those of all elements: lang and dir; up to the first without a name */
    bool needs_attribute; /* means nothing without one, and is unwrapped then */
} HtmlElement;

/* Of a lower-case name; NULL: it is not in the table. Static. */
const HtmlElement *html_element_find(const char *name);

#endif
