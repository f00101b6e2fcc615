/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of what people have: turn the bytes of a file, feed or request into statements. The format is told
 * from the content. Pure, any thread. A new format is one more file beside this one and one more row in
 * formats.c. */
#ifndef DAYWIRE_COMMON_FORMATS_FORMATS_H
#define DAYWIRE_COMMON_FORMATS_FORMATS_H

#include "common/model.h"

typedef struct {
    unsigned line;        /* where the item begins, from 1; 0: unknown */
    Statement *statement; /* valid (statement_rules.h), or NULL: refused */
    char *field;          /* when refused: the field at fault, may be NULL */
    char *reason;         /* when refused: a sentence */
} FormatItem;

/* Called for each item, in the order of the file. `item` belongs to the reader. Return false to stop. */
typedef bool (*FormatFunction)(const FormatItem *item, void *user);

/* False with INVALID when the file as a whole cannot be read in any format; refused items are not an error.
 */
bool formats_read(const void *data, size_t size, FormatFunction each, void *user, GError **error) MUST_CHECK;

#endif
