/* SPDX-License-Identifier: Apache-2.0 */
#include "common/line_reader.h"

#define BOM        "\xef\xbb\xbf"
#define BOM_LENGTH 3
/* What one line needed is kept for the next, up to this. */
#define KEPT ((size_t)64 * 1024)

struct LineReader {
    size_t max_length;
    uint64_t number;   /* of the line being read */
    GByteArray *begun; /* what earlier pieces had of it */
    bool told;         /* those were part of the line told last */
    bool too_long;
};

LineReader *line_reader_new(size_t max_length)
{
    LineReader *reader = g_new0(LineReader, 1);

    reader->max_length = max_length;
    reader->number = 1;
    reader->begun = g_byte_array_new();
    return reader;
}

void line_reader_free(LineReader *reader)
{
    if (!reader)
        return;
    g_byte_array_unref(reader->begun);
    g_free(reader);
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

/* False when there is nothing to tell. */
static bool finish(LineReader *reader, const char *text, size_t length, Line *ret_line)
{
    uint64_t number = reader->number++;
    if (reader->too_long || length > reader->max_length) {
        reader->too_long = false;
        *ret_line = (Line){.number = number};
        return true;
    }
    if (number == 1 && length >= BOM_LENGTH && memcmp(text, BOM, BOM_LENGTH) == 0) {
        text += BOM_LENGTH;
        length -= BOM_LENGTH;
    }
    if (length > 0 && text[length - 1] == '\r')
        length--;
    if (is_blank(text, length))
        return false;
    *ret_line = (Line){.number = number, .text = text, .length = length};
    return true;
}

/* The line told before has lain there. */
static void forget_told(LineReader *reader)
{
    if (!reader->told)
        return;
    reader->told = false;
    if (reader->begun->len > KEPT) {
        g_byte_array_unref(reader->begun);
        reader->begun = g_byte_array_new();
    }
    g_byte_array_set_size(reader->begun, 0);
}

static void gather(LineReader *reader, const char *text, size_t length)
{
    if (reader->too_long || length > reader->max_length - reader->begun->len) {
        reader->too_long = true;
        g_byte_array_set_size(reader->begun, 0);
        return;
    }
    g_byte_array_append(reader->begun, (const guint8 *)text, (guint)length);
}

bool line_reader_take(LineReader *reader, const char **data, size_t *size, Line *ret_line)
{
    while (*size > 0) {
        forget_told(reader);
        const char *text = *data;
        const char *end = memchr(text, '\n', *size);
        size_t length = end ? (size_t)(end - text) : *size;
        *data += length + (end ? 1 : 0);
        *size -= length + (end ? 1 : 0);
        if (!end) {
            gather(reader, text, length);
            return false;
        }
        bool in_one_piece = reader->begun->len == 0;
        if (!in_one_piece)
            gather(reader, text, length);
        reader->told = !in_one_piece;
        if (in_one_piece ? finish(reader, text, length, ret_line)
                         : finish(reader, (const char *)reader->begun->data, reader->begun->len, ret_line))
            return true;
    }
    return false;
}

bool line_reader_end(LineReader *reader, Line *ret_line)
{
    forget_told(reader);
    if (reader->begun->len == 0 && !reader->too_long)
        return false;
    reader->told = true;
    return finish(reader, (const char *)reader->begun->data, reader->begun->len, ret_line);
}
