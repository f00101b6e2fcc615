/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). */
#include "common/json.h"
#include "gateway/syndication_entry.h"

static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *text)
{
    if (text && *text)
        yyjson_mut_obj_add_val(doc, object, name, json_text(doc, text));
}

static void add_author(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name)
{
    if (!*name)
        return;
    yyjson_mut_val *authors = yyjson_mut_obj_add_arr(doc, object, "authors");
    add_text(doc, yyjson_mut_arr_add_obj(doc, authors), "name", name);
}

static void add_tags(yyjson_mut_doc *doc, yyjson_mut_val *object, const Statement *statement)
{
    if (statement->n_tags == 0)
        return;
    yyjson_mut_val *tags = yyjson_mut_obj_add_arr(doc, object, "tags");
    for (size_t i = 0; i < statement->n_tags; i++)
        yyjson_mut_arr_append(tags, json_text(doc, statement->tags[i]));
}

static void add_item(yyjson_mut_doc *doc, yyjson_mut_val *items, const SyndicationEntry *entry)
{
    const Statement *statement = entry->statement;
    yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, items);

    add_text(doc, item, "id", entry->url);
    add_text(doc, item, "url", entry->url);
    add_text(doc, item, "title", entry->title);
    yyjson_mut_obj_add_val(doc, item, "content_html", json_text(doc, entry->content));
    add_text(doc, item, "date_published", entry->published);
    add_text(doc, item, "date_modified", entry->updated);
    add_text(doc, item, "language", statement->language);
    if (entry->withdrawn)
        return;
    add_text(doc, item, "external_url", statement->url);
    add_text(doc, item, "summary", statement->summary);
    add_author(doc, item, statement->author);
    add_tags(doc, item, statement);
}

GBytes *syndication_to_json(const Syndication *feed)
{
    g_autofree char *home = syndication_url(feed, "/", NULL);
    g_autofree char *self = syndication_url(feed, SYNDICATION_JSON_PATH, feed->query);
    g_autofree char *next = feed->next ? syndication_url(feed, SYNDICATION_JSON_PATH, feed->next) : NULL;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    add_text(doc, object, "version", "https://jsonfeed.org/version/1.1");
    add_text(doc, object, "title", feed->site->title);
    add_text(doc, object, "home_page_url", home);
    add_text(doc, object, "feed_url", self);
    add_text(doc, object, "next_url", next);
    add_text(doc, object, "language", feed->site->language);
    add_author(doc, object, feed->site->title);
    yyjson_mut_val *items = yyjson_mut_obj_add_arr(doc, object, "items");
    for (guint i = 0; i < feed->statements->len; i++) {
        g_auto(SyndicationEntry) entry = {0};
        syndication_entry_init(&entry, feed, g_ptr_array_index(feed->statements, i));
        add_item(doc, items, &entry);
    }
    return json_write_bytes(object);
}
