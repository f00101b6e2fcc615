/* SPDX-License-Identifier: Apache-2.0 */
/* The three pages share one frame, web/page.html. What is in the frame's slots is HTML already, made by
 * html.c's escaping; values are never searched for slots, so no text can become markup. */
#include "gateway/page.h"

#include "gateway/article.h"
#include "gateway/html.h"
#include "gateway/list_query.h"
#include "gateway/masthead.h"
#include "gateway/template.h"

typedef enum {
    SLOT_LANGUAGE,
    SLOT_DIRECTION,
    SLOT_TIME_ZONE,
    SLOT_TITLE,
    SLOT_DESCRIPTION,
    SLOT_KIND,
    SLOT_CURSOR,
    SLOT_NAME,
    SLOT_DATE,
    SLOT_CLOCKS,
    SLOT_STATUS,
    SLOT_CONTACT,
    SLOT_MAIN,
    SLOT_COUNT
} Slot;

static const char *const slot_names[SLOT_COUNT] = {
    [SLOT_LANGUAGE] = "language",
    [SLOT_DIRECTION] = "direction",
    [SLOT_TIME_ZONE] = "time_zone",
    [SLOT_TITLE] = "title",
    [SLOT_DESCRIPTION] = "description",
    [SLOT_KIND] = "kind",
    [SLOT_CURSOR] = "cursor",
    [SLOT_NAME] = "name",
    [SLOT_DATE] = "date",
    [SLOT_CLOCKS] = "clocks",
    [SLOT_STATUS] = "status",
    [SLOT_CONTACT] = "contact",
    [SLOT_MAIN] = "main",
};

/* One page in the making. */
typedef struct {
    const PageContent *content;
    Dates *dates;
    ArticleStyle style;
    GString *slots[SLOT_COUNT];
} Frame;

static void frame_init(Frame *frame, const PageContent *content)
{
    const Site *site = content->site;
    frame->content = content;
    frame->dates = dates_new(site->language);
    frame->style = (ArticleStyle){frame->dates, site->language, site->zone};
    for (int i = 0; i < SLOT_COUNT; i++)
        frame->slots[i] = g_string_new(NULL);
    html_append(frame->slots[SLOT_LANGUAGE], site->language);
    g_string_append(frame->slots[SLOT_DIRECTION], dates_right_to_left(frame->dates) ? "rtl" : "ltr");
    html_append(frame->slots[SLOT_TIME_ZONE], zone_name(site->zone));
    masthead_append_date(frame->slots[SLOT_DATE], frame->dates, site, content->now);
    masthead_append_clocks(frame->slots[SLOT_CLOCKS], frame->dates, site, content->now);
    masthead_append_contact(frame->slots[SLOT_CONTACT], site);
}

static GBytes *frame_finish(Frame *frame, const char *template_text)
{
    GString *page = template_fill(template_text, slot_names, frame->slots, SLOT_COUNT);
    for (int i = 0; i < SLOT_COUNT; i++)
        g_string_free(frame->slots[i], TRUE);
    dates_free(frame->dates);
    return g_string_free_to_bytes(page);
}

/* `heading` is of this page, NULL on the front page, where the site's name is the first heading. */
static void frame_set_titles(Frame *frame, const char *kind, const char *heading, const char *description)
{
    const char *site_title = frame->content->site->title;
    GString *title = frame->slots[SLOT_TITLE];
    if (heading) {
        html_append(title, heading);
        g_string_append(title, " · ");
    }
    html_append(title, site_title);
    html_append(frame->slots[SLOT_DESCRIPTION], description);
    g_string_append(frame->slots[SLOT_KIND], kind);
    GString *name = frame->slots[SLOT_NAME];
    g_string_append_printf(name, "<%s class=\"name\" dir=\"auto\"><a href=\"/\">", heading ? "p" : "h1");
    html_append(name, site_title);
    g_string_append_printf(name, "</a></%s>", heading ? "p" : "h1");
}

/* The widgets of this page go on from the cursor. */
static void frame_set_live(Frame *frame)
{
    html_append(frame->slots[SLOT_CURSOR], frame->content->cursor ? frame->content->cursor : "");
    masthead_append_status(frame->slots[SLOT_STATUS], frame->dates, frame->content->site,
                           frame->content->now);
}

bool page_check_template(const char *template_text, GError **error)
{
    return template_check(template_text, slot_names, SLOT_COUNT, error);
}

/* --- the front page --- */

static const Statement *find_lead(const GPtrArray *statements)
{
    for (guint i = 0; i < statements->len; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        if (article_can_lead(statement))
            return statement;
    }
    return NULL;
}

