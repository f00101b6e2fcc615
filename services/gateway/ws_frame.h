/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as a WebSocket server writes them (RFC 6455, section 5.2): one unmasked frame a message. Pure, any
 * thread. */
#ifndef DAYWIRE_GATEWAY_WS_FRAME_H
#define DAYWIRE_GATEWAY_WS_FRAME_H

#include <stddef.h>
#include <stdint.h>

typedef enum { WS_TEXT = 0x1, WS_BINARY = 0x2, WS_CLOSE = 0x8, WS_PING = 0x9, WS_PONG = 0xa } WsOpcode;

#define WS_FRAME_HEAD_MAX 10

/* Writes the head of a frame with `size` bytes of payload; returns the head's length. */
size_t ws_frame_head(uint8_t head[static WS_FRAME_HEAD_MAX], WsOpcode opcode, uint64_t size);

#endif
