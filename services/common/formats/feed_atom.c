/* SPDX-License-Identifier: Apache-2.0 */
/* Atom 1.0 (RFC 4287) and the draft 0.3 that went before it; a document may also be one entry. What kind of text
 * an element holds is said by `type`, in 0.3 by `type` and `mode`. */
#include "common/formats/feed_xml.h"

#include "common/formats/feed_node.h"
#include "common/formats/feed_text.h"
#include "common/markup/html_text.h"

static bool is_atom(const xmlNode *node, const char *name)
{
    return feed_node_is(node, NS_ATOM, name) || feed_node_is(node, NS_ATOM_03, name);
}

static xmlNode *find(xmlNode *from, const char *name)
{
    while (from && !is_atom(from, name))
        from = from->next;
    return from;
}

static bool matches(const xmlNode *root)
{
    return is_atom(root, "feed") || is_atom(root, "entry");
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (g_ascii_strcasecmp(word, *words) == 0)
            return true;
    }
    return false;
}

/* The text of an element that may hold any kind of it; NULL: a kind that is not read here, such as a picture. */
static char *content_of(xmlNode *node, bool *ret_is_html)
{
    static const char *const html[] = {"html", "text/html", NULL};
    static const char *const xhtml[] = {"xhtml", "application/xhtml+xml", NULL};
    static const char *const plain[] = {"", "text", "text/plain", NULL};
    g_autofree char *type = feed_node_attribute(node, "type");
    g_autofree char *mode = feed_node_attribute(node, "mode");
    g_autofree char *name = g_strndup(type ? type : "", strcspn(type ? type : "", "; \t"));
    bool is_version_03 = feed_node_namespace(node) == NS_ATOM_03;
    bool is_inline = !mode || g_ascii_strcasecmp(mode, "xml") == 0;
    if (mode && g_ascii_strcasecmp(mode, "base64") == 0)
        return NULL;
    *ret_is_html = is_one_of(name, html) || is_one_of(name, xhtml);
    if (!*ret_is_html)
        return is_one_of(name, plain) ? feed_node_text(node) : NULL;
    if (!is_one_of(name, xhtml) && !(is_version_03 && is_inline))
        return feed_node_text(node);
    xmlNode *element = xmlFirstElementChild(node);
    bool is_wrapped = element && g_ascii_strcasecmp((const char *)element->name, "div") == 0 &&
                      !xmlNextElementSibling(element);
    return feed_node_markup(is_wrapped ? element : node);
}

/* NULL: none. */
static char *plain_of(xmlNode *node, char **ret_html)
{
    bool is_html = false;
    char *text = content_of(node, &is_html);
    if (!text || !is_html)
        return text;
    char *plain = html_to_text(text);
    if (ret_html)
        *ret_html = text;
    else
        g_free(text);
    return plain;
}

static char *title_of(xmlNode *node)
{
    g_autofree char *text = plain_of(node, NULL);
    return text ? feed_one_line(text) : NULL;
}

/* The page for people: rel="alternate", which is also meant by no rel; HTML before any other type. */
static char *find_link(xmlNode *parent)
{
    static const char *const relations[] = {"", "alternate",
                                            "http://www.iana.org/assignments/relation/alternate", NULL};
    static const char *const types[] = {"", "text/html", "application/xhtml+xml", NULL};
    g_autofree char *other = NULL;
    for (xmlNode *node = parent->children; (node = find(node, "link")); node = node->next) {
        g_autofree char *relation = feed_node_attribute(node, "rel");
        g_autofree char *type = feed_node_attribute(node, "type");
        g_autofree char *address = feed_node_attribute(node, "href");
        char *link =
            address && is_one_of(relation ? relation : "", relations) ? feed_node_link(node, address) : NULL;
        if (link && is_one_of(type ? type : "", types))
            return link;
        if (link && !other)
            other = link;
        else
            g_free(link);
    }
    return g_steal_pointer(&other);
}

static void add_authors(xmlNode *parent, FeedEntry *entry)
{
    for (xmlNode *node = parent->children; (node = find(node, "author")); node = node->next) {
        const xmlNode *name = find(node->children, "name");
        feed_entry_add_author(entry, name ? feed_node_text(name) : NULL);
    }
}

static void add_dates(xmlNode *parent, const char *const *names, FeedEntry *entry)
{
    for (; *names; names++) {
        const xmlNode *node = find(parent->children, *names);
        feed_entry_add_date(entry, node ? feed_node_text(node) : NULL);
    }
}

static void read_feed(xmlNode *root, FeedRun *run, GPtrArray *items)
{
    static const char *const dates[] = {"updated", "modified", NULL};
    if (is_atom(root, "entry")) {
        g_ptr_array_add(items, root);
        return;
    }
    g_auto(FeedEntry) entry = {0};
    feed_entry_init(&entry, 0);
    xmlNode *title = find(root->children, "title");
    feed_run_set_title(run, title ? plain_of(title, NULL) : NULL);
    run->link = find_link(root);
    add_authors(root, &entry);
    add_dates(root, dates, &entry);
    if (entry.authors->len > 0)
        run->author = g_strdup(entry.authors->str);
    run->dated = entry.dated;
    run->date = entry.date;
    for (xmlNode *node = root->children; (node = find(node, "entry")); node = node->next)
        g_ptr_array_add(items, node);
}

static void read_child(xmlNode *node, FeedEntry *entry)
{
    if (is_atom(node, "title") && !entry->title) {
        feed_entry_set(&entry->title, title_of(node));
        feed_entry_set(&entry->language, feed_node_language(node));
    } else if (is_atom(node, "summary") && !entry->summary) {
        feed_entry_set(&entry->summary, plain_of(node, &entry->summary_html));
    } else if (is_atom(node, "content") && !entry->body) {
        feed_entry_set(&entry->body, content_of(node, &entry->body_is_html));
    } else if (is_atom(node, "id")) {
        feed_entry_set(&entry->guid, feed_node_text(node));
    } else if (is_atom(node, "category")) {
        char *label = feed_node_attribute(node, "label");
        feed_entry_add_tag(entry, label ? label : feed_node_attribute(node, "term"));
    } else if (feed_node_is(node, NS_DC, "subject")) {
        feed_entry_add_tag(entry, feed_node_text(node));
    } else if (feed_node_is(node, NS_DC, "creator")) {
        feed_entry_add_author(entry, feed_node_text(node));
    }
}

static void read_item(xmlNode *item, FeedEntry *entry)
{
    static const char *const dates[] = {"published", "issued", "created", "updated", "modified", NULL};
    for (xmlNode *node = item->children; node; node = node->next)
        read_child(node, entry);
    entry->link = find_link(item);
    if (entry->authors->len == 0)
        add_authors(item, entry);
    xmlNode *source = find(item->children, "source"); /* of an entry taken from another feed */
    if (entry->authors->len == 0 && source)
        add_authors(source, entry);
    add_dates(item, dates, entry);
    const xmlNode *date = feed_node_find(item->children, NS_DC, "date");
    feed_entry_add_date(entry, date ? feed_node_text(date) : NULL);
    feed_entry_set(&entry->language, feed_node_language(item));
}

const FeedXmlKind feed_atom = {.matches = matches, .read_feed = read_feed, .read_item = read_item};
