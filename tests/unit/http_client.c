/* SPDX-License-Identifier: Apache-2.0 */
#include "http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#define DEADLINE_MS 10000

int client_connect(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/* Stops early when the server has had enough. */
void client_send(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        size -= (size_t)sent;
    }
}

void client_send_text(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

/* False at the end, at an error or when nothing came in time. */
static bool receive(int fd, GString *into, size_t most, int timeout_ms)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    char buffer[65536];

    if (poll(&pollfd, 1, timeout_ms) <= 0)
        return false;
    ssize_t size = recv(fd, buffer, MIN(most, sizeof buffer), 0);
    if (size <= 0)
        return false;
    g_string_append_len(into, buffer, size);
    return true;
}

char *reply_header(const HttpReply *reply, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(reply->head, "\r\n", -1);
    size_t length = strlen(name);

    for (char **line = lines; *line != NULL; line++)
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
            return g_strdup(g_strstrip(*line + length + 1));
    return NULL;
}

/* Up to and with the next LF; empty when none came. */
static char *receive_line(int fd)
{
    GString *line = g_string_new(NULL);

    while (!g_str_has_suffix(line->str, "\n") && receive(fd, line, 1, DEADLINE_MS))
        continue;
    return g_string_free(line, FALSE);
}

static bool receive_exactly(int fd, GString *into, size_t size)
{
    size_t end = into->len + size;

    while (into->len < end && receive(fd, into, end - into->len, DEADLINE_MS))
        continue;
    return into->len == end;
}

static bool receive_chunks(int fd, GString *into)
{
    for (;;) {
        g_autofree char *line = receive_line(fd);
        if (!g_str_has_suffix(line, "\r\n"))
            return false;
        size_t size = (size_t)g_ascii_strtoull(line, NULL, 16);
        if (size > 0 && !receive_exactly(fd, into, size))
            return false;
        g_autofree char *end = receive_line(fd);
        if (strcmp(end, "\r\n") != 0)
            return false;
        if (size == 0)
            return true;
    }
}

HttpReply client_read(int fd, bool without_body)
{
    HttpReply reply = {.head = NULL, .body = g_string_new(NULL)};
    GString *head = g_string_new(NULL);

    while (!g_str_has_suffix(head->str, "\r\n\r\n") && receive(fd, head, 1, DEADLINE_MS))
        continue;
    reply.head = g_string_free(head, FALSE);
    if (g_str_has_prefix(reply.head, "HTTP/1."))
        reply.status = (int)g_ascii_strtoll(reply.head + 9, NULL, 10);
    g_autofree char *length = reply_header(&reply, "Content-Length");
    size_t expected = length != NULL && !without_body ? (size_t)g_ascii_strtoull(length, NULL, 10) : 0;
    g_autofree char *encoding = reply_header(&reply, "Transfer-Encoding");
    if (encoding != NULL && !without_body)
        reply.whole = receive_chunks(fd, reply.body);
    else
        reply.whole = receive_exactly(fd, reply.body, expected);
    return reply;
}

HttpReply client_request(unsigned port, const char *method, const char *target, const char *headers,
                         const char *body)
{
    int fd = client_connect(port);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_printf(text, "%s %s HTTP/1.1\r\n%sConnection: close\r\n%s", method, target,
                    headers != NULL && g_str_has_prefix(headers, "Host: ") ? "" : "Host: test\r\n",
                    headers != NULL ? headers : "");
    if (body != NULL)
        g_string_append_printf(text, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        g_string_append(text, "\r\n");
    client_send(fd, text->str, text->len);
    HttpReply reply = client_read(fd, strcmp(method, "HEAD") == 0);
    close(fd);
    return reply;
}

void reply_clear(HttpReply *reply)
{
    g_free(reply->head);
    g_string_free(reply->body, TRUE);
    *reply = (HttpReply){0};
}

bool client_closed(int fd)
{
    int64_t deadline = g_get_monotonic_time() + (int64_t)20 * G_USEC_PER_SEC;
    char buffer[4096];

    while (g_get_monotonic_time() < deadline) {
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        if (poll(&pollfd, 1, 100) > 0 && recv(fd, buffer, sizeof buffer, 0) <= 0)
            return true;
    }
    return false;
}
