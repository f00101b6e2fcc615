/* SPDX-License-Identifier: Apache-2.0 */
/* A bare HTTP/1.1 client for tests, which can say things that no proper client would. All waits have a
 * deadline. */
#ifndef DAYWIRE_TESTS_HTTP_CLIENT_H
#define DAYWIRE_TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct {
    int status; /* 0: no answer came */
    char *head;
    GString *body;
    bool whole; /* all of the body that was announced has come */
} HttpReply;

int client_connect(unsigned port);
void client_send(int fd, const char *bytes, size_t size);
void client_send_text(int fd, const char *text);
/* Reads one answer, its body by Content-Length or in chunks, decoded; `without_body` for HEAD. */
HttpReply client_read(int fd, bool without_body);
/* One request on a connection of its own; `headers` with its line ends, may be NULL; without
 * a Host at its beginning there is one. */
HttpReply client_request(unsigned port, const char *method, const char *target, const char *headers,
                         const char *body);
/* The value of a header of the answer, or NULL. g_free it. */
char *reply_header(const HttpReply *reply, const char *name);
void reply_clear(HttpReply *reply);
/* Whether the other side closes the connection within 5 s; what it still sends is dropped. */
bool client_closed(int fd);

#endif
