/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/storing.h"

#include "common/error.h"
#include "common/statement_rules.h"
#include "ingest/store/feeds.h"

/* *ret_repeated is NULL when no earlier revision is repeated. */
static bool find_repeated(Store *store, const Statement *latest, const Submission *submission,
                          Statement **ret_repeated, GError **error)
{
    *ret_repeated = NULL;
    if (!accept_may_repeat(latest, submission))
        return true;
    StoreAlike alike = {.latest = latest,
                        .wish = submission->statement,
                        .told = !accept_repeats_by_content(latest, submission),
                        .before = latest->revision};
    g_autoptr(Statement) revision = NULL;
    do {
        g_clear_pointer(&revision, statement_free);
        if (!store_find_alike(store, &alike, &revision, error))
            return false;
    } while (revision != NULL && !accept_repeats(revision, latest, submission));
    *ret_repeated = g_steal_pointer(&revision);
    return true;
}

static bool find_known(Store *store, const Submission *submission, StoredStatement *ret_stored,
                       Statement **ret_repeated, GError **error)
{
    *ret_repeated = NULL;
    if (!store_find(store, submission->statement->id, ret_stored, error))
        return false;
    return ret_stored->latest == NULL ||
           find_repeated(store, ret_stored->latest, submission, ret_repeated, error);
}

/* Of the submission that is released, the schedule is not in its own way. */
static AcceptDecision decide(JobItem *item, const StoredStatement *stored, const Statement *repeated,
                             Instant now)
{
    Submission *submission = &item->submission;
    AcceptKnown known = {.latest = stored->latest, .repeated = repeated};

    if (!submission->released) {
        known.scheduled = stored->schedule.submission.statement;
        known.schedule_version = stored->schedule.version;
    }
    AcceptDecision decision = accept_submission(&known, submission, now, &item->refusal);
    decision.drop_scheduled = decision.drop_scheduled || submission->released;
    if (submission->refusal)
        item->field = "body";
    return decision;
}

/* Only what would be written has to be within the limits, so that an archive can be handed in again after they were
 * lowered; what was scheduled was so then, and has been acknowledged. */
static void apply_limits(JobItem *item, const SubmissionLimits *limits, AcceptDecision *decision)
{
    const Statement *written =
        decision->result == RESULT_SCHEDULED ? item->submission.statement : decision->revision;

    const char *field = NULL;

    if (!written || item->submission.released ||
        submission_limits_check(limits, written, &field, &item->refusal))
        return;
    statement_free(decision->revision);
    *decision = (AcceptDecision){.result = RESULT_REFUSED, .field = field};
}

static bool write_decision(Store *store, JobItem *item, const AcceptDecision *decision, GError **error)
{
    const Submission *submission = &item->submission;

    if (decision->drop_scheduled && !store_unschedule(store, submission->statement->id, error))
        return false;
    if (decision->result == RESULT_SCHEDULED &&
        !store_schedule(store, submission, &item->schedule_version, error))
        return false;
    return decision->revision == NULL ||
           store_add(store, decision->revision, submission->submitter, &item->position, &item->packed, error);
}

/* What is known of the statement after the decision. Takes over the revision and parts of `stored`. */
static void tell_outcome(JobItem *item, AcceptDecision *decision, StoredStatement *stored)
{
    bool of_schedule = decision->result == RESULT_SCHEDULED || decision->result == RESULT_CANCELLED;

    item->latest =
        decision->revision != NULL ? g_steal_pointer(&decision->revision) : g_steal_pointer(&stored->latest);
    item->published = stored->published;
    stored->published.topic = NULL;
    if (of_schedule)
        item->position = 0;
    if (decision->result == RESULT_SCHEDULED) {
        item->scheduled = statement_copy(item->submission.statement);
    } else if (!decision->drop_scheduled) {
        item->scheduled = g_steal_pointer(&stored->schedule.submission.statement);
        item->schedule_version = stored->schedule.version;
    }
}

/* It cannot get better by itself: what was due is given up, or it would be due for ever. */
static bool give_up(Store *store, const Submission *submission, GError **error)
{
    if (submission->kind == SUBMISSION_EXPIRE)
        return store_never_expires(store, submission->statement->id, error);
    return !submission->released || store_unschedule(store, submission->statement->id, error);
}

