/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/line_batch.h"

#include "ingest/api/reply.h"

LineBatch *line_batch_new(void)
{
    LineBatch *batch = g_new0(LineBatch, 1);

    batch->lines = g_array_new(FALSE, FALSE, sizeof(BodyLine));
    g_array_set_clear_func(batch->lines, (GDestroyNotify)body_line_clear);
    batch->job = job_new();
    return batch;
}

void line_batch_free(LineBatch *batch)
{
    if (!batch)
        return;
    g_array_unref(batch->lines);
    job_free(batch->job);
    g_free(batch->failure);
    g_free(batch);
}

void line_batch_add(LineBatch *batch, BodyLine line, size_t length, const char *submitter)
{
    if (line.statement) {
        Submission submission = submission_make(SUBMISSION_BATCH, g_steal_pointer(&line.statement));
        submission.submitter = g_strdup(submitter);
        job_add(batch->job, submission);
    }
    g_array_append_val(batch->lines, line);
    batch->bytes += length;
}

bool line_batch_is_full(const LineBatch *batch)
{
    return batch->lines->len >= LINE_BATCH_LINES || batch->bytes >= LINE_BATCH_BYTES;
}

bool line_batch_answer(LineBatch *batch, GString *text, size_t most)
{
    for (; batch->answered_lines < batch->lines->len && text->len < most; batch->answered_lines++) {
        const BodyLine *line = &g_array_index(batch->lines, BodyLine, batch->answered_lines);
        if (line->error) {
            reply_append_refused_line(text, line);
            continue;
        }
        const JobItem *item = job_item(batch->job, batch->answered_items++);
        if (batch->outcome == JOB_FAILED)
            reply_append_failed_line(text, line->number, item, batch->failure);
        else
            reply_append_item_line(text, line->number, item);
    }
    return batch->answered_lines == batch->lines->len;
}
