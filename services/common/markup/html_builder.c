/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_builder.h"

#include "common/markup/html_characters.h"
#include "common/text.h"

typedef struct {
    const HtmlElement *element;
    char *attributes; /* owned; NULL: none */
    unsigned number;  /* 0: implied by what is in it */
    bool written;
} Block;

typedef struct {
    const HtmlElement *element;
    char *attributes;
} Inline;

/* What was written last decides on white space. */
typedef enum { START, BLOCK_START, BLOCK_END, BREAK, TEXT } Last;

struct HtmlBuilder {
    GString *html;
    size_t max;
    GArray *blocks;           /* Block, the innermost last */
    GArray *inlines;          /* Inline */
    unsigned inlines_written; /* the first so many are open in `html` */
    unsigned numbers;         /* the last that was given to a block */
    Last last;
    bool space; /* is to be written before more text */
};

static void clear_block(void *block)
{
    g_free(((Block *)block)->attributes);
}

static void clear_inline(void *element)
{
    g_free(((Inline *)element)->attributes);
}

HtmlBuilder *html_builder_new(size_t max)
{
    HtmlBuilder *builder = g_new0(HtmlBuilder, 1);
    builder->html = g_string_new(NULL);
    builder->max = max;
    builder->blocks = g_array_new(FALSE, FALSE, sizeof(Block));
    g_array_set_clear_func(builder->blocks, clear_block);
    builder->inlines = g_array_new(FALSE, FALSE, sizeof(Inline));
    g_array_set_clear_func(builder->inlines, clear_inline);
    return builder;
}

void html_builder_free(HtmlBuilder *builder)
{
    if (!builder)
        return;
    g_string_free(builder->html, TRUE);
    g_array_unref(builder->blocks);
    g_array_unref(builder->inlines);
    g_free(builder);
}

static bool is_full(const HtmlBuilder *builder)
{
    return builder->html->len > builder->max;
}

static Block *block_at(const HtmlBuilder *builder, unsigned index)
{
    return &g_array_index(builder->blocks, Block, index);
}

static Block *innermost(const HtmlBuilder *builder)
{
    return builder->blocks->len > 0 ? block_at(builder, builder->blocks->len - 1) : NULL;
}

static const char *name_of(const HtmlElement *element)
{
    return element->as ? element->as : element->name;
}

static unsigned content_of(const HtmlElement *element)
{
    return element ? element->holds : HTML_FLOW | HTML_TEXT;
}

static bool is_verbatim(const HtmlBuilder *builder)
{
    const Block *block = innermost(builder);
    return block && strcmp(name_of(block->element), "pre") == 0;
}

/* --- writing --- */

static void write_start(HtmlBuilder *builder, const HtmlElement *element, const char *attributes)
{
    g_string_append_printf(builder->html, "<%s%s>", name_of(element), attributes ? attributes : "");
}

static void write_end(HtmlBuilder *builder, const HtmlElement *element)
{
    g_string_append_printf(builder->html, "</%s>", name_of(element));
}

static void close_inlines(HtmlBuilder *builder)
{
    while (builder->inlines_written > 0)
        write_end(builder, g_array_index(builder->inlines, Inline, --builder->inlines_written).element);
}

static void open_inlines(HtmlBuilder *builder)
{
    for (; builder->inlines_written < builder->inlines->len; builder->inlines_written++) {
        const Inline *next = &g_array_index(builder->inlines, Inline, builder->inlines_written);
        write_start(builder, next->element, next->attributes);
    }
}

static void open_blocks(HtmlBuilder *builder)
{
    for (unsigned i = 0; i < builder->blocks->len; i++) {
        Block *block = block_at(builder, i);
        if (block->written)
            continue;
        if (builder->last != START)
            g_string_append_c(builder->html, '\n');
        write_start(builder, block->element, block->attributes);
        block->written = true;
        builder->last = BLOCK_START;
        builder->space = false;
    }
}

