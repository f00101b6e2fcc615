/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "common/error.h"

struct HttpListener {
    int fd;
    int spare; /* given up for a moment when there are no descriptors left; -1: none */
    unsigned port;
};

/* Splits at the last colon; brackets around the address are taken off. getaddrinfo() would take a port beyond
 * 65535 for another one. */
static bool split_address(const char *address, char **ret_host, char **ret_port)
{
    const char *colon = strrchr(address, ':');

    if (colon == NULL || colon == address ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, NULL, NULL))
        return false;
    size_t length = (size_t)(colon - address);
    if (address[0] == '[') {
        if (address[length - 1] != ']' || length < 3)
            return false;
        *ret_host = g_strndup(address + 1, length - 2);
    } else if (memchr(address, ':', length) != NULL) {
        return false;
    } else {
        *ret_host = g_strndup(address, length);
    }
    *ret_port = g_strdup(colon + 1);
    return true;
}

static int open_socket(const struct addrinfo *info, bool shared)
{
    static const int on = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
        (info->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, info->ai_addr, info->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static unsigned port_of(int fd)
{
    union {
        struct sockaddr_in6 v6;
        struct sockaddr_in v4;
        struct sockaddr any;
    } address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, &address.any, &size) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

HttpListener *http_listener_new(const char *address, bool shared, GError **error)
{
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    if (!split_address(address, &host, &port)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "'%s' is not of the form address:port",
                    address);
        return NULL;
    }
    int result = getaddrinfo(host, port, &hints, &found);
    if (result != 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "cannot listen on '%s': %s", address,
                    gai_strerror(result));
        return NULL;
    }
    int fd = open_socket(found, shared);
    int reason = errno;
    freeaddrinfo(found);
    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "cannot listen on %s: %s", address,
                    g_strerror(reason));
        return NULL;
    }
    HttpListener *listener = g_new0(HttpListener, 1);
    listener->fd = fd;
    listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    listener->port = port_of(fd);
    return listener;
}

void http_listener_free(HttpListener *listener)
{
    if (listener == NULL)
        return;
    close(listener->fd);
    if (listener->spare >= 0)
        close(listener->spare);
    g_free(listener);
}

int http_listener_fd(const HttpListener *listener)
{
    return listener->fd;
}

unsigned http_listener_port(const HttpListener *listener)
{
    return listener->port;
}

static void drop_one(HttpListener *listener)
{
    if (listener->spare < 0)
        return;
    close(listener->spare);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int http_listener_accept(HttpListener *listener)
{
    static const int on = 1;
    int fd;

    do
        fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            drop_one(listener);
        return -1;
    }
    /* An answer is written in one go: waiting for more to send would only delay it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void http_limit_open_files(unsigned most)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= most)
        return;
    limit.rlim_cur = most;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}