static void append_list(Frame *frame, const Statement *lead)
{
    GString *main = frame->slots[SLOT_MAIN];
    const GPtrArray *statements = frame->content->statements;
    g_string_append_printf(main,
                           "<section class=\"latest\" aria-labelledby=\"latest\">\n"
                           "<h2 id=\"latest\">Latest statements</h2>\n"
                           "<daywire-statements limit=\"%d\">\n<ol class=\"statements\">\n",
                           PAGE_LIST_MAX);
    unsigned shown = 0;
    for (guint i = 0; i < statements->len && shown < PAGE_LIST_MAX; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        if (statement == lead)
            continue;
        article_append_item(main, &frame->style, statement);
        shown++;
    }
    g_string_append(main, "</ol>\n");
    if (statements->len == 0)
        g_string_append(main, "<p class=\"none\">No statements yet.</p>\n");
    g_string_append(main, "</daywire-statements>\n"
                          "<p class=\"more\"><a href=\"/statements\">All messages</a></p>\n</section>");
}

GBytes *page_render_home(const char *template_text, const PageContent *content)
{
    Frame frame;
    frame_init(&frame, content);
    const Statement *lead = find_lead(content->statements);
    frame_set_titles(&frame, "home", NULL, lead ? lead->title : content->site->title);
    frame_set_live(&frame);
    GString *main = frame.slots[SLOT_MAIN];
    masthead_append_counters(main, content->site, content->ticks);
    g_string_append(main, "\n<div class=\"front\">\n");
    if (lead)
        g_string_append(main, "<p class=\"jump\"><a href=\"#latest\">Latest statements</a></p>\n");
    g_string_append(main, "<daywire-lead>");
    if (lead)
        article_append_full(main, &frame.style, lead, 2);
    g_string_append(main, "</daywire-lead>\n");
    append_list(&frame, lead);
    g_string_append(main, "\n</div>");
    return frame_finish(&frame, template_text);
}

/* --- all messages --- */

static void append_search(GString *main, const char *search)
{
    g_string_append(main,
                    "<form role=\"search\" action=\"/statements\" method=\"get\">\n"
                    "<label for=\"q\">Search all messages</label>\n"
                    "<input type=\"search\" id=\"q\" name=\"q\" maxlength=\"200\" autocomplete=\"off\"");
    if (search)
        html_append_attribute(main, "value", search);
    g_string_append(main, ">\n<button type=\"submit\">Search</button>\n</form>\n");
}

static void append_page_link(GString *main, const char *relation, const char *text, const char *search,
                             const char *before)
{
    g_autofree char *query =
        list_query_format(&(ViewQuery){.limit = LIST_LIMIT_DEFAULT, .search = search}, before);
    g_autofree char *target = g_strconcat("/statements", query, NULL);
    g_string_append_printf(main, "<a rel=\"%s\"", relation);
    html_append_attribute(main, "href", target);
    g_string_append_printf(main, ">%s</a>\n", text);
}

static void append_results(Frame *frame, const char *search)
{
    GString *main = frame->slots[SLOT_MAIN];
    const GPtrArray *statements = frame->content->statements;
    if (statements->len == 0) {
        g_string_append(main, "<p class=\"none\">");
        g_string_append(main, search ? "Nothing was found for “" : "No statements yet.");
        if (search) {
            g_string_append(main, "<bdi>");
            html_append(main, search);
            g_string_append(main, "</bdi>”.");
        }
        g_string_append(main, "</p>\n");
        return;
    }
    g_string_append(main, "<ol class=\"statements\">\n");
    for (guint i = 0; i < statements->len; i++)
        article_append_item(main, &frame->style, g_ptr_array_index(statements, i));
    g_string_append(main, "</ol>\n");
}

GBytes *page_render_archive(const char *template_text, const PageContent *content, const char *next,
                            const char *search)
{
    if (search && !*search)
        search = NULL;
    Frame frame;
    frame_init(&frame, content);
    frame_set_titles(&frame, "archive", "All messages", content->site->title);
    GString *main = frame.slots[SLOT_MAIN];
    g_string_append(main, "<section class=\"archive\" aria-labelledby=\"archive\">\n"
                          "<h1 id=\"archive\">All messages</h1>\n");
    append_search(main, search);
    append_results(&frame, search);
    if (content->before || next || search) {
        g_string_append(main, "<nav class=\"pages\" aria-label=\"Pages\">\n");
        if (search)
            append_page_link(main, "up", "All messages", NULL, NULL);
        if (content->before)
            append_page_link(main, "first", "Newest", search, NULL);
        if (next)
            append_page_link(main, "next", "Older", search, next);
        g_string_append(main, "</nav>\n");
    }
    g_string_append(main, "</section>");
    return frame_finish(&frame, template_text);
}

/* --- one statement --- */

GBytes *page_render_statement(const char *template_text, const PageContent *content,
                              const Statement *statement)
{
    Frame frame;
    frame_init(&frame, content);
    bool withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN;
    g_autofree char *excerpt = article_excerpt(statement);
    frame_set_titles(&frame, "statement", article_title(statement), withdrawn ? statement->note : excerpt);
    frame_set_live(&frame);
    GString *main = frame.slots[SLOT_MAIN];
    g_string_append(main, "<daywire-lead");
    html_append_attribute(main, "statement", statement->id);
    g_string_append_c(main, '>');
    article_append_full(main, &frame.style, statement, 1);
    g_string_append(main, "</daywire-lead>\n"
                          "<p class=\"more\"><a href=\"/statements\">All messages</a></p>");
    return frame_finish(&frame, template_text);
}
