/* SPDX-License-Identifier: Apache-2.0 */
#include "html_check.h"

#include <string.h>

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "common/markup/html_text.h"

#define DEPTH_MAX 140

/* clang-format off */
static const char *const element_names[] = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt", "em",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", NULL,
};
static const char *const attribute_names[] = {
    "colspan", "datetime", "dir", "href", "lang", "rel", "reversed", "rowspan", "scope", "start", "title", "value", NULL,
};
/* clang-format on */
static const char *const beginnings[] = {"http://", "https://", "mailto:", "tel:"};

static char *link_fault(const char *href)
{
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        if (g_str_has_prefix(href, beginnings[i]) && !strpbrk(href, " \"<>`\\\x7f") &&
            href[strcspn(href, "\n\t\r")] == '\0')
            return g_strdup("");
    }
    return g_strdup_printf("a link to %s", href);
}

static char *attribute_fault(xmlNode *element, const xmlAttr *attribute)
{
    const char *name = (const char *)attribute->name;
    if (!g_strv_contains(attribute_names, name))
        return g_strdup_printf("the attribute %s", name);
    if (strcmp(name, "href") != 0)
        return g_strdup("");
    if (strcmp((const char *)element->name, "a") != 0 || !xmlHasProp(element, BAD_CAST "rel"))
        return g_strdup("a link that is none, or without rel");
    xmlChar *value = xmlGetProp(element, attribute->name);
    char *fault = link_fault((const char *)value);
    xmlFree(value);
    return fault;
}

/* The first fault in a list of nodes and what is in them. */
static char *nodes_fault(xmlNode *node, unsigned depth)
{
    for (; node; node = node->next) {
        if (node->type == XML_TEXT_NODE)
            continue;
        if (node->type != XML_ELEMENT_NODE || !g_strv_contains(element_names, (const char *)node->name))
            return g_strdup_printf("the node %s", (const char *)node->name);
        if (depth == DEPTH_MAX)
            return g_strdup("its depth");
        for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
            char *fault = attribute_fault(node, attribute);
            if (*fault)
                return fault;
            g_free(fault);
        }
        char *fault = nodes_fault(node->children, depth + 1);
        if (*fault)
            return fault;
        g_free(fault);
    }
    return g_strdup("");
}

char *html_find_fault(const char *reduced)
{
    g_autofree char *document = g_strconcat("<body>", reduced, "</body>", NULL);
    xmlDoc *read = xmlReadMemory(document, (int)strlen(document), NULL, "UTF-8",
                                 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!read)
        return g_strdup("it is not well-formed");
    char *fault = nodes_fault(xmlDocGetRootElement(read)->children, 0);
    xmlFreeDoc(read);
    return fault;
}

char *html_words(const char *html)
{
    g_autofree char *text = html_to_text(html);
    g_autoptr(GString) words = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        if (!g_unichar_isspace(g_utf8_get_char(at)))
            g_string_append_unichar(words, g_utf8_get_char(at));
    }
    return g_string_free(g_steal_pointer(&words), FALSE);
}
