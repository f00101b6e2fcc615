/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/syndication_entry.h"

#include "gateway/article.h"
#include "gateway/html.h"

char *syndication_url(const Syndication *feed, const char *path, const char *query)
{
    return g_strconcat(feed->site_url, path, query, NULL);
}

/* Of a withdrawal without a reason the title once more, so that there is something in place of the text. */
static void append_note(GString *html, const Statement *statement)
{
    const char *label = article_note_label(statement);

    if (!label)
        return;
    g_string_append(html, "<p>");
    if (*label)
        g_string_append_printf(html, "<strong>%s</strong> ", label);
    html_append(html, *statement->note ? statement->note : article_title(statement));
    g_string_append(html, "</p>\n");
}

static char *make_content(const Statement *statement)
{
    GString *html = g_string_new(NULL);

    append_note(html, statement);
    article_append_text(html, statement);
    return g_string_free(html, FALSE);
}

Instant syndication_updated_at(const Statement *statement)
{
    Instant moment = 0;

    if (statement->updated_at)
        return instant_from_timestamp(statement->updated_at);
    return statement_moment(statement, &moment) ? moment : 0;
}

static void set_instants(SyndicationEntry *entry)
{
    const Statement *statement = entry->statement;
    Instant moment = 0;

    if (statement_moment(statement, &moment))
        instant_format(moment, statement->published_at ? statement->published_at_offset_minutes : 0,
                       entry->published);
    instant_format(syndication_updated_at(statement), 0, entry->updated);
}

void syndication_entry_init(SyndicationEntry *entry, const Syndication *feed, const Statement *statement)
{
    g_autofree char *path = article_path(statement);

    *entry = (SyndicationEntry){.statement = statement,
                                .withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN,
                                .title = article_title(statement),
                                .url = syndication_url(feed, path, NULL)};
    entry->content = make_content(statement);
    set_instants(entry);
}

void syndication_entry_clear(SyndicationEntry *entry)
{
    g_clear_pointer(&entry->url, g_free);
    g_clear_pointer(&entry->content, g_free);
}
