/* SPDX-License-Identifier: Apache-2.0 */
/* A file has its data twice: first with times of 32 bits for old readers, then with 64. Only the second is
 * read. After it comes a rule for the time after the last transition. All numbers are big-endian; every size
 * is checked against what is left before it is used. */
#include "common/zone_file.h"

#include <string.h>

#include "common/error.h"

#define HEADER_SIZE  44
#define TYPES_MAX    256
#define TYPE_SIZE    6 /* of a local time type */
#define TIME_SIZE_V1 4
#define TIME_SIZE    8
#define FOOTER_MAX   256

typedef struct {
    const uint8_t *at;
    size_t left;
} Bytes;

/* The counts of a header, in the order of the file. */
typedef struct {
    char version;
    uint32_t ut_indicators, standard_indicators, leap_seconds, transitions, types, characters;
} Header;

static bool refuse(GError **error, const char *reason)
{
    g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, reason);
    return false;
}

/* The next `size` bytes, or NULL when there are fewer. */
static const uint8_t *take(Bytes *bytes, uint64_t size)
{
    if (size > bytes->left)
        return NULL;
    const uint8_t *taken = bytes->at;
    bytes->at += size;
    bytes->left -= size;
    return taken;
}

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t read_i64(const uint8_t *at)
{
    return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static bool take_header(Bytes *bytes, Header *header, GError **error)
{
    const uint8_t *at = take(bytes, HEADER_SIZE);
    if (!at || memcmp(at, "TZif", 4) != 0)
        return refuse(error, "it is no compiled time zone");
    *header = (Header){
        .version = (char)at[4],
        .ut_indicators = read_u32(at + 20),
        .standard_indicators = read_u32(at + 24),
        .leap_seconds = read_u32(at + 28),
        .transitions = read_u32(at + 32),
        .types = read_u32(at + 36),
        .characters = read_u32(at + 40),
    };
    return true;
}

static uint64_t data_size(const Header *header, uint64_t time_size)
{
    return header->transitions * (time_size + 1) + UINT64_C(6) * header->types + header->characters +
           header->leap_seconds * (time_size + 4) + header->standard_indicators + header->ut_indicators;
}

static bool read_offsets(const uint8_t *types, uint32_t count, int32_t *offsets, GError **error)
{
    for (uint32_t i = 0; i < count; i++) {
        offsets[i] = (int32_t)read_u32(types + (size_t)i * TYPE_SIZE);
        if (offsets[i] < -ZONE_OFFSET_MAX || offsets[i] > ZONE_OFFSET_MAX)
            return refuse(error, "an offset is larger than 26 hours");
    }
    return true;
}

/* Transitions that keep the offset are left out: only the name or the kind of time changes. */
static bool read_transitions(ZoneFile *file, const Header *header, const uint8_t *times,
                             const uint8_t *indices, const int32_t *offsets, GError **error)
{
    int64_t previous = INT64_MIN;
    int32_t offset = file->first_offset;
    file->transitions = g_new(ZoneTransition, header->transitions);
    for (uint32_t i = 0; i < header->transitions; i++) {
        int64_t at = read_i64(times + (size_t)i * TIME_SIZE);
        if (i > 0 && at <= previous)
            return refuse(error, "its transitions are not in order");
        if (indices[i] >= header->types)
            return refuse(error, "a transition leads to no local time type");
        if (offsets[indices[i]] != offset || i == header->transitions - 1)
            file->transitions[file->count++] = (ZoneTransition){at, offsets[indices[i]]};
        offset = offsets[indices[i]];
        previous = at;
    }
    return true;
}

/* "\n", the rule or nothing, "\n". */
static bool read_footer(ZoneFile *file, Bytes *bytes, GError **error)
{
    const uint8_t *start = take(bytes, 1);
    if (!start || *start != '\n')
        return refuse(error, "its footer is missing");
    const uint8_t *end = memchr(bytes->at, '\n', MIN(bytes->left, FOOTER_MAX));
    if (!end || memchr(bytes->at, '\0', (size_t)(end - bytes->at)))
        return refuse(error, "its footer does not end");
    g_autofree char *rule = g_strndup((const char *)bytes->at, (gsize)(end - bytes->at));
    file->has_rules = *rule != '\0';
    return !file->has_rules || zone_rules_parse(rule, &file->rules, error);
}

static bool read_data(ZoneFile *file, const Header *header, Bytes *bytes, GError **error)
{
    int32_t offsets[TYPES_MAX] = {0};
    const uint8_t *data = take(bytes, data_size(header, TIME_SIZE));
    if (!data)
        return refuse(error, "it is cut off");
    if (header->leap_seconds != 0)
        return refuse(error, "it counts leap seconds");
    if (header->types == 0 || header->types > TYPES_MAX)
        return refuse(error, "it has no local time types, or too many");
    const uint8_t *indices = data + (size_t)header->transitions * TIME_SIZE;
    if (!read_offsets(indices + header->transitions, header->types, offsets, error))
        return false;
    file->first_offset = offsets[0];
    return read_transitions(file, header, data, indices, offsets, error) && read_footer(file, bytes, error);
}

bool zone_file_parse(const uint8_t *data, size_t size, ZoneFile *ret_file, GError **error)
{
    Bytes bytes = {data, size};
    Header old = {0}, header = {0};
    if (size > ZONE_FILE_MAX)
        return refuse(error, "it is too large for a time zone");
    if (!take_header(&bytes, &old, error))
        return false;
    if (old.version < '2')
        return refuse(error, "it is of version 1 and knows no time after 2038");
    if (!take(&bytes, data_size(&old, TIME_SIZE_V1)))
        return refuse(error, "it is cut off");
    if (!take_header(&bytes, &header, error))
        return false;
    ZoneFile file = {0};
    if (!read_data(&file, &header, &bytes, error)) {
        zone_file_clear(&file);
        return false;
    }
    *ret_file = file;
    return true;
}

void zone_file_clear(ZoneFile *file)
{
    g_clear_pointer(&file->transitions, g_free);
    file->count = 0;
}
