/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_entry.h"

#include "common/formats/feed_repair.h"
#include "common/formats/feed_text.h"
#include "common/statement_rules.h"
#include "common/text.h"

#define DATE_FIELD "published_at"

void feed_entry_init(FeedEntry *entry, unsigned line)
{
    *entry = (FeedEntry){
        .line = line, .authors = g_string_new(NULL), .tags = g_ptr_array_new_with_free_func(g_free)};
}

void feed_entry_clear(FeedEntry *entry)
{
    g_free(entry->guid);
    g_free(entry->link);
    g_free(entry->title);
    g_free(entry->summary);
    g_free(entry->summary_html);
    g_free(entry->body);
    g_free(entry->language);
    g_free(entry->reason);
    if (entry->authors)
        g_string_free(entry->authors, TRUE);
    if (entry->tags)
        g_ptr_array_unref(entry->tags);
    *entry = (FeedEntry){0};
}

void feed_entry_refuse(FeedEntry *entry, const char *field, const char *reason)
{
    if (entry->field)
        return;
    entry->field = field;
    entry->reason = g_strdup(reason);
}

void feed_entry_set(char **field, char *text)
{
    g_autofree char *owned = text;
    g_autofree char *trimmed = text ? text_trim(feed_unrepair(text)) : NULL;
    if (!*field && trimmed && *trimmed)
        *field = g_steal_pointer(&trimmed);
}

void feed_entry_add_tag(FeedEntry *entry, char *text)
{
    g_autofree char *owned = text;
    g_autofree char *tag = text ? feed_one_line(feed_unrepair(text)) : NULL;
    if (!tag || !*tag || g_utf8_strlen(tag, -1) > STATEMENT_WORD_MAX ||
        entry->tags->len == STATEMENT_TAGS_MAX ||
        g_ptr_array_find_with_equal_func(entry->tags, tag, g_str_equal, NULL))
        return;
    g_ptr_array_add(entry->tags, g_steal_pointer(&tag));
}

/* As feed_entry_add_author() says; may be blank. */
static char *name_of(const char *text)
{
    const char *mail = strchr(text, '@');
    const char *open = strchr(text, '(');
    const char *close = open ? strrchr(open, ')') : NULL;
    if (!mail)
        return feed_one_line(text);
    g_autofree char *part = NULL;
    if (close && mail < open)
        part = g_strndup(open + 1, (gsize)(close - open - 1));
    else if ((open = strchr(text, '<')) && open < mail)
        part = g_strndup(text, (gsize)(open - text));
    char *name = feed_one_line(part ? part : text);
    if (strchr(name, '@') && !strchr(name, ' '))
        *name = '\0';
    return name;
}

void feed_entry_add_author(FeedEntry *entry, char *text)
{
    g_autofree char *owned = text;
    g_autofree char *name = text ? name_of(feed_unrepair(text)) : NULL;
    if (!name || !*name || entry->authors->len > STATEMENT_WORD_MAX * 4UL) /* bytes: enough in any script */
        return;
    g_string_append_printf(entry->authors, "%s%s", entry->authors->len > 0 ? ", " : "", name);
}

void feed_entry_add_date(FeedEntry *entry, char *text)
{
    g_autofree char *owned = text;
    g_autoptr(GError) error = NULL;
    if (entry->dated || !text || !text[strspn(text, " \t\r\n")])
        return;
    entry->dated = feed_date_parse(text, &entry->date, &error);
    if (!entry->dated) {
        feed_entry_refuse(entry, DATE_FIELD, error->message);
    } else if (g_strcmp0(entry->field, DATE_FIELD) == 0) { /* another date could not be read */
        entry->field = NULL;
        g_clear_pointer(&entry->reason, g_free);
    }
}
