/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_reduce.h"

#include "common/error.h"
#include "common/markup/html_allow_list.h"
#include "common/markup/html_attributes.h"
#include "common/markup/html_builder.h"
#include "common/markup/html_reader.h"

/* What became of a start tag. */
typedef struct {
    enum { GONE, REMOVED, INLINE_STARTED, BLOCK_OPENED } kind;
    unsigned number; /* of a block */
} Opened;

typedef struct {
    HtmlBuilder *builder;
    GArray *open;     /* Opened */
    unsigned removed; /* how many of them are removed with their content */
} Reduction;

static void on_text(void *user, const char *text, size_t length)
{
    Reduction *reduction = user;
    if (!reduction->removed)
        html_builder_add_text(reduction->builder, text, length);
}

static void add_picture(Reduction *reduction, const char *const *attributes)
{
    for (; *attributes; attributes += 2) {
        if (strcmp(attributes[0], "alt") == 0 && attributes[1])
            html_builder_add_text(reduction->builder, attributes[1], strlen(attributes[1]));
    }
}

static Opened start_inline(Reduction *reduction, const HtmlElement *element, const char *const *attributes)
{
    g_autofree char *written = html_attributes_write(element, attributes);
    if (element->needs_attribute && !*written)
        return (Opened){.kind = GONE};
    bool started = html_builder_start_inline(reduction->builder, element, g_steal_pointer(&written));
    return (Opened){.kind = started ? INLINE_STARTED : GONE};
}

static Opened open_block(Reduction *reduction, const HtmlElement *element, const char *const *attributes)
{
    unsigned number =
        html_builder_open_block(reduction->builder, element, html_attributes_write(element, attributes));
    return (Opened){.kind = number ? BLOCK_OPENED : GONE, .number = number};
}

static Opened start_element(Reduction *reduction, const HtmlElement *element, const char *const *attributes)
{
    switch (element->role) {
    case HTML_INLINE:
        return start_inline(reduction, element, attributes);
    case HTML_BLOCK:
        return open_block(reduction, element, attributes);
    case HTML_BREAK:
        html_builder_add_break(reduction->builder);
        break;
    case HTML_RULE:
        html_builder_add_rule(reduction->builder, element);
        break;
    case HTML_PICTURE:
        add_picture(reduction, attributes);
        break;
    default:
        break;
    }
    return (Opened){.kind = GONE};
}

static void on_start(void *user, const char *name, const char *const *attributes)
{
    Reduction *reduction = user;
    const HtmlElement *element = html_element_find(name);
    Opened opened = {.kind = GONE};
    if (element && element->role == HTML_REMOVED) {
        opened.kind = REMOVED;
        reduction->removed++;
    } else if (element && !reduction->removed) {
        opened = start_element(reduction, element, attributes);
    }
    g_array_append_val(reduction->open, opened);
}

static void on_end(void *user)
{
    Reduction *reduction = user;
    Opened opened = g_array_index(reduction->open, Opened, reduction->open->len - 1);
    g_array_set_size(reduction->open, reduction->open->len - 1);
    switch (opened.kind) {
    case REMOVED:
        reduction->removed--;
        break;
    case INLINE_STARTED:
        html_builder_end_inline(reduction->builder);
        break;
    case BLOCK_OPENED:
        html_builder_close_block(reduction->builder, opened.number);
        break;
    default:
        break;
    }
}

static char *refuse_size(GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                "HTML of at most %d bytes, as it is sent and as it is after reduction", HTML_REDUCED_MAX);
    return NULL;
}

char *html_reduce(const char *html, GError **error)
{
    static const HtmlEvents events = {.start = on_start, .end = on_end, .text = on_text};

    if (strlen(html) > HTML_REDUCED_MAX)
        return refuse_size(error);
    g_autoptr(HtmlBuilder) builder = html_builder_new(HTML_REDUCED_MAX);
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(Opened));
    Reduction reduction = {.builder = builder, .open = open};
    if (!html_read(html, &events, &reduction, error))
        return NULL;
    char *reduced = html_builder_finish(builder);
    return reduced ? reduced : refuse_size(error);
}
