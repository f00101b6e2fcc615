/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>

struct HttpMailbox {
    atomic_uint references;
    atomic_size_t reserved;
    pthread_mutex_t lock;
    /* under the lock */
    GPtrArray *requests; /* NULL: empty */
    void (*wake)(void *user);
    void *user;
    GThread *owner; /* NULL: closed */
};

HttpMailbox *http_mailbox_new(void)
{
    HttpMailbox *mailbox = g_new0(HttpMailbox, 1);

    atomic_init(&mailbox->references, 1);
    atomic_init(&mailbox->reserved, 0);
    pthread_mutex_init(&mailbox->lock, NULL);
    return mailbox;
}

HttpMailbox *http_mailbox_ref(HttpMailbox *mailbox)
{
    atomic_fetch_add(&mailbox->references, 1);
    return mailbox;
}

void http_mailbox_unref(HttpMailbox *mailbox)
{
    if (atomic_fetch_sub(&mailbox->references, 1) != 1)
        return;
    g_assert(mailbox->requests == NULL);
    pthread_mutex_destroy(&mailbox->lock);
    g_free(mailbox);
}

void http_mailbox_open(HttpMailbox *mailbox, void (*wake)(void *user), void *user)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->wake = wake;
    mailbox->user = user;
    mailbox->owner = g_thread_self();
    pthread_mutex_unlock(&mailbox->lock);
}

GPtrArray *http_mailbox_close(HttpMailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    GPtrArray *requests = mailbox->requests;
    mailbox->requests = NULL;
    mailbox->owner = NULL;
    pthread_mutex_unlock(&mailbox->lock);
    return requests;
}

bool http_mailbox_reserve(HttpMailbox *mailbox, size_t bytes, size_t max)
{
    size_t before = atomic_fetch_add(&mailbox->reserved, bytes);

    if (bytes <= max && before <= max - bytes)
        return true;
    http_mailbox_release(mailbox, bytes);
    return false;
}

void http_mailbox_release(HttpMailbox *mailbox, size_t bytes)
{
    atomic_fetch_sub(&mailbox->reserved, bytes);
}

bool http_mailbox_is_owner(HttpMailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool owner = mailbox->owner == g_thread_self();
    pthread_mutex_unlock(&mailbox->lock);
    return owner;
}

bool http_mailbox_post(HttpMailbox *mailbox, HttpRequest *request)
{
    pthread_mutex_lock(&mailbox->lock);
    bool open = mailbox->owner != NULL;
    if (open) {
        bool first = mailbox->requests == NULL;
        if (first)
            mailbox->requests = g_ptr_array_new();
        g_ptr_array_add(mailbox->requests, request);
        if (first)
            mailbox->wake(mailbox->user);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return open;
}

GPtrArray *http_mailbox_take(HttpMailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    GPtrArray *requests = mailbox->requests;
    mailbox->requests = NULL;
    pthread_mutex_unlock(&mailbox->lock);
    return requests;
}
