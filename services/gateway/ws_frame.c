/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/ws_frame.h"

#define FINAL           0x80 /* the message ends with this frame */
#define SHORT_MAX       125
#define LENGTH_16       126
#define LENGTH_64       127
#define LENGTH_64_BYTES 8

size_t ws_frame_head(uint8_t head[static WS_FRAME_HEAD_MAX], WsOpcode opcode, uint64_t size)
{
    head[0] = (uint8_t)(FINAL | opcode);
    if (size <= SHORT_MAX) {
        head[1] = (uint8_t)size;
        return 2;
    }
    if (size <= UINT16_MAX) {
        head[1] = LENGTH_16;
        head[2] = (uint8_t)(size >> 8);
        head[3] = (uint8_t)size;
        return 4;
    }
    head[1] = LENGTH_64;
    for (size_t i = 0; i < LENGTH_64_BYTES; i++)
        head[2 + i] = (uint8_t)(size >> (8 * (LENGTH_64_BYTES - 1 - i)));
    return 2 + LENGTH_64_BYTES;
}
