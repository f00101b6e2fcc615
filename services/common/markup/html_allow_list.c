/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_allow_list.h"

#include <glib.h>

#define REMOVED(name_)                                                                                       \
    {                                                                                                        \
        .name = (name_), .role = HTML_REMOVED                                                                \
    }
#define INLINE(name_, ...)                                                                                   \
    {                                                                                                        \
        .name = (name_), .role = HTML_INLINE, __VA_ARGS__                                                    \
    }
/* A paragraph or the like: text and nothing else. */
#define PARAGRAPH(name_, ...)                                                                                \
    {                                                                                                        \
        .name = (name_), .role = HTML_BLOCK, .lines = HTML_NEW_PARAGRAPH, .is = HTML_FLOW,                   \
        .holds = HTML_TEXT, __VA_ARGS__                                                                      \
    }
#define DIVISION(name_)                                                                                      \
    {                                                                                                        \
        .name = (name_), .as = "div", .role = HTML_BLOCK, .lines = HTML_NEW_LINE, .is = HTML_FLOW,           \
        .holds = HTML_FLOW | HTML_TEXT                                                                       \
    }
#define BLOCK(name_, lines_, is_, holds_, ...)                                                               \
    {                                                                                                        \
        .name = (name_), .role = HTML_BLOCK, .lines = (lines_), .is = (is_), .holds = (holds_), __VA_ARGS__  \
    }

/* Sorted by name. */
static const HtmlElement elements[] = {
    INLINE("a", .attributes = {{"href", HTML_LINK}}, .needs_attribute = true),
    INLINE("abbr", .attributes = {{"title", HTML_WORDS}}),
    INLINE("acronym", .as = "abbr", .attributes = {{"title", HTML_WORDS}}),
    DIVISION("address"),
    REMOVED("applet"),
    DIVISION("article"),
    DIVISION("aside"),
    REMOVED("audio"),
    INLINE("b"),
    INLINE("bdi"),
    INLINE("bdo", .needs_attribute = true),
    BLOCK("blockquote", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_FLOW | HTML_TEXT),
    {.name = "br", .role = HTML_BREAK, .lines = HTML_NEW_LINE},
    REMOVED("button"),
    REMOVED("canvas"),
    BLOCK("caption", HTML_NEW_LINE, HTML_CAPTION, HTML_TEXT, .wrap = "table"),
    DIVISION("center"),
    INLINE("cite"),
    INLINE("code"),
    REMOVED("datalist"),
    BLOCK("dd", HTML_NEW_LINE, HTML_TERM, HTML_FLOW | HTML_TEXT, .wrap = "dl"),
    INLINE("del"),
    DIVISION("details"),
    INLINE("dfn"),
    DIVISION("dialog"),
    BLOCK("dir", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_ITEM, .as = "ul", .fill = "li"),
    DIVISION("div"),
    BLOCK("dl", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_TERM, .fill = "dd"),
    BLOCK("dt", HTML_NEW_LINE, HTML_TERM, HTML_TEXT, .wrap = "dl"),
    INLINE("em"),
    DIVISION("fieldset"),
    PARAGRAPH("figcaption", .as = "p"),
    DIVISION("figure"),
    DIVISION("footer"),
    DIVISION("form"),
    REMOVED("frameset"),
    PARAGRAPH("h1", .as = "h2"),
    PARAGRAPH("h2"),
    PARAGRAPH("h3"),
    PARAGRAPH("h4"),
    PARAGRAPH("h5"),
    PARAGRAPH("h6"),
    DIVISION("header"),
    DIVISION("hgroup"),
    {.name = "hr", .role = HTML_RULE, .lines = HTML_NEW_PARAGRAPH, .is = HTML_FLOW},
    INLINE("i"),
    REMOVED("iframe"),
    {.name = "img", .role = HTML_PICTURE},
    INLINE("ins"),
    INLINE("kbd"),
    PARAGRAPH("legend", .as = "p"),
    BLOCK("li", HTML_NEW_LINE, HTML_ITEM, HTML_FLOW | HTML_TEXT, .wrap = "ul",
          .attributes = {{"value", HTML_NUMBER}}),
    PARAGRAPH("listing", .as = "pre"),
    DIVISION("main"),
    REMOVED("map"),
    INLINE("mark"),
    REMOVED("math"),
    BLOCK("menu", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_ITEM, .as = "ul", .fill = "li"),
    REMOVED("meter"),
    DIVISION("nav"),
    REMOVED("noembed"),
    REMOVED("noframes"),
    REMOVED("noscript"),
    REMOVED("object"),
    BLOCK("ol", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_ITEM, .fill = "li",
          .attributes = {{"start", HTML_NUMBER}, {"reversed", HTML_PRESENT}}),
    REMOVED("optgroup"),
    REMOVED("option"),
    PARAGRAPH("p"),
    REMOVED("plaintext"),
    PARAGRAPH("pre"),
    REMOVED("progress"),
    INLINE("q"),
    INLINE("s"),
    INLINE("samp"),
    REMOVED("script"),
    DIVISION("search"),
    DIVISION("section"),
    REMOVED("select"),
    INLINE("small"),
    INLINE("span", .needs_attribute = true),
    INLINE("strike", .as = "s"),
    INLINE("strong"),
    REMOVED("style"),
    INLINE("sub"),
    PARAGRAPH("summary", .as = "p"),
    INLINE("sup"),
    REMOVED("svg"),
    BLOCK("table", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_CAPTION | HTML_SECTION, .fill = "tbody"),
    BLOCK("tbody", HTML_SAME_LINE, HTML_SECTION, HTML_ROW, .fill = "tr", .wrap = "table"),
    BLOCK("td", HTML_NEW_CELL, HTML_CELL, HTML_FLOW | HTML_TEXT, .wrap = "tr",
          .attributes = {{"colspan", HTML_SPAN}, {"rowspan", HTML_SPAN}}),
    REMOVED("template"),
    REMOVED("textarea"),
    BLOCK("tfoot", HTML_SAME_LINE, HTML_SECTION, HTML_ROW, .fill = "tr", .wrap = "table"),
    BLOCK("th", HTML_NEW_CELL, HTML_CELL, HTML_FLOW | HTML_TEXT, .wrap = "tr",
          .attributes = {{"colspan", HTML_SPAN}, {"rowspan", HTML_SPAN}, {"scope", HTML_SCOPE}}),
    BLOCK("thead", HTML_SAME_LINE, HTML_SECTION, HTML_ROW, .fill = "tr", .wrap = "table"),
    INLINE("time", .attributes = {{"datetime", HTML_INSTANT}}),
    REMOVED("title"),
    BLOCK("tr", HTML_NEW_LINE, HTML_ROW, HTML_CELL, .fill = "td", .wrap = "tbody"),
    INLINE("tt", .as = "code"),
    INLINE("u"),
    BLOCK("ul", HTML_NEW_PARAGRAPH, HTML_FLOW, HTML_ITEM, .fill = "li"),
    INLINE("var"),
    REMOVED("video"),
    REMOVED("xmp"),
};

static int compare_name(const void *name, const void *element)
{
    return strcmp(name, ((const HtmlElement *)element)->name);
}

const HtmlElement *html_element_find(const char *name)
{
    return bsearch(name, elements, G_N_ELEMENTS(elements), sizeof *elements, compare_name);
}
