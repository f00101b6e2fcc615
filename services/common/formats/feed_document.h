/* SPDX-License-Identifier: Apache-2.0 */
/* XML of feeds as a tree, by libxml2, without network, entities and DTD. Any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_DOCUMENT_H
#define DAYWIRE_COMMON_FORMATS_FEED_DOCUMENT_H

#include <libxml/tree.h>
#include <glib.h>

#define FEED_NAMESPACES_MAX 200 /* in force at one place: each name is looked up among them */

/* `text` is UTF-8. xmlFreeDoc() it. NULL with INVALID or TOO_LARGE, with the line. */
xmlDoc *feed_document_parse(const char *text, GError **error) MUST_CHECK;

/* What relative links are resolved against from now on; "": nothing. */
void feed_document_set_base(xmlDoc *document, const char *url);

#endif
