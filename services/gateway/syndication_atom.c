/* SPDX-License-Identifier: Apache-2.0 */
/* Atom (RFC 4287), in pages (RFC 5005, section 3). */
#include <libxml/xmlwriter.h>

#include "common/daemon.h"
#include "common/markup/xml.h"
#include "gateway/syndication_entry.h"

#define NAMESPACE "http://www.w3.org/2005/Atom"

/* What the writer says is looked at once, at the end: nothing that it writes to but memory can fail. */
typedef struct {
    xmlTextWriter *xml;
    bool failed;
} Atom;

static void check(Atom *atom, int written)
{
    atom->failed = atom->failed || written < 0;
}

static bool is_xml(gunichar c)
{
    return c >= 0x20 ? c < 0xfffe || c > 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* Characters that XML does not have are left out. g_free it. */
static char *to_xml(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *kept = g_string_sized_new(strlen(valid));
    const char *from = valid; /* what is good since here is not yet in `kept` */
    const char *at = valid;

    for (; *at; at = g_utf8_next_char(at)) {
        if (is_xml(g_utf8_get_char(at)))
            continue;
        g_string_append_len(kept, from, at - from);
        from = g_utf8_next_char(at);
    }
    g_string_append_len(kept, from, at - from);
    return g_string_free(kept, FALSE);
}

static bool has_text(const char *text)
{
    g_autofree char *clean = to_xml(text);

    return *clean != '\0';
}

static void start(Atom *atom, const char *name)
{
    check(atom, xmlTextWriterStartElement(atom->xml, BAD_CAST name));
}

static void end(Atom *atom)
{
    check(atom, xmlTextWriterEndElement(atom->xml));
}

/* Nothing when it is empty. */
static void add_attribute(Atom *atom, const char *name, const char *text)
{
    g_autofree char *clean = to_xml(text);

    if (*clean)
        check(atom, xmlTextWriterWriteAttribute(atom->xml, BAD_CAST name, BAD_CAST clean));
}

static void add_text(Atom *atom, const char *text)
{
    g_autofree char *clean = to_xml(text);

    check(atom, xmlTextWriterWriteString(atom->xml, BAD_CAST clean));
}

static void add_element(Atom *atom, const char *name, const char *text)
{
    start(atom, name);
    add_text(atom, text);
    end(atom);
}

/* Nothing when there is nothing in it; likewise of the next ones. */
static void add_if_any(Atom *atom, const char *name, const char *text)
{
    if (has_text(text))
        add_element(atom, name, text);
}

static void add_link(Atom *atom, const char *relation, const char *type, const char *url)
{
    start(atom, "link");
    add_attribute(atom, "rel", relation);
    add_attribute(atom, "type", type);
    add_attribute(atom, "href", url);
    end(atom);
}

static void add_author(Atom *atom, const char *name)
{
    if (!has_text(name))
        return;
    start(atom, "author");
    add_element(atom, "name", name);
    end(atom);
}

static void add_category(Atom *atom, const char *term)
{
    if (!has_text(term))
        return;
    start(atom, "category");
    add_attribute(atom, "term", term);
    end(atom);
}

/* Of a statement that may be shown. */
static void add_particulars(Atom *atom, const Statement *statement)
{
    if (*statement->url)
        add_link(atom, "via", "", statement->url);
    add_author(atom, statement->author);
    for (size_t i = 0; i < statement->n_tags; i++)
        add_category(atom, statement->tags[i]);
    add_if_any(atom, "summary", statement->summary);
}

static void add_content(Atom *atom, const char *html)
{
    start(atom, "content");
    add_attribute(atom, "type", "html");
    add_text(atom, html);
    end(atom);
}

static void add_entry(Atom *atom, const SyndicationEntry *entry)
{
    start(atom, "entry");
    add_attribute(atom, "xml:lang", entry->statement->language);
    add_element(atom, "id", entry->url);
    add_element(atom, "title", entry->title);
    add_if_any(atom, "published", entry->published);
    add_element(atom, "updated", entry->updated);
    add_link(atom, "alternate", "text/html", entry->url);
    if (!entry->withdrawn)
        add_particulars(atom, entry->statement);
    add_content(atom, entry->content);
    end(atom);
}

/* When the last of its entries was changed; there has to be an instant. */
static void add_updated(Atom *atom, const GPtrArray *statements)
{
    Instant last = 0;
    char text[INSTANT_TEXT_MAX];

    for (guint i = 0; i < statements->len; i++)
        last = MAX(last, syndication_updated_at(g_ptr_array_index(statements, i)));
    add_element(atom, "updated", instant_format(last, 0, text));
}

static void add_links(Atom *atom, const Syndication *feed)
{
    g_autofree char *id = syndication_url(feed, SYNDICATION_ATOM_PATH, feed->query);
    g_autofree char *self = syndication_url(feed, SYNDICATION_ATOM_PATH, feed->page);
    g_autofree char *home = syndication_url(feed, "/", NULL);

    add_element(atom, "id", id);
    add_link(atom, "self", "application/atom+xml", self);
    add_link(atom, "alternate", "text/html", home);
    if (!feed->next)
        return;
    g_autofree char *next = syndication_url(feed, SYNDICATION_ATOM_PATH, feed->next);
    add_link(atom, "next", "application/atom+xml", next);
}

static void add_generator(Atom *atom)
{
    start(atom, "generator");
    add_attribute(atom, "version", daemon_version());
    add_text(atom, "Daywire");
    end(atom);
}

static void write_feed(Atom *atom, const Syndication *feed)
{
    check(atom, xmlTextWriterStartDocument(atom->xml, NULL, "UTF-8", NULL));
    check(atom, xmlTextWriterStartElementNS(atom->xml, NULL, BAD_CAST "feed", BAD_CAST NAMESPACE));
    add_attribute(atom, "xml:lang", feed->site->language);
    add_links(atom, feed);
    add_element(atom, "title", feed->site->title);
    add_updated(atom, feed->statements);
    add_author(atom, feed->site->title);
    add_generator(atom);
    for (guint i = 0; i < feed->statements->len; i++) {
        g_auto(SyndicationEntry) entry = {0};
        syndication_entry_init(&entry, feed, g_ptr_array_index(feed->statements, i));
        add_entry(atom, &entry);
    }
    check(atom, xmlTextWriterEndDocument(atom->xml));
}

GBytes *syndication_to_atom(const Syndication *feed)
{
    xml_set_up();
    xmlBuffer *buffer = xmlBufferCreate();
    Atom atom = {.xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};

    if (!atom.xml)
        g_error("no memory for a feed");
    xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT); /* else each piece moves the whole */
    write_feed(&atom, feed);
    xmlFreeTextWriter(atom.xml); /* writes what it still holds */
    if (atom.failed)
        g_error("no memory for a feed");
    GBytes *bytes = g_bytes_new(xmlBufferContent(buffer), (gsize)xmlBufferLength(buffer));
    xmlBufferFree(buffer);
    return bytes;
}
