/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and chunks, in pieces of any size: they say the same as in one piece, whatever the pieces are; and a line is
 * what lies between two line ends. The first byte of the input is the size of the pieces. */
#include <string.h>

#include <glib.h>

#include "common/http/chunks.h"
#include "common/line_reader.h"
#include "fuzz.h"

#define LONGEST 64

static void note(GString *told, const Line *line)
{
    g_string_append_printf(told, "%u ", (unsigned)line->number);
    if (line->text)
        g_string_append_len(told, line->text, (gssize)line->length);
    g_string_append_c(told, line->text ? '\n' : '!');
}

static GString *lines_in_pieces(const char *data, size_t size, size_t step)
{
    LineReader *reader = line_reader_new(LONGEST);
    GString *told = g_string_new(NULL);
    Line line;
    for (size_t at = 0; at < size; at += step) {
        size_t left = MIN(step, size - at);
        char *piece = g_memdup2(data + at, left);
        const char *next = piece;
        while (line_reader_take(reader, &next, &left, &line)) {
            EXPECT(!line.text || (line.length > 0 && line.length <= LONGEST));
            EXPECT(!line.text || !memchr(line.text, '\n', line.length));
            note(told, &line);
        }
        EXPECT(left == 0);
        g_free(piece);
    }
    if (line_reader_end(reader, &line))
        note(told, &line);
    line_reader_free(reader);
    return told;
}

static GString *chunks_in_pieces(const char *data, size_t size, size_t step)
{
    GString *told = g_string_new(NULL);
    ChunksResult result = CHUNKS_MORE;
    Chunks chunks = {0};
    for (size_t at = 0; at < size && result == CHUNKS_MORE; at += step) {
        size_t left = MIN(step, size - at);
        char *piece = g_memdup2(data + at, left);
        const char *next = piece;
        size_t length = 0;
        while ((result = chunks_next(&chunks, &next, &left, &length)) == CHUNKS_DATA) {
            EXPECT(length > 0 && length <= left);
            g_string_append_len(told, next, (gssize)length);
            chunks_use(&chunks, length);
            next += length;
            left -= length;
        }
        EXPECT(result != CHUNKS_MORE || left == 0);
        g_free(piece);
    }
    g_string_append_printf(told, " %d", result);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    size_t step = (size_t)data[0] + 1;
    GString *(*const readers[])(const char *, size_t, size_t) = {lines_in_pieces, chunks_in_pieces};
    for (size_t i = 0; i < 2; i++) {
        GString *whole = readers[i](text, size - 1, MAX(size - 1, 1));
        GString *pieces = readers[i](text, size - 1, step);
        EXPECT(g_string_equal(whole, pieces));
        g_string_free(whole, TRUE);
        g_string_free(pieces, TRUE);
    }
    return 0;
}
