/* SPDX-License-Identifier: Apache-2.0 */
/* Between feed_xml.c, which tells what a document is, and the readers of its kinds. Each finds what the feed says
 * of itself and where its items are, and reads one of them. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_XML_H
#define DAYWIRE_COMMON_FORMATS_FEED_XML_H

#include <libxml/tree.h>

#include "common/formats/feed_run.h"

typedef struct {
    /* Whether the root element is one of this kind. */
    bool (*matches)(const xmlNode *root);
    /* Adds the items' elements to `items`, in their order. */
    void (*read_feed)(xmlNode *root, FeedRun *run, GPtrArray *items);
    void (*read_item)(xmlNode *item, FeedEntry *entry);
} FeedXmlKind;

extern const FeedXmlKind feed_rss; /* and RDF */
extern const FeedXmlKind feed_atom;

#endif
