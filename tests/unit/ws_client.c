/* SPDX-License-Identifier: Apache-2.0 */
#include "ws_client.h"

#include <poll.h>
#include <sys/socket.h>

#define DEADLINE_MS 10000

int ws_client_ask(unsigned port, const char *target, const char *headers, HttpReply *ret_reply)
{
    int fd = client_connect(port);
    g_autofree char *request =
        g_strdup_printf("GET %s HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                        target, headers != NULL ? headers : "");

    client_send_text(fd, request);
    *ret_reply = client_read(fd, false);
    return fd;
}

int ws_client_open(unsigned port, const char *target, const char *subprotocol)
{
    g_autofree char *header =
        subprotocol != NULL ? g_strdup_printf("Sec-WebSocket-Protocol: %s\r\n", subprotocol) : g_strdup("");
    HttpReply reply;
    int fd = ws_client_ask(port, target, header, &reply);

    g_assert_cmpint(reply.status, ==, 101);
    reply_clear(&reply);
    return fd;
}

void ws_client_send(int fd, int opcode, const void *data, size_t size)
{
    static const guint8 mask[4] = {0x12, 0x34, 0x56, 0x78};
    g_autoptr(GByteArray) frame = g_byte_array_new();
    guint8 head[10] = {(guint8)opcode};
    guint head_size = 2;

    if (size < 126) {
        head[1] = (guint8)(0x80 | size);
    } else if (size < 65536) {
        head[1] = 0x80 | 126;
        head[2] = (guint8)(size >> 8);
        head[3] = (guint8)size;
        head_size = 4;
    } else {
        head[1] = 0x80 | 127;
        for (guint i = 0; i < 8; i++)
            head[2 + i] = (guint8)((guint64)size >> (56 - 8 * i));
        head_size = 10;
    }
    g_byte_array_append(frame, head, head_size);
    g_byte_array_append(frame, mask, sizeof mask);
    for (size_t i = 0; i < size; i++) {
        guint8 byte = ((const guint8 *)data)[i] ^ mask[i % 4];
        g_byte_array_append(frame, &byte, 1);
    }
    client_send(fd, (const char *)frame->data, frame->len);
}

void ws_client_send_text(int fd, const char *text)
{
    ws_client_send(fd, 0x80 | WS_CLIENT_TEXT, text, strlen(text));
}

static bool receive(int fd, void *into, size_t size)
{
    char *at = into;

    while (size > 0) {
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        if (poll(&pollfd, 1, DEADLINE_MS) <= 0)
            return false;
        ssize_t got = recv(fd, at, size, 0);
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

WsFrame ws_client_read(int fd)
{
    WsFrame frame = {.payload = g_string_new(NULL)};
    guint8 head[2], more[8] = {0};

    if (!receive(fd, head, sizeof head))
        return frame;
    guint64 size = head[1] & 0x7f;
    size_t more_size = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!receive(fd, more, more_size))
        return frame;
    if (more_size > 0)
        size = 0;
    for (size_t i = 0; i < more_size; i++)
        size = size << 8 | more[i];
    g_string_set_size(frame.payload, size);
    if (receive(fd, frame.payload->str, size))
        frame.opcode = head[0] & 0xf;
    return frame;
}

void ws_frame_clear(WsFrame *frame)
{
    g_string_free(frame->payload, TRUE);
    *frame = (WsFrame){0};
}

json_t *ws_client_next(int fd, const char *type)
{
    for (;;) {
        WsFrame frame = ws_client_read(fd);
        json_t *message = NULL;
        int opcode = frame.opcode;

        if (opcode == WS_CLIENT_PING)
            ws_client_send(fd, 0x80 | WS_CLIENT_PONG, frame.payload->str, frame.payload->len);
        else if (opcode == WS_CLIENT_TEXT)
            message = json_loadb(frame.payload->str, frame.payload->len, 0, NULL);
        ws_frame_clear(&frame);
        if (opcode == 0 || opcode == WS_CLIENT_CLOSE)
            return NULL;
        if (message != NULL && g_strcmp0(json_string_value(json_object_get(message, "type")), type) == 0)
            return message;
        json_decref(message);
    }
}

int ws_client_close_code(int fd)
{
    for (;;) {
        WsFrame frame = ws_client_read(fd);
        int opcode = frame.opcode;
        int code = 0;

        if (opcode == WS_CLIENT_CLOSE && frame.payload->len >= 2)
            code = (guint8)frame.payload->str[0] << 8 | (guint8)frame.payload->str[1];
        ws_frame_clear(&frame);
        if (opcode == WS_CLIENT_CLOSE || opcode == 0)
            return code;
    }
}
