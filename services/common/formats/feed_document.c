/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 has limits of its own, which differ between versions, hence ours are kept by a handler before the
 * tree grows. Its first error is the one that tells what is wrong. */
#include "common/formats/feed_document.h"

#include <limits.h>
#include <stdbool.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/formats/feed_repair.h"
#include "common/formats/feed_run.h"
#include "common/markup/xml.h"

typedef struct {
    unsigned nodes;
    bool stopped; /* at one of our limits; the reason is in `error` */
    GError *error;
} Guard;

#if LIBXML_VERSION >= 21200
typedef const xmlError XmlError;
#define NAMESPACE_ENTRIES 1 /* of nsNr */
#else
typedef xmlError XmlError;
#define NAMESPACE_ENTRIES 2 /* prefix and name */
#endif

/* The parser hands itself to all handlers. */
static void on_error(void *user, XmlError *problem)
{
    const xmlParserCtxt *parser = user;
    Guard *guard = parser->_private;
    if (problem->level < XML_ERR_FATAL || guard->error) /* an undeclared prefix, for instance, is none */
        return;
    g_autofree char *message = g_utf8_make_valid(problem->message ? problem->message : "unknown", -1);
    error_refuse(&guard->error, "line %d: not well-formed XML: %s", problem->line, g_strstrip(message));
}

G_GNUC_PRINTF(2, 3)
static void stop(xmlParserCtxt *parser, const char *format, ...)
{
    Guard *guard = parser->_private;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!guard->error)
        (void)feed_too_large(&guard->error, "line %d: %s", xmlSAX2GetLineNumber(parser), reason);
    guard->stopped = true;
    xmlStopParser(parser);
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                     const xmlChar **attributes)
{
    xmlParserCtxt *parser = user;
    Guard *guard = parser->_private;
    guard->nodes += 1 + (unsigned)attribute_count;
    if (guard->stopped)
        return;
    if (guard->nodes > FEED_NODES_MAX)
        stop(parser, "more than %d elements and attributes", FEED_NODES_MAX);
    else if (parser->nodeNr >= FEED_DEPTH_MAX)
        stop(parser, "more than %d elements within each other", FEED_DEPTH_MAX);
    else if (parser->nsNr > NAMESPACE_ENTRIES * FEED_NAMESPACES_MAX)
        stop(parser, "more than %d namespaces at one place", FEED_NAMESPACES_MAX);
    else
        xmlSAX2StartElementNs(user, name, prefix, uri, namespace_count, namespaces, attribute_count,
                              defaulted, attributes);
}

static xmlDoc *parse(const char *text, Guard *guard)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser)
        g_error("cannot make an XML parser");
    parser->_private = guard;
    parser->sax->serror = on_error;
    parser->sax->startElementNs = on_start;
    /* HUGE: the limits are ours (feed.h), and nothing is there to be expanded. */
    xmlDoc *document =
        xmlCtxtReadMemory(parser, text, (int)strlen(text), NULL, "UTF-8",
                          XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_HUGE);
    xmlFreeParserCtxt(parser);
    return document;
}

xmlDoc *feed_document_parse(const char *text, GError **error)
{
    xml_set_up();
    g_autofree char *repaired = feed_repair(text, error);
    if (!repaired)
        return NULL;
    if (strlen(repaired) > INT_MAX) {
        (void)feed_too_large(error, "too many characters that XML has to escape");
        return NULL;
    }
    Guard guard = {0};
    xmlDoc *document = parse(repaired, &guard);
    if (document && !guard.error)
        return document;
    xmlFreeDoc(document);
    if (!guard.error)
        error_refuse(&guard.error, "not well-formed XML");
    g_propagate_error(error, guard.error);
    return NULL;
}

void feed_document_set_base(xmlDoc *document, const char *url)
{
    xmlFree((xmlChar *)document->URL);
    document->URL = *url ? xmlStrdup((const xmlChar *)url) : NULL;
}
