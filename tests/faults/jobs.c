/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs.h"

#include "bodies.h"
#include "feed_jobs.h"

#define FEED_PERCENT 25

/* The last ones are for schedules: what is scheduled stands in the way of other submissions. */
#define ORDINARY_IDS 6
const char *const JOBS_IDS[8] = {"pier", "ferry",       "north-quay", "lighthouse",
                                 "buoy", "tide-tables", "regatta",    "dredging"};

struct Jobs {
    Dice *dice;
    unsigned number;
    GHashTable *last; /* id -> the text that was handed in last */
};

Jobs *jobs_new(Dice *dice)
{
    Jobs *jobs = g_new0(Jobs, 1);
    jobs->dice = dice;
    jobs->last = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)statement_free);
    return jobs;
}

void jobs_free(Jobs *jobs)
{
    g_hash_table_unref(jobs->last);
    g_free(jobs);
}

static const char *any_id(Jobs *jobs)
{
    return JOBS_IDS[dice_range(jobs->dice, 0, ORDINARY_IDS - 1)];
}

static const char *schedule_id(Jobs *jobs)
{
    return JOBS_IDS[dice_range(jobs->dice, ORDINARY_IDS, (int)G_N_ELEMENTS(JOBS_IDS) - 1)];
}

static Google__Protobuf__Timestamp *soon(Jobs *jobs)
{
    return instant_to_timestamp(g_get_real_time() +
                                dice_range(jobs->dice, (int)G_USEC_PER_SEC, (int)JOBS_HORIZON_US));
}

/* Takes over the statement. */
static void add(Jobs *jobs, Job *job, SubmissionKind kind, Statement *statement)
{
    Submission submission = submission_make(kind, statement);
    submission.submitter = g_strdup_printf("desk-%u", jobs->number);
    job_add(job, submission);
}

static void set_text(Jobs *jobs, char **field, unsigned item, const char *text)
{
    g_autofree char *marked = g_strdup_printf("J%u.%u %s", jobs->number, item, text);
    message_set_string(field, marked);
}

/* A text that was never there. `id` NULL: its id is made from it. */
static Statement *new_text(Jobs *jobs, const char *id, unsigned item)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    set_text(jobs, &statement->title, item, "The ferry sails at ten");
    message_set_string(&statement->date, "2026-03-02");
    statement->status = STATEMENT_STATUS_USABLE;
    bodies_add(jobs->dice, statement);
    if (dice_chance(jobs->dice, 50))
        statement_add_tag(statement, "quay");
    if (dice_chance(jobs->dice, 8))
        statement->expires_at = soon(jobs);
    if (id)
        g_hash_table_insert(jobs->last, (void *)id, statement_copy(statement));
    return statement;
}

static void add_withdrawal(Jobs *jobs, Job *job, const char *id, GArray *certain)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    set_text(jobs, &statement->note, 0, "Published too early.");
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    add(jobs, job, SUBMISSION_WITHDRAW, statement);
    g_array_append_val(certain, (bool){false});
}

static void add_correction(Jobs *jobs, Job *job, GArray *certain)
{
    Statement *statement = new_text(jobs, any_id(jobs), 0);

    statement->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&statement->note, "We wrote nine; it is ten.");
    add(jobs, job, SUBMISSION_PUT, statement);
    g_array_append_val(certain, (bool){false}); /* there may be nothing to correct */
}

/* The same again is no event, unless something else has been stored since. */
static void add_again(Jobs *jobs, Job *job, SubmissionKind kind, unsigned item, GArray *certain)
{
    const char *id = any_id(jobs);
    const Statement *last = g_hash_table_lookup(jobs->last, id);
    Statement *statement = last ? statement_copy(last) : new_text(jobs, id, item);

    add(jobs, job, kind, statement);
    g_array_append_val(certain, (bool){false});
}

static void add_text(Jobs *jobs, Job *job, SubmissionKind kind, unsigned item, GArray *certain)
{
    const char *id = kind != SUBMISSION_PUT && dice_chance(jobs->dice, 10) ? NULL : any_id(jobs);

    add(jobs, job, kind, new_text(jobs, id, item));
    g_array_append_val(certain, (bool){true});
}

static void add_batch(Jobs *jobs, Job *job, GArray *certain)
{
    unsigned count = (unsigned)dice_range(jobs->dice, 2, 6);

    for (unsigned i = 0; i < count; i++) {
        if (dice_chance(jobs->dice, 25))
            add_again(jobs, job, SUBMISSION_BATCH, i, certain);
        else
            add_text(jobs, job, SUBMISSION_BATCH, i, certain);
    }
}

static void add_schedule(Jobs *jobs, Job *job, GArray *certain)
{
    const char *id = schedule_id(jobs);
    int kind = dice_range(jobs->dice, 0, 99);

    if (kind < 70) {
        Statement *statement = new_text(jobs, id, 0);
        message_clear_timestamp(&statement->expires_at);
        statement->publish_at = soon(jobs);
        add(jobs, job, SUBMISSION_PUT, statement);
    } else if (kind < 85) {
        Statement *statement = statement_new();
        message_set_string(&statement->id, id);
        add(jobs, job, SUBMISSION_CANCEL, statement);
    } else {
        add_withdrawal(jobs, job, id, certain);
        return;
    }
    g_array_append_val(certain, (bool){false});
}

static void fill(Jobs *jobs, Job *job, GArray *certain)
{
    int kind = dice_range(jobs->dice, 0, 99);

    if (kind < 30)
        add_text(jobs, job, SUBMISSION_POST, 0, certain);
    else if (kind < 42)
        add_text(jobs, job, SUBMISSION_PUT, 0, certain);
    else if (kind < 50)
        add_correction(jobs, job, certain);
    else if (kind < 60)
        add_withdrawal(jobs, job, any_id(jobs), certain);
    else if (kind < 68)
        add_again(jobs, job, SUBMISSION_POST, 0, certain);
    else if (kind < 83)
        add_schedule(jobs, job, certain);
    else if (kind < 86)
        job->republish = true;
    else
        add_batch(jobs, job, certain);
}

Job *jobs_next(Jobs *jobs, GArray *ret_certain)
{
    Job *job = job_new();

    if (dice_chance(jobs->dice, 30))
        job->wait_us = dice_range(jobs->dice, 1, (int)JOBS_WAIT_MAX_US);
    if (dice_chance(jobs->dice, FEED_PERCENT))
        feed_jobs_fill(job, jobs->dice, jobs->number, ret_certain);
    else
        fill(jobs, job, ret_certain);
    jobs->number++;
    return job;
}
