/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 searches all open elements at each end tag, and all attributes so far at each attribute: half a megabyte
 * of either takes seconds. So the parser is stopped at the one limit, and not begun beyond the other. */
#include "common/markup/html_reader.h"

#include <libxml/HTMLparser.h>

#include "common/error.h"
#include "common/markup/html_attribute_count.h"
#include "common/markup/xml.h"

/* Text outside of the body would get a paragraph from the parser. */
#define PROLOGUE "<html><body>"

typedef struct {
    const HtmlEvents *events;
    void *user;
    xmlParserCtxt *parser;
    unsigned depth;
    bool stopped; /* the depth is passed */
} Reader;

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
    static const char *const none[] = {NULL};
    Reader *reader = context;

    if (reader->depth == HTML_DEPTH_MAX && !reader->stopped) {
        reader->stopped = true;
        xmlStopParser(reader->parser);
    }
    if (reader->stopped)
        return;
    reader->depth++;
    reader->events->start(reader->user, (const char *)name,
                          attributes ? (const char *const *)attributes : none);
}

static void on_end(void *context, const xmlChar *name G_GNUC_UNUSED)
{
    Reader *reader = context;

    if (reader->stopped || reader->depth == 0)
        return;
    reader->depth--;
    reader->events->end(reader->user);
}

static void on_text(void *context, const xmlChar *text, int length)
{
    Reader *reader = context;

    if (!reader->stopped && length > 0)
        reader->events->text(reader->user, (const char *)text, (size_t)length);
}

/* The content of script and style. */
static void on_raw_text(void *context G_GNUC_UNUSED, const xmlChar *text G_GNUC_UNUSED,
                        int length G_GNUC_UNUSED)
{
}

/* Browsers pass over `<![if x]>`, `<![CDATA[x]]>` and the like, which is what word processors write; libxml2 takes them
 * for text, but passes over `<?xif x]>`. */
static void hide_declarations(char *html)
{
    for (char *at = strstr(html, "<!"); at; at = strstr(at + 2, "<!")) {
        if (g_ascii_isgraph(at[2]) && at[2] != '>' && !g_str_has_prefix(at, "<!--")) {
            at[1] = '?';
            at[2] = 'x';
        }
    }
}

static void parse(Reader *reader, const char *html)
{
    xml_set_up();
    reader->parser = htmlNewParserCtxt();
    if (!reader->parser)
        g_error("out of memory"); /* as GLib does */
    *reader->parser->sax = (xmlSAXHandler){
        .startElement = on_start,
        .endElement = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_raw_text,
    };
    reader->parser->userData = reader;
    g_autofree char *document = g_strconcat(PROLOGUE, html, NULL);
    hide_declarations(document);
    htmlDocPtr none = htmlCtxtReadMemory(reader->parser, document, (int)strlen(document), NULL, "UTF-8",
                                         HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                                             HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC);
    g_assert(none == NULL);
    htmlFreeParserCtxt(reader->parser);
}

static bool refuse(GError **error, int most, const char *what)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "HTML with at most %d %s", most, what);
    return false;
}

bool html_read(const char *html, const HtmlEvents *events, void *user, GError **error)
{
    const char *bad = NULL;
    if (!g_utf8_validate(html, -1, &bad)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "not valid UTF-8 at byte %zu",
                    (size_t)(bad - html) + 1);
        return false;
    }
    if (html_attribute_count(html) > HTML_ATTRIBUTES_MAX)
        return refuse(error, HTML_ATTRIBUTES_MAX, "attributes of one element");
    Reader reader = {.events = events, .user = user};
    parse(&reader, html);
    for (; reader.depth > 0; reader.depth--)
        events->end(user);
    return !reader.stopped || refuse(error, HTML_DEPTH_MAX, "elements within each other");
}
