/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a stream of bytes, given in pieces of any size, into lines of a bounded length. A line ends with LF or
 * CRLF, the last one may go without; a byte order mark before the first line is dropped. Blank lines (spaces,
 * tabs) are counted and not told. A line that is too long is told and its bytes are dropped, never gathered.
 *
 * Pure, one thread. Holds no more than the longest line allowed, and nothing of a line that lies whole in one
 * piece. */
#ifndef DAYWIRE_COMMON_LINE_READER_H
#define DAYWIRE_COMMON_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct LineReader LineReader;

typedef struct {
    uint64_t number;  /* from 1 */
    const char *text; /* without its end, no NUL after it; valid until the next call. NULL: too long */
    size_t length;
} Line;

/* `max_length`: bytes of a line without its LF. */
LineReader *line_reader_new(size_t max_length);
void line_reader_free(LineReader *reader); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineReader, line_reader_free)

/* Takes from *data, which moves on with *size, up to the end of the next line that is told. False: all is taken
 * and no line has ended. */
bool line_reader_take(LineReader *reader, const char **data, size_t *size, Line *ret_line) MUST_CHECK;
/* At the end of the input, once: false when there is no last line without an end. */
bool line_reader_end(LineReader *reader, Line *ret_line) MUST_CHECK;

#endif
