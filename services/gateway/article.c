/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/article.h"

#include "common/markup/html_body.h"
#include "gateway/html.h"

#define EXCERPT_MAX 400 /* characters of a body where there is no summary */

static bool is_withdrawn(const Statement *statement)
{
    return statement->status == STATEMENT_STATUS_WITHDRAWN;
}

bool article_can_lead(const Statement *statement)
{
    return !is_withdrawn(statement) && *statement->body;
}

const char *article_title(const Statement *statement)
{
    return is_withdrawn(statement) ? "Statement withdrawn" : statement->title;
}

const char *article_note_label(const Statement *statement)
{
    if (is_withdrawn(statement))
        return "";
    return statement->change == STATEMENT_CHANGE_CORRECTED && *statement->note ? "Corrected" : NULL;
}

char *article_path(const Statement *statement)
{
    g_autofree char *escaped = g_uri_escape_string(statement->id, NULL, FALSE);
    return g_strconcat("/statements/", escaped, NULL);
}

char *article_excerpt(const Statement *statement)
{
    if (is_withdrawn(statement))
        return g_strdup("");
    if (*statement->summary)
        return g_strdup(statement->summary);
    g_autofree char *body = html_body_text(statement);
    return text_teaser(body, EXCERPT_MAX);
}

static const char *change_name(const Statement *statement)
{
    if (is_withdrawn(statement))
        return "withdrawn";
    if (statement->change == STATEMENT_CHANGE_CORRECTED)
        return "corrected";
    return statement->change == STATEMENT_CHANGE_UPDATED ? "updated" : "published";
}

/* The opening tag with what the widgets need to go on from here. */
static void append_start(GString *html, const Statement *statement)
{
    g_string_append(html, "<article");
    html_append_attribute(html, "data-id", statement->id);
    g_string_append_printf(html, " data-revision=\"%u\" data-change=\"%s\"", statement->revision,
                           change_name(statement));
    if (article_can_lead(statement))
        g_string_append(html, " data-body");
    if (*statement->language)
        html_append_attribute(html, "lang", statement->language);
}

/* For what the site says within a statement of another language. */
static void append_site_language(GString *html, const ArticleStyle *style, const Statement *statement)
{
    if (*statement->language && strcmp(statement->language, style->language) != 0)
        html_append_attribute(html, "lang", style->language);
}

static void append_date(GString *html, const ArticleStyle *style, const Statement *statement)
{
    char instant[INSTANT_TEXT_MAX];
    const char *machine = statement->date;
    if (statement->published_at)
        machine = instant_format(instant_from_timestamp(statement->published_at),
                                 statement->published_at_offset_minutes, instant);
    CivilDate date = 0;
    g_autofree char *words =
        civil_date_parse(statement->date, &date) ? dates_long(style->dates, date) : g_strdup(statement->date);
    g_string_append(html, "<time class=\"date\"");
    html_append_attribute(html, "datetime", machine);
    html_append_attribute(html, "data-date", statement->date);
    g_string_append_c(html, '>');
    html_append(html, words);
    g_string_append(html, "</time>");
}

static void append_meta(GString *html, const ArticleStyle *style, const Statement *statement, bool full)
{
    const struct {
        const char *name, *text;
    } words[] = {{"kind", statement->kind},
                 {"author", full ? statement->author : ""},
                 {"place", full ? statement->place : ""}};
    g_string_append(html, "<p class=\"meta\"");
    append_site_language(html, style, statement);
    g_string_append_c(html, '>');
    append_date(html, style, statement);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!*words[i].text || is_withdrawn(statement))
            continue;
        g_string_append_printf(html, " <span class=\"%s\"><bdi>", words[i].name);
        html_append(html, words[i].text);
        g_string_append(html, "</bdi></span>");
    }
    g_string_append(html, "</p>\n");
}

static void append_heading(GString *html, const Statement *statement, int level)
{
    g_autofree char *path = article_path(statement);
    g_string_append_printf(html, "<h%d class=\"title\" dir=\"auto\"><a", level);
    html_append_attribute(html, "href", path);
    g_string_append_c(html, '>');
    html_append(html, article_title(statement));
    g_string_append_printf(html, "</a></h%d>\n", level);
}

/* With the time since when it is so. */
static void append_note(GString *html, const ArticleStyle *style, const Statement *statement)
{
    const char *label = article_note_label(statement);
    if (!label)
        return;
    g_string_append(html, "<p class=\"note\"");
    append_site_language(html, style, statement);
    g_string_append_c(html, '>');
    if (*label)
        g_string_append_printf(html, "<strong>%s</strong> ", label);
    if (statement->updated_at) {
        Instant at = instant_from_timestamp(statement->updated_at);
        char machine[INSTANT_TEXT_MAX];
        g_autofree char *words = dates_long_with_time(style->dates, style->zone, at);
        g_string_append_printf(html, "<time datetime=\"%s\">", instant_format(at, 0, machine));
        html_append(html, words);
        g_string_append(html, "</time> ");
    }
    g_string_append(html, "<span class=\"reason\" dir=\"auto\"");
    if (*statement->language)
        html_append_attribute(html, "lang", statement->language);
    g_string_append_c(html, '>');
    html_append(html, statement->note);
    g_string_append(html, "</span></p>\n");
}

void article_append_item(GString *html, const ArticleStyle *style, const Statement *statement)
{
    g_autofree char *excerpt = article_excerpt(statement);
    g_string_append(html, "<li>");
    append_start(html, statement);
    g_string_append(html, ">\n");
    append_meta(html, style, statement, false);
    append_heading(html, statement, 3);
    append_note(html, style, statement);
    if (*excerpt) {
        g_string_append(html, "<p class=\"excerpt\" dir=\"auto\">");
        html_append(html, excerpt);
        g_string_append(html, "</p>\n");
    }
    g_string_append(html, "</article></li>\n");
}

static void append_body(GString *html, const Statement *statement)
{
    if (!*statement->body)
        return;
    if (statement->body_type == BODY_TYPE_HTML) {
        /* Reduced when it was read from the topic (record_event.c). */
        g_string_append_printf(html, "<div class=\"body html\" dir=\"auto\">\n%s\n</div>\n", statement->body);
        return;
    }
    g_string_append(html, "<div class=\"body\">\n");
    html_append_paragraphs(html, statement->body);
    g_string_append(html, "</div>\n");
}

void article_append_text(GString *html, const Statement *statement)
{
    if (is_withdrawn(statement))
        return;
    g_autofree char *body = html_body_text(statement);
    if (*statement->summary && !g_str_has_prefix(body, statement->summary)) {
        g_string_append(html, "<div class=\"summary\">\n");
        html_append_paragraphs(html, statement->summary);
        g_string_append(html, "</div>\n");
    }
    append_body(html, statement);
}

static void append_original(GString *html, const Statement *statement)
{
    if (is_withdrawn(statement) || !*statement->url)
        return;
    g_string_append(html, "<p class=\"original\"><a rel=\"external\"");
    html_append_link(html, statement->url);
    g_string_append(html, ">Original</a></p>\n");
}

void article_append_full(GString *html, const ArticleStyle *style, const Statement *statement, int level)
{
    g_autofree char *excerpt = article_excerpt(statement);
    append_start(html, statement);
    /* For the list, when another statement comes to lead the page. */
    html_append_attribute(html, "data-excerpt", excerpt);
    g_string_append(html, ">\n");
    append_meta(html, style, statement, true);
    append_heading(html, statement, level);
    append_note(html, style, statement);
    article_append_text(html, statement);
    append_original(html, statement);
    g_string_append(html, "</article>");
}
