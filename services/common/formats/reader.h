/* SPDX-License-Identifier: Apache-2.0 */
/* Between formats.c and the readers beside it. */
#ifndef DAYWIRE_COMMON_FORMATS_READER_H
#define DAYWIRE_COMMON_FORMATS_READER_H

#include "common/formats/formats.h"

/* Where a reader puts its items. */
typedef struct {
    const FormatContext *context;
    FormatFunction each;
    void *user;
} FormatSink;

typedef struct {
    const char *name; /* as said in "not one of: ..." */
    /* For formats with encodings of their own: asked first, with the bytes as they are. Both may be NULL. */
    bool (*matches_bytes)(const void *data, size_t size);
    bool (*read_bytes)(const void *data, size_t size, const FormatSink *sink, GError **error);
    /* `text` is UTF-8 without BOM and NUL, and not blank. */
    bool (*matches)(const char *text);
    /* False with INVALID when the text as a whole cannot be read. */
    bool (*read)(const char *text, const FormatSink *sink, GError **error);
} FormatReader;

extern const FormatReader feed_reader;
extern const FormatReader json_items_reader;
extern const FormatReader page_capture_reader;

/* Hand one item to the sink; false: it wants no more. The statement is checked first (statement_rules.h) and
 * refused by itself when it is wrong; both calls take over what they are given. */
bool format_give(const FormatSink *sink, unsigned line, Statement *statement);
bool format_refuse(const FormatSink *sink, unsigned line, char *field, GError *reason);

/* The text of a file: UTF-8 without its BOM, NUL-terminated; g_free it. NULL with INVALID, which names the
 * line. */
char *format_text(const void *data, size_t size, GError **error) MUST_CHECK;

#endif
