/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/chunks.h"

#include <stdbool.h>

#define DIGITS_MAX 15
#define EXTRA_MAX  8192 /* extensions and trailers of one body */

enum {
    SIZE,    /* of the next chunk: the first state is zero */
    PADDING, /* after the size */
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START, /* at the beginning of a line */
    TRAILER,
    TRAILER_LF,
    LAST_LF,
    END,
    BAD,
};

static int take_padding(Chunks *chunks, char c)
{
    if (c == ' ' || c == '\t')
        return ++chunks->extra <= EXTRA_MAX ? PADDING : BAD;
    return c == '\r' ? SIZE_LF : c == ';' ? EXTENSION : BAD;
}

static int take_size(Chunks *chunks, char c)
{
    int value = g_ascii_xdigit_value(c);

    if (value >= 0) {
        chunks->left = chunks->left * 16 + (unsigned)value;
        return ++chunks->digits <= DIGITS_MAX ? SIZE : BAD;
    }
    return chunks->digits > 0 ? take_padding(chunks, c) : BAD;
}

/* Of a text that is skipped and ends with CR. */
static int skip(Chunks *chunks, char c, int same, int next)
{
    if (c == '\r')
        return next;
    return c == '\n' || ++chunks->extra > EXTRA_MAX ? BAD : same;
}

static int take_framing(Chunks *chunks, char c)
{
    switch (chunks->state) {
    case SIZE:
        return take_size(chunks, c);
    case PADDING:
        return take_padding(chunks, c);
    case EXTENSION:
        return skip(chunks, c, EXTENSION, SIZE_LF);
    case SIZE_LF:
        return c != '\n' ? BAD : chunks->left > 0 ? DATA : TRAILER_START;
    case DATA_CR:
        return c == '\r' ? DATA_LF : BAD;
    case DATA_LF:
        chunks->digits = 0;
        return c == '\n' ? SIZE : BAD;
    case TRAILER_START:
        return skip(chunks, c, TRAILER, LAST_LF);
    case TRAILER:
        return skip(chunks, c, TRAILER, TRAILER_LF);
    case TRAILER_LF:
        return c == '\n' ? TRAILER_START : BAD;
    case LAST_LF:
        return c == '\n' ? END : BAD;
    default:
        return BAD;
    }
}

ChunksResult chunks_next(Chunks *chunks, const char **data, size_t *size, size_t *ret_length)
{
    while (chunks->state != END && chunks->state != BAD) {
        if (*size == 0)
            return CHUNKS_MORE;
        if (chunks->state == DATA) {
            *ret_length = (size_t)MIN((uint64_t)*size, chunks->left);
            return CHUNKS_DATA;
        }
        chunks->state = take_framing(chunks, **data);
        (*data)++;
        (*size)--;
    }
    return chunks->state == END ? CHUNKS_END : CHUNKS_BAD;
}

void chunks_use(Chunks *chunks, size_t length)
{
    g_assert(chunks->state == DATA && length <= chunks->left);
    chunks->left -= length;
    if (chunks->left == 0)
        chunks->state = DATA_CR;
}
