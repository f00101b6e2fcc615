/* SPDX-License-Identifier: Apache-2.0 */
/* The binary form: a version byte, the epoch (4 bytes, big-endian), then for each partition offset and stamp
 * as varints (7 bits a byte, least significant first). Their number follows from the length. */
#include "gateway/cursor.h"

#include <glib.h>

#define VERSION     1
#define HEAD_SIZE   5
#define VARINT_MAX  10
#define STAMP_EPOCH INT64_C(1577836800) /* 2020-01-01T00:00:00Z */
#define BASE64URL   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static size_t cursor_size(size_t count)
{
    return sizeof(Cursor) + count * sizeof(CursorPosition);
}

Cursor *cursor_new(uint32_t epoch, size_t count)
{
    Cursor *cursor = g_malloc0(cursor_size(count));
    cursor->epoch = epoch;
    cursor->count = count;
    return cursor;
}

Cursor *cursor_copy(const Cursor *cursor)
{
    return g_memdup2(cursor, cursor_size(cursor->count));
}

static void put_varint(GByteArray *bytes, uint64_t value)
{
    uint8_t buffer[VARINT_MAX];
    guint size = 0;
    do {
        buffer[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    g_byte_array_append(bytes, buffer, size);
}

/* False when the bytes end within it, or it is larger than `most`. */
static bool take_varint(const uint8_t **at, const uint8_t *end, uint64_t most, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < end && shift < 63; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *ret_value = value;
        return value <= most;
    }
    return false;
}

static Cursor *parse_bytes(const uint8_t *data, size_t size)
{
    if (size <= HEAD_SIZE || data[0] != VERSION)
        return NULL;
    uint32_t epoch =
        (uint32_t)data[1] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 8 | (uint32_t)data[4];
    CursorPosition positions[CURSOR_POSITIONS_MAX];
    size_t count = 0;
    const uint8_t *end = data + size;
    for (const uint8_t *at = data + HEAD_SIZE; at < end; count++) {
        uint64_t offset = 0;
        uint64_t stamp = 0;
        if (count == CURSOR_POSITIONS_MAX || !take_varint(&at, end, INT64_MAX, &offset) ||
            !take_varint(&at, end, UINT32_MAX, &stamp))
            return NULL;
        positions[count] = (CursorPosition){.offset = (int64_t)offset, .stamp = (uint32_t)stamp};
    }
    Cursor *cursor = cursor_new(epoch, count);
    memcpy(cursor->positions, positions, count * sizeof(*positions));
    return cursor;
}

Cursor *cursor_parse(const char *text)
{
    size_t length = strnlen(text, CURSOR_TEXT_MAX + 1);
    if (length > CURSOR_TEXT_MAX || length % 4 == 1 || strspn(text, BASE64URL) != length)
        return NULL;
    g_autoptr(GString) padded = g_string_new(text);
    for (char *c = padded->str; *c; c++)
        *c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
    while (padded->len % 4 != 0)
        g_string_append_c(padded, '=');
    size_t size = 0;
    g_autofree uint8_t *data = g_base64_decode(padded->str, &size);
    return parse_bytes(data, size);
}

char *cursor_format(const Cursor *cursor)
{
    const uint8_t head[HEAD_SIZE] = {VERSION, (uint8_t)(cursor->epoch >> 24), (uint8_t)(cursor->epoch >> 16),
                                     (uint8_t)(cursor->epoch >> 8), (uint8_t)cursor->epoch};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, head, sizeof(head));
    for (size_t i = 0; i < cursor->count; i++) {
        put_varint(bytes, (uint64_t)cursor->positions[i].offset);
        put_varint(bytes, cursor->positions[i].stamp);
    }
    char *text = g_base64_encode(bytes->data, bytes->len);
    for (char *c = text; *c; c++)
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c);
    return text;
}

uint32_t cursor_epoch(const char *cluster, const char *statements_topic, const char *ticks_topic)
{
    const char *const names[] = {cluster, statements_topic, ticks_topic};
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_checksum_update(checksum, (const uint8_t *)names[i], (gssize)strlen(names[i]) + 1);
    uint8_t digest[32];
    size_t size = sizeof(digest);
    g_checksum_get_digest(checksum, digest, &size);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
}

/* 0 stands for "no record", hence the earliest stamp is 1. */
uint32_t cursor_stamp(Instant record_time)
{
    int64_t seconds = record_time / INSTANT_SECOND - STAMP_EPOCH;
    return (uint32_t)CLAMP(seconds, 1, (int64_t)UINT32_MAX);
}

bool cursor_covers(const Cursor *cursor, size_t partition, int64_t offset)
{
    return partition < cursor->count && offset < cursor->positions[partition].offset;
}

bool cursor_same_log(const Cursor *a, const Cursor *b)
{
    return a->epoch == b->epoch && a->count == b->count;
}

bool cursor_is_behind(const Cursor *a, const Cursor *b)
{
    if (!cursor_same_log(a, b))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->positions[i].offset > b->positions[i].offset)
            return false;
    }
    return true;
}

void cursor_merge(Cursor *cursor, const Cursor *other)
{
    g_assert(cursor_same_log(cursor, other));
    for (size_t i = 0; i < cursor->count; i++) {
        if (other->positions[i].offset > cursor->positions[i].offset)
            cursor->positions[i] = other->positions[i];
    }
}
