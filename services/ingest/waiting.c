/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/waiting.h"

struct Waiting {
    GQueue jobs;           /* of Job, by deadline: all wait equally long */
    GHashTable *positions; /* position -> GPtrArray of JobOfItem */
};

typedef struct {
    Job *job;
    JobItem *item;
} JobOfItem;

Waiting *waiting_new(void)
{
    Waiting *waiting = g_new0(Waiting, 1);

    g_queue_init(&waiting->jobs);
    waiting->positions =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return waiting;
}

void waiting_free(Waiting *waiting)
{
    if (waiting == NULL)
        return;
    g_assert(g_queue_is_empty(&waiting->jobs));
    g_hash_table_unref(waiting->positions);
    g_free(waiting);
}

static void await(Waiting *waiting, Job *job, JobItem *item)
{
    GPtrArray *list = g_hash_table_lookup(waiting->positions, &item->position);
    JobOfItem *entry = g_new(JobOfItem, 1);

    if (list == NULL) {
        list = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(waiting->positions, g_memdup2(&item->position, sizeof item->position), list);
    }
    *entry = (JobOfItem){.job = job, .item = item};
    g_ptr_array_add(list, entry);
    job->awaited++;
}

void waiting_add(Waiting *waiting, Job *job, int64_t now)
{
    for (guint i = 0; i < job->items->len; i++)
        if (job_item(job, i)->position != 0)
            await(waiting, job, job_item(job, i));
    g_assert(job->awaited > 0);
    job->deadline = now + job->wait_us;
    g_queue_push_tail(&waiting->jobs, job);
}

void waiting_published(Waiting *waiting, const StoreConfirmed *row)
{
    GPtrArray *list = g_hash_table_lookup(waiting->positions, &row->position);

    for (guint i = 0; list != NULL && i < list->len; i++) {
        JobOfItem *entry = g_ptr_array_index(list, i);
        StorePublished *published = &entry->item->published;
        g_free(published->topic);
        *published = (StorePublished){.revision = entry->item->latest->revision,
                                      .topic = g_strdup(row->topic),
                                      .partition = row->partition,
                                      .offset = row->offset};
        if (--entry->job->awaited == 0) {
            g_queue_remove(&waiting->jobs, entry->job);
            entry->job->finished(entry->job, JOB_PUBLISHED, NULL);
        }
    }
    g_hash_table_remove(waiting->positions, &row->position);
}

static void forget(Waiting *waiting, const Job *job)
{
    for (guint i = 0; i < job->items->len; i++) {
        int64_t position = job_item(job, i)->position;
        GPtrArray *list = position != 0 ? g_hash_table_lookup(waiting->positions, &position) : NULL;
        for (guint k = list != NULL ? list->len : 0; k > 0; k--)
            if (((JobOfItem *)g_ptr_array_index(list, k - 1))->job == job)
                g_ptr_array_remove_index(list, k - 1);
        if (list != NULL && list->len == 0)
            g_hash_table_remove(waiting->positions, &position);
    }
}

void waiting_expire(Waiting *waiting, int64_t now)
{
    Job *job;

    while ((job = g_queue_peek_head(&waiting->jobs)) != NULL && job->deadline <= now) {
        g_queue_pop_head(&waiting->jobs);
        forget(waiting, job);
        job->finished(job, JOB_STORED, NULL);
    }
}

int64_t waiting_deadline(const Waiting *waiting)
{
    const Job *job = g_queue_peek_head((GQueue *)&waiting->jobs);

    return job != NULL ? job->deadline : G_MAXINT64;
}
