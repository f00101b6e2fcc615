/* SPDX-License-Identifier: Apache-2.0 */
/* What protobuf-c cannot tell of the texts in a packed message, since it hands them out as C strings. Pure, any
 * thread. */
#ifndef DAYWIRE_COMMON_WIRE_TEXT_H
#define DAYWIRE_COMMON_WIRE_TEXT_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

/* The name of the first field of type string, at any depth, that holds a NUL character, behind which protobuf-c
 * drops the text without a word; NULL: none. `data` is what protobuf-c has unpacked as such a message. */
const char *wire_text_find_nul(const ProtobufCMessageDescriptor *descriptor, const void *data, size_t size);

#endif
