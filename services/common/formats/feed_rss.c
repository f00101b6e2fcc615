/* SPDX-License-Identifier: Apache-2.0 */
/* RSS 0.91 to 2.0: <rss><channel><item>; RSS 0.90 and 1.0: <rdf:RDF> with channel and items beside each other.
 * Both carry elements of Dublin Core, the content module and Atom. */
#include "common/formats/feed_xml.h"

#include "common/formats/feed_link.h"
#include "common/formats/feed_node.h"
#include "common/formats/feed_text.h"

#define TTL_MAX 527040 /* minutes: a year */

typedef struct {
    FeedNamespace space;
    const char *name;
} ElementName;

/* In order of preference. */
static const ElementName item_dates[] = {
    {NS_RSS, "pubDate"},    {NS_DC, "date"},          {NS_DCTERMS, "issued"},
    {NS_ATOM, "published"}, {NS_DCTERMS, "modified"}, {NS_ATOM, "updated"},
};
static const ElementName feed_dates[] = {
    {NS_RSS, "pubDate"}, {NS_RSS, "lastBuildDate"}, {NS_DC, "date"}, {NS_ATOM, "updated"}};

static bool matches(const xmlNode *root)
{
    return feed_node_is(root, NS_RSS, "rss") || feed_node_is(root, NS_RDF, "RDF");
}

static void set_ttl(FeedHead *head, xmlNode *channel)
{
    const xmlNode *node = feed_node_find(channel->children, NS_RSS, "ttl");
    g_autofree char *text = node ? feed_node_text(node) : NULL;
    guint64 minutes = 0;
    if (text && g_ascii_string_to_unsigned(g_strstrip(text), 10, 1, TTL_MAX, &minutes, NULL))
        head->ttl_minutes = (unsigned)minutes;
}

/* Hours are 0 to 23; 24 is met and means 0. */
static void set_skip_hours(FeedHead *head, xmlNode *channel)
{
    const xmlNode *list = feed_node_find(channel->children, NS_RSS, "skipHours");
    for (xmlNode *node = list ? list->children : NULL; (node = feed_node_find(node, NS_RSS, "hour"));
         node = node->next) {
        g_autofree char *text = feed_node_text(node);
        guint64 hour = 0;
        if (g_ascii_string_to_unsigned(g_strstrip(text), 10, 0, 24, &hour, NULL))
            head->skip_hours |= UINT32_C(1) << (hour % 24);
    }
}

static void set_skip_days(FeedHead *head, xmlNode *channel)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const xmlNode *list = feed_node_find(channel->children, NS_RSS, "skipDays");
    for (xmlNode *node = list ? list->children : NULL; (node = feed_node_find(node, NS_RSS, "day"));
         node = node->next) {
        g_autofree char *text = feed_node_text(node);
        g_strstrip(text);
        for (unsigned day = 0; day < G_N_ELEMENTS(days); day++) {
            if (g_ascii_strncasecmp(text, days[day], 3) == 0)
                head->skip_days |= (uint8_t)(1U << day);
        }
    }
}

/* Reads like an item: the first date that can be read. */
static void set_date(FeedRun *run, xmlNode *channel)
{
    g_auto(FeedEntry) entry = {0};
    feed_entry_init(&entry, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(feed_dates); i++) {
        const xmlNode *node = feed_node_find(channel->children, feed_dates[i].space, feed_dates[i].name);
        feed_entry_add_date(&entry, node ? feed_node_text(node) : NULL);
    }
    run->dated = entry.dated;
    run->date = entry.date;
}

static void read_channel(xmlNode *channel, FeedRun *run)
{
    for (xmlNode *node = channel->children; node; node = node->next) {
        if (feed_node_is(node, NS_RSS, "title")) {
            feed_run_set_title(run, feed_node_plain(node));
        } else if (feed_node_is(node, NS_RSS, "link") && !run->link) {
            g_autofree char *link = feed_node_text(node);
            run->link = feed_link(link, run->context->base_url);
        } else if (feed_node_is(node, NS_RSS, "language") || feed_node_is(node, NS_DC, "language")) {
            feed_entry_set(&run->language, feed_node_text(node));
        }
    }
    set_ttl(&run->head, channel);
    set_skip_hours(&run->head, channel);
    set_skip_days(&run->head, channel);
    set_date(run, channel);
}

