/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed_node.h"

#include <libxml/xmlsave.h>
#include <glib.h>

#include "common/formats/feed_link.h"
#include "common/markup/html_text.h"

typedef struct {
    FeedNamespace space;
    const char *uri;
    const char *prefix; /* customary; NULL: none */
} KnownNamespace;

static const KnownNamespace namespaces[] = {
    {NS_RSS, "http://purl.org/rss/1.0/", NULL},
    {NS_RSS, "http://my.netscape.com/rdf/simple/0.9/", NULL},
    {NS_RSS, "http://channel.netscape.com/rdf/simple/0.9/", NULL},
    {NS_RSS, "http://backend.userland.com/rss", NULL},
    {NS_RSS, "http://backend.userland.com/rss2", NULL},
    {NS_RSS, "http://blogs.law.harvard.edu/tech/rss", NULL},
    {NS_RDF, "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf:"},
    {NS_ATOM, "http://www.w3.org/2005/Atom", "atom:"},
    {NS_ATOM_03, "http://purl.org/atom/ns#", NULL},
    {NS_DC, "http://purl.org/dc/elements/1.1/", "dc:"},
    {NS_DCTERMS, "http://purl.org/dc/terms/", "dcterms:"},
    {NS_CONTENT, "http://purl.org/rss/1.0/modules/content/", "content:"},
};

/* Where the name begins behind a prefix that was not declared. */
static const char *local_name(const xmlNode *node)
{
    const char *name = (const char *)node->name;
    const char *colon = node->ns ? NULL : strchr(name, ':');
    return colon ? colon + 1 : name;
}

FeedNamespace feed_node_namespace(const xmlNode *node)
{
    const char *name = (const char *)node->name;
    for (size_t i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        if (node->ns ? strcmp((const char *)node->ns->href, namespaces[i].uri) == 0
                     : namespaces[i].prefix && g_str_has_prefix(name, namespaces[i].prefix))
            return namespaces[i].space;
    }
    return node->ns || strchr(name, ':') ? NS_OTHER : NS_RSS;
}

bool feed_node_is(const xmlNode *node, FeedNamespace space, const char *name)
{
    return node->type == XML_ELEMENT_NODE && g_ascii_strcasecmp(local_name(node), name) == 0 &&
           feed_node_namespace(node) == space;
}

xmlNode *feed_node_find(xmlNode *from, FeedNamespace space, const char *name)
{
    while (from && !feed_node_is(from, space, name))
        from = from->next;
    return from;
}

static char *take(xmlChar *text)
{
    char *copy = g_strdup(text ? (const char *)text : "");
    xmlFree(text);
    return copy;
}

char *feed_node_text(const xmlNode *node)
{
    return take(xmlNodeGetContent(node));
}

char *feed_node_plain(const xmlNode *node)
{
    g_autofree char *html = take(xmlNodeGetContent(node));
    return html_to_text(html);
}

static void forget_namespaces(xmlNode *element)
{
    element->ns = NULL;
    for (xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        if (attribute->ns && !xmlStrEqual(attribute->ns->href, XML_XML_NAMESPACE))
            attribute->ns = NULL;
    }
}

static void drop_declarations(xmlNode *element)
{
    xmlFreeNsList(element->nsDef);
    element->nsDef = NULL;
}

/* Iterative, in the order of the document. */
static void for_each_element(xmlNode *root, void (*each)(xmlNode *element))
{
    for (xmlNode *node = root; node;) {
        if (node->type == XML_ELEMENT_NODE)
            each(node);
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            continue;
        }
        while (node != root && !node->next)
            node = node->parent;
        node = node == root ? NULL : node->next;
    }
}

/* HTML has none. First all that refers to a declaration, then the declarations. */
static void drop_namespaces(xmlNode *root)
{
    for_each_element(root, forget_namespaces);
    for_each_element(root, drop_declarations);
}

char *feed_node_markup(xmlNode *node)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *save = buffer ? xmlSaveToBuffer(buffer, "UTF-8", XML_SAVE_XHTML | XML_SAVE_NO_DECL) : NULL;
    bool good = save != NULL;
    for (xmlNode *child = node->children; child && good; child = child->next) {
        drop_namespaces(child);
        good = xmlSaveTree(save, child) >= 0;
    }
    good = save && xmlSaveClose(save) >= 0 && good;
    char *markup = good ? g_strdup((const char *)xmlBufferContent(buffer)) : NULL;
    xmlBufferFree(buffer);
    if (!good) /* libxml2 has no other reason than memory */
        g_error("cannot write the markup of a feed's item");
    return markup;
}

char *feed_node_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        if (g_ascii_strcasecmp((const char *)attribute->name, name) == 0)
            return take(xmlNodeListGetString(node->doc, attribute->children, 1));
    }
    return NULL;
}

char *feed_node_language(const xmlNode *node)
{
    xmlChar *language = xmlNodeGetLang(node);
    return language ? take(language) : NULL;
}

char *feed_node_link(xmlNode *node, const char *text)
{
    g_autofree char *base = take(xmlNodeGetBase(node->doc, node));
    return feed_link(text, base);
}