/* Closes the innermost block. */
static void pop(HtmlBuilder *builder)
{
    const Block *block = innermost(builder);
    if (block->written) {
        close_inlines(builder);
        if (builder->last == BLOCK_END)
            g_string_append_c(builder->html, '\n');
        write_end(builder, block->element);
        builder->last = BLOCK_END;
    }
    /* One that was not written still parts the words around it. */
    builder->space = builder->last == TEXT;
    g_array_set_size(builder->blocks, builder->blocks->len - 1);
}

static void push(HtmlBuilder *builder, Block block)
{
    close_inlines(builder);
    g_array_append_val(builder->blocks, block);
}

/* --- what may stand where --- */

/* Blocks that are still to come. */
typedef struct {
    const HtmlElement *list[8]; /* longer than any way through the table */
    unsigned count;
} Path;

static const HtmlElement *path_end(const Path *path, const HtmlElement *base)
{
    return path->count > 0 ? path->list[path->count - 1] : base;
}

static void path_add(Path *path, const HtmlElement *element)
{
    g_assert(path->count < G_N_ELEMENTS(path->list));
    path->list[path->count++] = element;
}

/* Adds what has to be around `element` to stand in `base`. */
static void path_wrap(Path *path, const HtmlElement *base, const HtmlElement *element)
{
    const HtmlElement *around[4];
    unsigned count = 0;
    while (!(content_of(base) & element->is)) {
        g_assert(element->wrap && count < G_N_ELEMENTS(around));
        element = html_element_find(element->wrap);
        around[count++] = element;
    }
    while (count > 0)
        path_add(path, around[--count]);
}

/* From `base` to where content of that kind may stand. */
static Path find_path(const HtmlElement *base, unsigned kind, const HtmlElement *element)
{
    Path path = {0};
    const HtmlElement *end = base;
    while (!(content_of(end) & kind)) {
        if (end && end->fill)
            path_add(&path, html_element_find(end->fill));
        else
            path_wrap(&path, end, element);
        end = path_end(&path, base);
    }
    return path;
}

/* How many blocks have to fit in it so that it can hold text. */
static unsigned reserve_of(const HtmlElement *element)
{
    unsigned count = 0;
    for (; element->fill; element = html_element_find(element->fill))
        count++;
    return count;
}

/* Whether there is room for all of it and what each may need in it. */
static bool fits(unsigned depth, const Path *path)
{
    for (unsigned i = 0; i < path->count; i++) {
        if (depth + i + 1 + reserve_of(path->list[i]) > HTML_BLOCKS_MAX)
            return false;
    }
    return true;
}

/* Closes and opens blocks until content of that kind may stand; `element`: which, unless it is text. False, with
 * nothing done: it would be too deep. */
static bool make_room(HtmlBuilder *builder, unsigned kind, const HtmlElement *element)
{
    unsigned keep = builder->blocks->len;
    for (; keep > 0; keep--) {
        const Block *block = block_at(builder, keep - 1);
        bool closes = block->number == 0 || block->element->holds == HTML_TEXT;
        if (!closes || block->element->holds & kind)
            break;
    }
    const HtmlElement *base = keep > 0 ? block_at(builder, keep - 1)->element : NULL;
    Path path = find_path(base, kind, element);
    Path whole = path;
    if (element && element->role == HTML_BLOCK)
        path_add(&whole, element);
    if (!fits(keep, &whole))
        return false;
    while (builder->blocks->len > keep)
        pop(builder);
    for (unsigned i = 0; i < path.count; i++)
        push(builder, (Block){.element = path.list[i]});
    return true;
}

/* --- the events --- */

unsigned html_builder_open_block(HtmlBuilder *builder, const HtmlElement *element, char *attributes)
{
    if (is_full(builder) || !make_room(builder, element->is, element)) {
        g_free(attributes);
        return 0;
    }
    push(builder, (Block){.element = element, .attributes = attributes, .number = ++builder->numbers});
    if (element->is == HTML_CELL)
        open_blocks(builder); /* also an empty one has its place */
    return builder->numbers;
}

