/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/hostile_server.h"

#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

#define HEAD_MAX 65536

struct HostileServer {
    const HostileRoute *routes;
    int fd;
    unsigned port;
    atomic_uint requests;
    GThread *thread;
};

bool hostile_send(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool hostile_send_text(int fd, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return hostile_send(fd, text, strlen(text));
}

void hostile_hold(int fd)
{
    char byte;

    while (recv(fd, &byte, 1, 0) > 0)
        continue;
}

/* Up to the empty line; NULL when there is none. */
static char *read_head(int fd)
{
    g_autoptr(GString) head = g_string_new(NULL);
    char byte;

    while (head->len < HEAD_MAX && !g_str_has_suffix(head->str, "\r\n\r\n")) {
        if (recv(fd, &byte, 1, 0) != 1)
            return NULL;
        g_string_append_c(head, byte);
    }
    return g_string_free(g_steal_pointer(&head), FALSE);
}

static void serve(HostileServer *server, int fd)
{
    g_autofree char *head = read_head(fd);
    g_auto(GStrv) words = g_strsplit(head ? head : "", " ", 3);

    if (!words[0] || !words[1])
        return;
    atomic_fetch_add(&server->requests, 1);
    for (const HostileRoute *route = server->routes; route->path; route++) {
        if (strcmp(route->path, words[1]) == 0) {
            (void)route->handler(fd, head);
            return;
        }
    }
    (void)hostile_send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void *run(void *user)
{
    HostileServer *server = user;
    int fd;

    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        serve(server, fd);
        close(fd);
    }
    return NULL;
}

HostileServer *hostile_server_start(const HostileRoute *routes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
    socklen_t size = sizeof(address);
    HostileServer *server = g_new0(HostileServer, 1);

    server->routes = routes;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(server->fd, 16) != 0 ||
        getsockname(server->fd, (struct sockaddr *)&address, &size) != 0)
        fail_msg("no port for the server");
    server->port = ntohs(address.sin_port);
    server->thread = g_thread_new("hostile", run, server);
    return server;
}

void hostile_server_stop(HostileServer *server)
{
    (void)shutdown(server->fd, SHUT_RDWR); /* ends accept() */
    g_thread_join(server->thread);
    close(server->fd);
    g_free(server);
}

unsigned hostile_server_port(const HostileServer *server)
{
    return server->port;
}

unsigned hostile_server_requests(HostileServer *server)
{
    return atomic_load(&server->requests);
}
