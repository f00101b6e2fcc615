/* SPDX-License-Identifier: Apache-2.0 */
/* The rules:
 *
 * - The same content again is no event, so that anything may be handed in twice: after a time-out, by an
 * import that is repeated.
 * - An id that was made from content stands for that content for ever. The same text arriving again without
 * an id is the statement as it was at first, and must not undo what was corrected since.
 * - A withdrawn statement comes back when somebody means it: a request for this one statement by its id, a
 * changed text, or `change` "published" in so many words. An import that still holds the text does not bring
 * it back.
 * - Whatever follows a known revision is `updated`, unless the submitter says `corrected`. */
#include "ingest/accept.h"

#include "common/error.h"

static AcceptResult refuse(DaywireErrorCode code, const Statement *statement, const char *reason,
                           GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, (int)code, "%s: %s", statement->id, reason);
    return RESULT_REFUSED;
}

static Statement *new_revision(const Statement *wanted, const Statement *latest, Instant now)
{
    Statement *revision = statement_copy(wanted);

    revision->revision = latest != NULL ? latest->revision + 1 : 1;
    message_clear_timestamp(&revision->updated_at);
    revision->updated_at = instant_to_timestamp(now);
    return revision;
}

/* Keeps what a withdrawal is filtered by (source, kind, tags, language, date) and nothing that tells what was
 * said. */
static AcceptResult withdraw(const Statement *latest, const Submission *submission, Instant now,
                             Statement **ret_revision, GError **error)
{
    const Statement *wish = submission->statement;

    if (latest == NULL)
        return refuse(DAYWIRE_ERROR_NOT_FOUND, wish, "there is no statement with this id", error);
    if (latest->status == STATEMENT_STATUS_WITHDRAWN)
        return RESULT_UNCHANGED;
    Statement *revision = new_revision(latest, latest, now);
    revision->status = STATEMENT_STATUS_WITHDRAWN;
    revision->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&revision->note, wish->note);
    message_set_string(&revision->title, NULL);
    message_set_string(&revision->summary, NULL);
    message_set_string(&revision->body, NULL);
    message_set_string(&revision->url, NULL);
    message_set_string(&revision->author, NULL);
    message_set_string(&revision->place, NULL);
    revision->body_type = BODY_TYPE_UNSPECIFIED;
    *ret_revision = revision;
    return RESULT_WITHDRAWN;
}

static bool is_meant(const Submission *submission, const Statement *withdrawn)
{
    if (submission->statement->change == STATEMENT_CHANGE_PUBLISHED)
        return true;
    if (submission->id_derived)
        return false;
    return submission->kind != SUBMISSION_BATCH || withdrawn == NULL ||
           !statement_same_content(submission->statement, withdrawn);
}

static AcceptResult publish_again(const AcceptKnown *known, const Submission *submission, Instant now,
                                  Statement **ret_revision, GError **error)
{
    if (!is_meant(submission, known->previous)) {
        g_autofree char *reason =
            g_strdup_printf("it was withdrawn (\"%s\") and stays so; to publish the same text again, "
                            "say \"change\":\"published\"",
                            known->latest->note);
        return refuse(DAYWIRE_ERROR_CONFLICT, submission->statement, reason, error);
    }
    *ret_revision = new_revision(submission->statement, known->latest, now);
    (*ret_revision)->change = STATEMENT_CHANGE_PUBLISHED;
    return RESULT_UPDATED;
}

static AcceptResult create(const Submission *submission, Instant now, Statement **ret_revision,
                           GError **error)
{
    /* A correction of nothing is most likely a mistyped id. What was exported comes back by POST. */
    if (submission->kind == SUBMISSION_PUT && submission->statement->change == STATEMENT_CHANGE_CORRECTED)
        return refuse(DAYWIRE_ERROR_CONFLICT, submission->statement,
                      "there is no statement with this id to correct", error);
    *ret_revision = new_revision(submission->statement, NULL, now);
    (*ret_revision)->change = STATEMENT_CHANGE_PUBLISHED;
    return RESULT_CREATED;
}

/* A correction that only adds its note is one, too; said twice it is one correction. */
static bool is_unchanged(const Statement *latest, const Submission *submission)
{
    const Statement *wish = submission->statement;

    if (submission->id_derived)
        return true;
    if (!statement_same_content(wish, latest))
        return false;
    return wish->change != STATEMENT_CHANGE_CORRECTED || strcmp(wish->note, latest->note) == 0;
}

AcceptResult accept_submission(const AcceptKnown *known, const Submission *submission, Instant now,
                               Statement **ret_revision, GError **error)
{
    const Statement *latest = known->latest;

    *ret_revision = NULL;
    if (submission->kind == SUBMISSION_WITHDRAW)
        return withdraw(latest, submission, now, ret_revision, error);
    if (latest == NULL)
        return create(submission, now, ret_revision, error);
    if (latest->status == STATEMENT_STATUS_WITHDRAWN)
        return publish_again(known, submission, now, ret_revision, error);
    if (is_unchanged(latest, submission))
        return RESULT_UNCHANGED;
    *ret_revision = new_revision(submission->statement, latest, now);
    if (submission->statement->change != STATEMENT_CHANGE_CORRECTED)
        (*ret_revision)->change = STATEMENT_CHANGE_UPDATED;
    return RESULT_UPDATED;
}