void html_builder_close_block(HtmlBuilder *builder, unsigned number)
{
    for (unsigned i = builder->blocks->len; i > 0; i--) {
        if (block_at(builder, i - 1)->number != number)
            continue;
        while (builder->blocks->len >= i)
            pop(builder);
        return;
    }
}

static bool is_in_force(const HtmlBuilder *builder, const HtmlElement *element)
{
    for (unsigned i = 0; i < builder->inlines->len; i++) {
        if (g_array_index(builder->inlines, Inline, i).element == element)
            return true;
    }
    return false;
}

bool html_builder_start_inline(HtmlBuilder *builder, const HtmlElement *element, char *attributes)
{
    bool nested_link = strcmp(element->name, "a") == 0 && is_in_force(builder, element);
    if (nested_link || builder->inlines->len == HTML_INLINES_MAX) {
        g_free(attributes);
        return false;
    }
    Inline started = {.element = element, .attributes = attributes};
    g_array_append_val(builder->inlines, started);
    return true;
}

void html_builder_end_inline(HtmlBuilder *builder)
{
    unsigned last = builder->inlines->len - 1;
    if (builder->inlines_written > last) {
        write_end(builder, g_array_index(builder->inlines, Inline, last).element);
        builder->inlines_written = last;
    }
    g_array_set_size(builder->inlines, last);
}

static void add_character(HtmlBuilder *builder, gunichar c)
{
    if (!make_room(builder, HTML_TEXT, NULL))
        return; /* cannot be: fits() keeps room */
    open_blocks(builder);
    if (builder->last == BLOCK_END)
        g_string_append_c(builder->html, '\n');
    if (builder->space)
        g_string_append_c(builder->html, ' ');
    builder->space = false;
    open_inlines(builder);
    html_escape_text(builder->html, c);
    builder->last = TEXT;
}

static void add_verbatim_space(HtmlBuilder *builder, gunichar c)
{
    if (c != '\n' && c != '\r') {
        add_character(builder, c == '\t' ? c : ' ');
        return;
    }
    /* The first line end within <pre> is nothing to browsers. */
    bool first = !innermost(builder)->written || builder->last == BLOCK_START;
    if (!first)
        add_character(builder, '\n');
}

void html_builder_add_text(HtmlBuilder *builder, const char *text, size_t length)
{
    for (const char *at = text; at < text + length && !is_full(builder); at = g_utf8_next_char(at)) {
        gunichar c = html_character(g_utf8_get_char(at));
        if (!html_is_space(c)) {
            if (c)
                add_character(builder, c);
        } else if (is_verbatim(builder)) {
            add_verbatim_space(builder, c);
        } else if (builder->last == TEXT) {
            builder->space = true;
        }
    }
}

void html_builder_add_break(HtmlBuilder *builder)
{
    const Block *block = innermost(builder);
    if (is_full(builder) || !(content_of(block ? block->element : NULL) & HTML_TEXT))
        return;
    open_blocks(builder);
    if (builder->last == BLOCK_END)
        g_string_append_c(builder->html, '\n');
    g_string_append(builder->html, "<br/>");
    builder->last = BREAK;
    builder->space = false;
}

void html_builder_add_rule(HtmlBuilder *builder, const HtmlElement *element)
{
    if (is_full(builder) || !make_room(builder, element->is, element))
        return;
    close_inlines(builder);
    open_blocks(builder);
    g_string_append_printf(builder->html, "%s<%s/>", builder->last == START ? "" : "\n", element->name);
    builder->last = BLOCK_END;
    builder->space = false;
}

char *html_builder_finish(HtmlBuilder *builder)
{
    while (builder->blocks->len > 0)
        pop(builder);
    close_inlines(builder);
    return is_full(builder) ? NULL : text_trim(builder->html->str);
}
