/* SPDX-License-Identifier: Apache-2.0 */
/* Writes HTML of the allow-list in a normal form, whatever the order in which elements come: one that every parser
 * reads as the tree that was written, so that nothing is moved when it is read again. One thread at a time.
 *
 * Blocks are a tree, and each holds only what the table (html_allow_list.h) says: what may not stand where it comes
 * closes paragraphs, gets around it what is missing (<ul> around <li>), or is put in what may stand there (<td> in
 * a row). Inline elements are not in that tree: they are in force, and are written around text only, anew in each
 * block. What has no text is not written, but for cells. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_BUILDER_H
#define DAYWIRE_COMMON_MARKUP_HTML_BUILDER_H

#include <stdbool.h>

#include <glib.h>

#include "common/markup/html_allow_list.h"

/* Elements within more of them lose their tags. Both together are within HTML_DEPTH_MAX (html_reader.h). */
#define HTML_BLOCKS_MAX  100
#define HTML_INLINES_MAX 32

typedef struct HtmlBuilder HtmlBuilder;

/* Writes no more when it has passed `max` bytes. */
HtmlBuilder *html_builder_new(size_t max);
void html_builder_free(HtmlBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlBuilder, html_builder_free)

/* A block; takes over `attributes` (html_attributes.h). The number by which it is closed; 0: there is none, and
 * its content stands in what is around it. */
unsigned html_builder_open_block(HtmlBuilder *builder, const HtmlElement *element, char *attributes);

/* With what is open in it; does nothing when it was closed by something else. */
void html_builder_close_block(HtmlBuilder *builder, unsigned number);

/* Puts an inline element in force; takes over `attributes`. False: it adds nothing, and is not to be ended. */
bool html_builder_start_inline(HtmlBuilder *builder, const HtmlElement *element, char *attributes);
/* The one that was started last. */
void html_builder_end_inline(HtmlBuilder *builder);

void html_builder_add_text(HtmlBuilder *builder, const char *text, size_t length);
void html_builder_add_break(HtmlBuilder *builder);
void html_builder_add_rule(HtmlBuilder *builder, const HtmlElement *element);

/* Closes what is open. The result, g_free it; NULL: more than the bytes allowed. */
char *html_builder_finish(HtmlBuilder *builder);

#endif
