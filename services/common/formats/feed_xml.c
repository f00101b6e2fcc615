/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_xml.h"

#include "common/error.h"
#include "common/formats/feed_document.h"
#include "common/formats/feed_node.h"

static const FeedXmlKind *const kinds[] = {&feed_rss, &feed_atom};

static const FeedXmlKind *kind_of(const xmlNode *root)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i]->matches(root))
            return kinds[i];
    }
    return NULL;
}

static void give_items(const FeedXmlKind *kind, const GPtrArray *items, FeedRun *run)
{
    bool more = true;
    for (guint i = 0; i < items->len && more; i++) {
        xmlNode *item = g_ptr_array_index(items, i);
        g_auto(FeedEntry) entry = {0};
        feed_entry_init(&entry, (unsigned)MAX(xmlGetLineNo(item), 0));
        kind->read_item(item, &entry);
        more = feed_run_give(run, &entry);
    }
}

static bool read_document(xmlDoc *document, FeedRun *run, GError **error)
{
    xmlNode *root = xmlDocGetRootElement(document);
    const FeedXmlKind *kind = root ? kind_of(root) : NULL;
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    if (!kind)
        return error_refuse(error,
                            "XML, but no feed: its first element is <%s>, not <rss>, <rdf:RDF> or <feed>",
                            root ? (const char *)root->name : "");
    feed_document_set_base(document, feed_run_base(run));
    kind->read_feed(root, run, items);
    if (items->len > FEED_ITEMS_MAX)
        return feed_too_large(error, "a feed has at most %d items, this one has %u", FEED_ITEMS_MAX,
                              items->len);
    feed_document_set_base(document, feed_run_base(run)); /* the feed's own link may be known now */
    feed_run_begin(run);
    give_items(kind, items, run);
    return true;
}

bool feed_read_xml(const char *text, FeedRun *run, GError **error)
{
    xmlDoc *document = feed_document_parse(text, error);
    if (!document)
        return false;
    bool read = read_document(document, run, error);
    xmlFreeDoc(document);
    return read;
}
