/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of feeds in libxml2's tree, which feed_document_parse() made. Any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_NODE_H
#define DAYWIRE_COMMON_FORMATS_FEED_NODE_H

#include <stdbool.h>
#include <libxml/tree.h>

typedef enum {
    NS_OTHER,
    NS_RSS,     /* none, or one of those of RSS 0.90, 1.0 and 2.0 */
    NS_RDF,     /* rdf: */
    NS_ATOM,    /* atom: of version 1.0 */
    NS_ATOM_03, /* of version 0.3 */
    NS_DC,      /* dc: */
    NS_DCTERMS, /* dcterms: */
    NS_CONTENT, /* content: */
} FeedNamespace;

/* Of a name with a prefix that the feed does not declare, by that prefix. */
FeedNamespace feed_node_namespace(const xmlNode *node);
/* Names without case: feeds are not strict about it. */
bool feed_node_is(const xmlNode *node, FeedNamespace space, const char *name);

/* The first child element of that name at or behind `from`; NULL: none. To begin: node->children. */
xmlNode *feed_node_find(xmlNode *from, FeedNamespace space, const char *name);

/* These are g_malloc'd, with control characters as feed_repair() left them. The text of an element with all that is in it, as it is; */
char *feed_node_text(const xmlNode *node);
/* read as HTML and made plain text, as in a title of RSS; */
char *feed_node_plain(const xmlNode *node);
/* the markup of its content, as HTML; the content loses its namespaces. */
char *feed_node_markup(xmlNode *node);
/* An attribute of that name in any namespace; NULL: not there. */
char *feed_node_attribute(const xmlNode *node, const char *name);
/* xml:lang of the element or the nearest one around it; NULL: none. */
char *feed_node_language(const xmlNode *node);
/* The address in `text`, resolved against xml:base and the document's own address (feed_link.h); NULL: none. */
char *feed_node_link(xmlNode *node, const char *text);

#endif
