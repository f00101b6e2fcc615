/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/poller.h"

#include <errno.h>
#include <sys/epoll.h>

#include "common/error.h"

#define EVENTS_AT_A_TIME 32

struct HttpPoller {
    int fd;
    /* of the dispatch under way: those that were freed meanwhile are NULL */
    HttpPolled *events[EVENTS_AT_A_TIME];
    int count;
};

struct HttpPolled {
    HttpPoller *poller;
    int fd;
    uint32_t watched;
    void (*ready)(bool broken, void *user);
    void *user;
};

HttpPoller *http_poller_new(GError **error)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "epoll: %s", g_strerror(errno));
        return NULL;
    }
    HttpPoller *poller = g_new0(HttpPoller, 1);
    poller->fd = fd;
    return poller;
}

void http_poller_free(HttpPoller *poller)
{
    if (!poller)
        return;
    close(poller->fd);
    g_free(poller);
}

int http_poller_fd(const HttpPoller *poller)
{
    return poller->fd;
}

HttpPolled *http_polled_new(HttpPoller *poller, int fd, void (*ready)(bool broken, void *user), void *user)
{
    HttpPolled *polled = g_new0(HttpPolled, 1);
    struct epoll_event event = {.data.ptr = polled};

    *polled = (HttpPolled){.poller = poller, .fd = fd, .ready = ready, .user = user};
    if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return polled;
    g_free(polled);
    return NULL;
}

void http_polled_watch(HttpPolled *polled, bool input, bool output)
{
    uint32_t watched = (input ? EPOLLIN : 0U) | (output ? EPOLLOUT : 0U);
    struct epoll_event event = {.events = watched, .data.ptr = polled};

    if (watched == polled->watched)
        return;
    /* It can fail only for want of a descriptor that is ours. */
    if (epoll_ctl(polled->poller->fd, EPOLL_CTL_MOD, polled->fd, &event) == 0)
        polled->watched = watched;
}

void http_polled_free(HttpPolled *polled)
{
    if (!polled)
        return;
    (void)epoll_ctl(polled->poller->fd, EPOLL_CTL_DEL, polled->fd, NULL);
    for (int i = 0; i < polled->poller->count; i++)
        if (polled->poller->events[i] == polled)
            polled->poller->events[i] = NULL;
    g_free(polled);
}

void http_poller_dispatch(HttpPoller *poller)
{
    struct epoll_event events[EVENTS_AT_A_TIME];
    int count = epoll_wait(poller->fd, events, EVENTS_AT_A_TIME, 0);

    poller->count = MAX(count, 0);
    for (int i = 0; i < poller->count; i++)
        poller->events[i] = events[i].data.ptr;
    for (int i = 0; i < poller->count; i++)
        if (poller->events[i])
            poller->events[i]->ready((events[i].events & (EPOLLERR | EPOLLHUP)) != 0,
                                     poller->events[i]->user);
    poller->count = 0;
}
