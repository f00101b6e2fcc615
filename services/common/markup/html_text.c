/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_text.h"

#include <glib.h>

#include "common/markup/html_allow_list.h"
#include "common/markup/html_characters.h"
#include "common/markup/html_reader.h"
#include "common/text.h"

typedef enum { NOTHING, SPACE, LINE, PARAGRAPH } Gap;

typedef struct {
    GString *text;
    Gap gap;          /* before the next word */
    GPtrArray *open;  /* HtmlElement or NULL of the open elements; not owned */
    unsigned removed; /* how many of them are removed with their content */
} Writer;

static void leave_gap(Writer *writer, HtmlLines lines)
{
    static const Gap gaps[] = {[HTML_SAME_LINE] = NOTHING,
                               [HTML_NEW_CELL] = SPACE,
                               [HTML_NEW_LINE] = LINE,
                               [HTML_NEW_PARAGRAPH] = PARAGRAPH};
    writer->gap = MAX(writer->gap, gaps[lines]);
}

static void write_gap(Writer *writer)
{
    static const char *const gaps[] = {"", " ", "\n", "\n\n"};
    if (writer->text->len > 0)
        g_string_append(writer->text, gaps[writer->gap]);
    writer->gap = NOTHING;
}

static void on_text(void *user, const char *text, size_t length)
{
    Writer *writer = user;
    if (writer->removed)
        return;
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at)) {
        gunichar c = html_character(g_utf8_get_char(at));
        if (html_is_space(c)) {
            writer->gap = MAX(writer->gap, SPACE);
        } else if (c) {
            write_gap(writer);
            g_string_append_unichar(writer->text, c);
        }
    }
}

static void on_start(void *user, const char *name, const char *const *attributes)
{
    Writer *writer = user;
    const HtmlElement *element = html_element_find(name);
    g_ptr_array_add(writer->open, (gpointer)element);
    if (!element)
        return;
    if (element->role == HTML_REMOVED)
        writer->removed++;
    if (writer->removed)
        return;
    leave_gap(writer, element->lines);
    if (element->role == HTML_PICTURE) {
        for (size_t i = 0; attributes[i]; i += 2) {
            if (strcmp(attributes[i], "alt") == 0 && attributes[i + 1])
                on_text(writer, attributes[i + 1], strlen(attributes[i + 1]));
        }
    }
}

static void on_end(void *user)
{
    Writer *writer = user;
    const HtmlElement *element = g_ptr_array_steal_index(writer->open, writer->open->len - 1);
    if (element && element->role == HTML_REMOVED)
        writer->removed--;
    else if (element && !writer->removed && element->role != HTML_BREAK)
        leave_gap(writer, element->lines);
}

char *html_to_text(const char *html)
{
    static const HtmlEvents events = {.start = on_start, .end = on_end, .text = on_text};
    g_autofree char *valid = g_utf8_make_valid(html, -1);
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Writer writer = {.text = text, .open = open};
    /* Beyond the limits: what was read until there. */
    bool whole = html_read(valid, &events, &writer, NULL);
    (void)whole;
    return text_trim(text->str);
}