static void add_items(xmlNode *parent, GPtrArray *items)
{
    for (xmlNode *node = parent->children; (node = feed_node_find(node, NS_RSS, "item")); node = node->next)
        g_ptr_array_add(items, node);
}

static void read_feed(xmlNode *root, FeedRun *run, GPtrArray *items)
{
    xmlNode *channel = feed_node_find(root->children, NS_RSS, "channel");
    if (channel) {
        read_channel(channel, run);
        add_items(channel, items);
    }
    add_items(root, items);
}

/* A guid is an address unless it says that it is none. */
static char *guid_link(xmlNode *node)
{
    g_autofree char *permanent = feed_node_attribute(node, "isPermaLink");
    g_autofree char *guid = feed_node_text(node);
    bool is_link = !permanent || g_ascii_strcasecmp(g_strstrip(permanent), "false") != 0;
    return is_link ? feed_link(guid, NULL) : NULL;
}

static char *atom_link(xmlNode *node)
{
    g_autofree char *relation = feed_node_attribute(node, "rel");
    g_autofree char *address = feed_node_attribute(node, "href");
    bool is_alternate = !relation || g_ascii_strcasecmp(relation, "alternate") == 0;
    return is_alternate && address ? feed_node_link(node, address) : NULL;
}

/* What the item says of itself comes before what is made of its guid. */
static void set_link(xmlNode *item, FeedEntry *entry)
{
    for (xmlNode *node = item->children; (node = feed_node_find(node, NS_RSS, "link")); node = node->next) {
        g_autofree char *address = feed_node_text(node);
        feed_entry_set(&entry->link, feed_node_link(node, address));
    }
    for (xmlNode *node = item->children; (node = feed_node_find(node, NS_ATOM, "link")); node = node->next)
        feed_entry_set(&entry->link, atom_link(node));
    xmlNode *guid = feed_node_find(item->children, NS_RSS, "guid");
    if (guid)
        feed_entry_set(&entry->link, guid_link(guid));
}

static void read_texts(xmlNode *node, FeedEntry *entry)
{
    if (feed_node_is(node, NS_RSS, "title") || feed_node_is(node, NS_DC, "title")) {
        g_autofree char *title = feed_node_plain(node);
        feed_entry_set(&entry->title, feed_one_line(title));
    } else if (feed_node_is(node, NS_RSS, "description") || feed_node_is(node, NS_DC, "description")) {
        if (!entry->summary)
            feed_entry_set(&entry->summary_html, feed_node_text(node));
        feed_entry_set(&entry->summary, feed_node_plain(node));
    } else if (feed_node_is(node, NS_CONTENT, "encoded")) {
        feed_entry_set(&entry->body, feed_node_text(node));
        entry->body_is_html = true;
    }
}

static void read_labels(xmlNode *node, FeedEntry *entry)
{
    if (feed_node_is(node, NS_RSS, "guid"))
        feed_entry_set(&entry->guid, feed_node_text(node));
    else if (feed_node_is(node, NS_RSS, "category") || feed_node_is(node, NS_DC, "subject"))
        feed_entry_add_tag(entry, feed_node_plain(node));
    else if (feed_node_is(node, NS_DC, "creator"))
        feed_entry_add_author(entry, feed_node_text(node));
    else if (feed_node_is(node, NS_DC, "language"))
        feed_entry_set(&entry->language, feed_node_text(node));
}

static void read_item(xmlNode *item, FeedEntry *entry)
{
    for (xmlNode *node = item->children; node; node = node->next) {
        read_texts(node, entry);
        read_labels(node, entry);
    }
    set_link(item, entry);
    for (size_t i = 0; i < G_N_ELEMENTS(item_dates); i++) {
        const xmlNode *date = feed_node_find(item->children, item_dates[i].space, item_dates[i].name);
        feed_entry_add_date(entry, date ? feed_node_text(date) : NULL);
    }
    const xmlNode *author = feed_node_find(item->children, NS_RSS, "author");
    if (author && entry->authors->len == 0)
        feed_entry_add_author(entry, feed_node_text(author));
    feed_entry_set(&entry->language, feed_node_language(item));
    feed_entry_set(&entry->guid, feed_node_attribute(item, "about")); /* rdf:about, before there were guids */
}

const FeedXmlKind feed_rss = {.matches = matches, .read_feed = read_feed, .read_item = read_item};
