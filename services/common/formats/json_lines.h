/* SPDX-License-Identifier: Apache-2.0 */
/* NDJSON, one statement a line, for readers that do not hold the whole of it: told from its beginning, read a line
 * at a time. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_JSON_LINES_H
#define DAYWIRE_COMMON_FORMATS_JSON_LINES_H

#include "common/formats/formats.h"

typedef enum {
    JSON_LINES_YES,
    JSON_LINES_NO,      /* something else: one object over several lines, a JSON Feed, ... */
    JSON_LINES_UNKNOWN, /* more of it has to be seen; never when that is all */
} JsonLinesVerdict;

/* Of the beginning of a file, with or without a byte order mark; `whole`: that is all of it. Unlike one object over
 * several lines, the first line is a value by itself, or a later one begins another object in its first column. */
JsonLinesVerdict json_lines_probe(const char *data, size_t size, bool whole);

/* One line, not blank. Returns what `each` returns. */
bool json_line_read(const char *text, size_t size, unsigned line, const FormatContext *context,
                    FormatFunction each, void *user);

#endif
