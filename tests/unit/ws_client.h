/* SPDX-License-Identifier: Apache-2.0 */
/* A bare WebSocket client for tests, beside http_client.h. All waits have a deadline. */
#ifndef DAYWIRE_TESTS_WS_CLIENT_H
#define DAYWIRE_TESTS_WS_CLIENT_H

#include <jansson.h>

#include "http_client.h"

enum {
    WS_CLIENT_TEXT = 0x1,
    WS_CLIENT_BINARY = 0x2,
    WS_CLIENT_CLOSE = 0x8,
    WS_CLIENT_PING = 0x9,
    WS_CLIENT_PONG = 0xa
};

typedef struct {
    int opcode; /* 0: the connection ended, or nothing came in time */
    GString *payload;
} WsFrame;

/* Asks for an upgrade; `headers` with their line ends, may be NULL. The answer is the caller's. Returns the
 * socket. */
int ws_client_ask(unsigned port, const char *target, const char *headers, HttpReply *ret_reply);
/* The same, and it must be granted; `subprotocol` may be NULL. */
int ws_client_open(unsigned port, const char *target, const char *subprotocol);

/* `opcode` with 0x80 is the last frame of a message. */
void ws_client_send(int fd, int opcode, const void *data, size_t size);
void ws_client_send_text(int fd, const char *text);

/* The next frame of any kind. */
WsFrame ws_client_read(int fd);
void ws_frame_clear(WsFrame *frame);
/* The next text message of this type, others are passed over and pings are answered; NULL when none came. */
json_t *ws_client_next(int fd, const char *type);
/* Reads on to the close frame and returns its code; 0: the connection ended without one. */
int ws_client_close_code(int fd);

#endif