static bool run_item(Store *store, const SubmissionLimits *limits, JobItem *item, Instant now, GError **error)
{
    g_auto(StoredStatement) stored = {0};
    g_autoptr(Statement) repeated = NULL;
    g_autoptr(GError) reason = NULL;

    if (!find_known(store, &item->submission, &stored, &repeated, &reason)) {
        if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED)) { /* this statement alone */
            item->result = RESULT_REFUSED;
            item->refusal = g_steal_pointer(&reason);
            return give_up(store, &item->submission, error);
        }
        g_propagate_error(error, g_steal_pointer(&reason));
        return false;
    }
    AcceptDecision decision = decide(item, &stored, repeated, now);
    apply_limits(item, limits, &decision);
    item->result = decision.result;
    if (decision.field != NULL)
        item->field = decision.field;
    item->withheld = decision.withheld;
    item->withheld_at = stored.latest != NULL ? stored.latest->revision : 0;
    item->position = decision.result == RESULT_REFUSED ? 0 : stored.position;
    bool good = write_decision(store, item, &decision, error);
    if (good && decision.result != RESULT_REFUSED)
        tell_outcome(item, &decision, &stored);
    statement_free(decision.revision);
    return good;
}

bool storing_run(Store *store, const SubmissionLimits *limits, Job *job, Instant now, GError **error)
{
    if (job->republish && !store_refill(store, &job->republished, error))
        return false;
    for (guint i = 0; i < job->items->len; i++) {
        JobItem *item = job_item(job, i);
        if (!run_item(store, limits, item, now, error))
            return false;
        if (job->feed && item->withheld)
            feed_changes_withhold(job->feed, item->submission.statement->id, item->withheld_at);
    }
    return !job->feed || store_write_feed(store, job->feed, error);
}

/* ---- what is due ---- */

/* A damaged one cannot get better: it is given as its bare id, will be refused, and goes. */
static bool release(Store *store, const char *id, Submission *ret_submission, GError **error)
{
    g_auto(StoredStatement) stored = {0};
    g_autoptr(GError) reason = NULL;

    bool found = store_find(store, id, &stored, &reason);
    if (found && stored.schedule.version == 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
                    "the database is damaged: %s is due, but nothing is found that was scheduled for it", id);
        return false;
    }
    if (found) {
        *ret_submission = stored.schedule.submission;
        stored.schedule = (StoredSchedule){0};
    } else if (g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED)) {
        *ret_submission = (Submission){.kind = SUBMISSION_CANCEL, .statement = statement_new()};
        message_set_string(&ret_submission->statement->id, id);
    } else {
        g_propagate_error(error, g_steal_pointer(&reason));
        return false;
    }
    ret_submission->released = true;
    return true;
}

static Submission expire(const char *id, const char *note)
{
    Statement *wish = statement_new();

    message_set_string(&wish->id, id);
    message_set_string(&wish->note, note);
    wish->status = STATEMENT_STATUS_WITHDRAWN;
    wish->change = STATEMENT_CHANGE_WITHDRAWN;
    Submission submission = submission_make(SUBMISSION_EXPIRE, wish);
    submission.submitter = g_strdup(SUBMITTER_EXPIRY);
    return submission;
}

bool storing_check_note(const char *expiry_note, GError **error)
{
    const char *field = NULL;
    Submission submission = expire("id", expiry_note);
    bool valid = statement_validate(submission.statement, &field, error);

    submission_clear(&submission);
    if (!valid)
        g_prefix_error(error, "[ingest] expiry-note: ");
    return valid;
}

bool storing_due(Store *store, Instant now, unsigned max, const char *expiry_note, Job **ret_job,
                 GError **error)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) expired = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Job) job = job_new();

    if (!store_due(store, now, max, due, error) || !store_expired(store, now, max - due->len, expired, error))
        return false;
    for (guint i = 0; i < due->len; i++) {
        Submission submission;
        if (!release(store, g_ptr_array_index(due, i), &submission, error))
            return false;
        job_add(job, submission);
    }
    for (guint i = 0; i < expired->len; i++)
        job_add(job, expire(g_ptr_array_index(expired, i), expiry_note));
    *ret_job = job->items->len > 0 ? g_steal_pointer(&job) : NULL;
    return true;
}
