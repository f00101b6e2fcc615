/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/job_queue.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "common/error.h"

struct JobQueue {
    int event_fd;
    size_t max_items;
    pthread_mutex_t lock;
    /* under the lock */
    GQueue jobs;
    size_t items;
    bool closed;
};

JobQueue *job_queue_new(size_t max_items, GError **error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "eventfd: %s", g_strerror(errno));
        return NULL;
    }
    JobQueue *queue = g_new0(JobQueue, 1);
    queue->event_fd = fd;
    queue->max_items = max_items;
    pthread_mutex_init(&queue->lock, NULL);
    g_queue_init(&queue->jobs);
    return queue;
}

void job_queue_free(JobQueue *queue)
{
    if (queue == NULL)
        return;
    g_assert(g_queue_is_empty(&queue->jobs));
    pthread_mutex_destroy(&queue->lock);
    close(queue->event_fd);
    g_free(queue);
}

void job_queue_wake(JobQueue *queue)
{
    /* It fails only when the counter is full, and then the engine is woken already. */
    (void)eventfd_write(queue->event_fd, 1);
}

bool job_queue_push(JobQueue *queue, Job *job, GError **error)
{
    const char *reason = NULL;

    pthread_mutex_lock(&queue->lock);
    bool first = g_queue_is_empty(&queue->jobs);
    if (queue->closed)
        reason = "the service is stopping";
    else if (!first && queue->items + job->items->len > queue->max_items)
        reason = "too many statements are waiting to be stored";
    if (reason == NULL) {
        queue->items += job->items->len;
        g_queue_push_tail(&queue->jobs, job);
    }
    pthread_mutex_unlock(&queue->lock);

    if (reason != NULL) {
        g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, reason);
        return false;
    }
    if (first)
        job_queue_wake(queue);
    return true;
}

int job_queue_fd(const JobQueue *queue)
{
    return queue->event_fd;
}

GPtrArray *job_queue_take(JobQueue *queue, size_t max_items)
{
    GPtrArray *taken = NULL;
    size_t items = 0;
    eventfd_t ignored;

    (void)eventfd_read(queue->event_fd, &ignored);
    pthread_mutex_lock(&queue->lock);
    while (items < max_items && !g_queue_is_empty(&queue->jobs)) {
        Job *job = g_queue_pop_head(&queue->jobs);
        items += job->items->len;
        if (taken == NULL)
            taken = g_ptr_array_new();
        g_ptr_array_add(taken, job);
    }
    queue->items -= items;
    bool more = !g_queue_is_empty(&queue->jobs);
    pthread_mutex_unlock(&queue->lock);
    if (more)
        job_queue_wake(queue);
    return taken;
}

bool job_queue_has_more(JobQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool more = !g_queue_is_empty(&queue->jobs);
    pthread_mutex_unlock(&queue->lock);
    return more;
}

void job_queue_close(JobQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_mutex_unlock(&queue->lock);
}
