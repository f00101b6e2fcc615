/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/job.h"

static void item_clear(JobItem *item)
{
    submission_clear(&item->submission);
    g_clear_error(&item->refusal);
    statement_free(item->latest);
    g_clear_pointer(&item->packed, g_bytes_unref);
    g_free(item->published.topic);
    statement_free(item->scheduled);
}

Job *job_new(void)
{
    Job *job = g_new0(Job, 1);

    job->items = g_array_new(FALSE, TRUE, sizeof(JobItem));
    g_array_set_clear_func(job->items, (GDestroyNotify)item_clear);
    return job;
}

void job_add(Job *job, Submission submission)
{
    JobItem item = {.submission = submission};

    g_array_append_val(job->items, item);
}

JobItem *job_item(const Job *job, guint index)
{
    return &g_array_index(job->items, JobItem, index);
}

void job_free(Job *job)
{
    if (job == NULL)
        return;
    g_array_unref(job->items);
    feed_changes_free(job->feed);
    g_free(job);
}

bool job_item_is_published(const JobItem *item)
{
    return item->latest != NULL && item->published.revision == item->latest->revision;
}
