/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the encoding (protobuf.dev, "Encoding"). What it cannot read ends the walk: the message was unpacked. */
#include "common/wire_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VARINT_BYTES_MAX 10

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Input;

static bool take_varint(Input *input, uint64_t *ret_value)
{
    *ret_value = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX && input->at < input->end; i++) {
        uint8_t byte = *input->at++;
        *ret_value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool take_bytes(Input *input, uint64_t size, Input *ret_bytes)
{
    if (size > (uint64_t)(input->end - input->at))
        return false;
    *ret_bytes = (Input){.at = input->at, .end = input->at + size};
    input->at += size;
    return true;
}

/* The value of a field; empty when it is not made of bytes. */
static bool take_value(Input *input, unsigned wire_type, Input *ret_value)
{
    uint64_t number = 0;

    *ret_value = (Input){0};
    switch (wire_type) {
    case WIRE_VARINT:
        return take_varint(input, &number);
    case WIRE_64:
        return take_bytes(input, 8, &(Input){0});
    case WIRE_32:
        return take_bytes(input, 4, &(Input){0});
    case WIRE_BYTES:
        return take_varint(input, &number) && take_bytes(input, number, ret_value);
    default:
        return false;
    }
}

const char *wire_text_find_nul(const ProtobufCMessageDescriptor *descriptor, const void *data, size_t size)
{
    Input input = {.at = data, .end = (const uint8_t *)data + size};
    uint64_t tag = 0;
    Input value;

    while (take_varint(&input, &tag) && take_value(&input, tag & 7, &value)) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(tag >> 3));
        size_t length = (size_t)(value.end - value.at);
        if (field == NULL || length == 0)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING && memchr(value.at, '\0', length) != NULL)
            return field->name;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && wire_text_find_nul(field->descriptor, value.at, length))
            return field->name;
    }
    return NULL;
}
