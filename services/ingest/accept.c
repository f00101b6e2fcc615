/* SPDX-License-Identifier: Apache-2.0 */
/* The rules:
 *
 * - The same content again is no event, so that anything may be handed in twice: after a time-out, by an
 * import that is repeated.
 * - An id that was made from content stands for that content for ever. The same text arriving again without
 * an id is the statement as it was at first, and must not undo what was corrected since.
 * - An archive may hold several revisions of a statement, and be handed in again: what says the same as an
 * earlier revision (content, and change with note where it has them) is that revision told again. A feed tells
 * what holds now: there, an earlier text is one that somebody went back to.
 * - A withdrawn statement comes back when somebody means it: a request for this one statement by its id, a
 * new text, or `change` "published" in so many words. An archive or a feed that still holds an earlier text does
 * not bring it back.
 * - Whatever follows a known revision is `updated`, unless the submitter says `corrected`.
 * - With a `publish_at` to come a submission is kept as it is, and decided upon at that instant. Until then
 * only who names a `publish_at` may change it: a typing error that is mended must not break an embargo.
 * - What a feed says while something is scheduled is decided upon after that: unless something was published or
 * withdrawn meanwhile, which then stands.
 * - A withdrawal also takes what is scheduled; an expiry leaves it, since it was planned together with it. */
#include "ingest/accept.h"

#include "common/error.h"
#include "ingest/etag.h"

static const AcceptDecision refused = {.result = RESULT_REFUSED};

static AcceptDecision refuse(DaywireErrorCode code, const Statement *statement, const char *reason,
                             GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, (int)code, "%s: %s", statement->id, reason);
    return refused;
}

static void number_revision(Statement *revision, const Statement *latest, Instant now)
{
    revision->revision = latest != NULL ? latest->revision + 1 : 1;
    message_clear_timestamp(&revision->publish_at);
    message_clear_timestamp(&revision->updated_at);
    revision->updated_at = instant_to_timestamp(now);
}

/* ---- withdrawing ---- */

/* Keeps what a withdrawal is filtered by (source, kind, tags, language, date) and nothing that tells what was
 * said. */
static Statement *withdrawal(const Statement *latest, const Submission *submission, Instant now)
{
    Statement *revision = statement_copy(latest);

    number_revision(revision, latest, now);
    revision->status = STATEMENT_STATUS_WITHDRAWN;
    revision->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&revision->note, submission->statement->note);
    message_set_string(&revision->title, NULL);
    message_set_string(&revision->summary, NULL);
    message_set_string(&revision->body, NULL);
    message_set_string(&revision->url, NULL);
    message_set_string(&revision->author, NULL);
    message_set_string(&revision->place, NULL);
    message_clear_timestamp(&revision->expires_at);
    revision->body_type = BODY_TYPE_UNSPECIFIED;
    return revision;
}

/* What was published in the meantime has an expiry of its own, or none. */
static bool has_expired(const Statement *latest, Instant now)
{
    return latest->expires_at != NULL && instant_from_timestamp(latest->expires_at) <= now;
}

static AcceptDecision withdraw(const AcceptKnown *known, const Submission *submission, Instant now,
                               GError **error)
{
    bool expires = submission->kind == SUBMISSION_EXPIRE;
    bool published = known->latest != NULL && known->latest->status != STATEMENT_STATUS_WITHDRAWN;

    if (published && expires && !has_expired(known->latest, now))
        return (AcceptDecision){.result = RESULT_UNCHANGED};
    if (published)
        return (AcceptDecision){.result = RESULT_WITHDRAWN,
                                .revision = withdrawal(known->latest, submission, now),
                                .drop_scheduled = known->scheduled != NULL && !expires};
    if (known->scheduled != NULL && !expires)
        return (AcceptDecision){.result = RESULT_CANCELLED, .drop_scheduled = true};
    if (known->latest == NULL)
        return refuse(DAYWIRE_ERROR_NOT_FOUND, submission->statement, "there is no statement with this id",
                      error);
    return (AcceptDecision){.result = RESULT_UNCHANGED};
}

static AcceptDecision cancel(const AcceptKnown *known, const Submission *submission, GError **error)
{
    if (known->scheduled == NULL)
        return refuse(DAYWIRE_ERROR_NOT_FOUND, submission->statement, "nothing is scheduled for this id",
                      error);
    return (AcceptDecision){.result = RESULT_CANCELLED, .drop_scheduled = true};
}

/* ---- publishing ---- */

bool accept_may_repeat(const Statement *latest, const Submission *submission)
{
    bool withdrawn = latest->status == STATEMENT_STATUS_WITHDRAWN;

    if (submission->kind != SUBMISSION_BATCH && !(submission->kind == SUBMISSION_FEED && withdrawn))
        return false;
    return withdrawn || !statement_same_content(submission->statement, latest);
}

bool accept_repeats_by_content(const Statement *latest, const Submission *submission)
{
    return latest->status == STATEMENT_STATUS_WITHDRAWN ||
           submission->statement->change == STATEMENT_CHANGE_UNSPECIFIED;
}

bool accept_repeats(const Statement *revision, const Statement *latest, const Submission *submission)
{
    const Statement *wish = submission->statement;

    if (!statement_same_content(wish, revision))
        return false;
    return accept_repeats_by_content(latest, submission) ||
           (wish->change == revision->change && strcmp(wish->note, revision->note) == 0);
}

static bool is_meant(const Submission *submission, const Statement *repeated)
{
    if (submission->statement->change == STATEMENT_CHANGE_PUBLISHED)
        return true;
    return !submission->id_derived && repeated == NULL;
}

static AcceptDecision judge_again(const AcceptKnown *known, const Submission *submission, GError **error)
{
    if (!is_meant(submission, known->repeated)) {
        g_autofree char *reason =
            g_strdup_printf("it was withdrawn (\"%s\") and stays so; to publish the same text again, "
                            "say \"change\":\"published\"",
                            known->latest->note);
        return refuse(DAYWIRE_ERROR_CONFLICT, submission->statement, reason, error);
    }
    return (AcceptDecision){.result = RESULT_UPDATED};
}

static AcceptDecision judge_first(const Submission *submission, GError **error)
{
    /* A correction of nothing is most likely a mistyped id. What was exported comes back by POST. */
    if (submission->kind == SUBMISSION_PUT && submission->statement->change == STATEMENT_CHANGE_CORRECTED)
        return refuse(DAYWIRE_ERROR_CONFLICT, submission->statement,
                      "there is no statement with this id to correct", error);
    return (AcceptDecision){.result = RESULT_CREATED};
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

/* What was published here since the feed said this came after it, though it may have been scheduled before. */
static bool is_overtaken(const Statement *latest, const Submission *submission)
{
    return submission->offered_again && latest->revision > submission->offered_at;
}

/* What publishing it would come to; the revision is not made. */
static AcceptDecision judge(const AcceptKnown *known, const Submission *submission, GError **error)
{
    const Statement *latest = known->latest;

    if (latest == NULL)
        return judge_first(submission, error);
    if (is_overtaken(latest, submission))
        return (AcceptDecision){.result = RESULT_UNCHANGED};
    if (latest->status == STATEMENT_STATUS_WITHDRAWN)
        return judge_again(known, submission, error);
    if (known->repeated != NULL || is_unchanged(latest, submission))
        return (AcceptDecision){.result = RESULT_UNCHANGED};
    return (AcceptDecision){.result = RESULT_UPDATED};
}

/* Of the submission itself: a copy of each would be a fifteenth of all work. */
static Statement *publication(const Statement *latest, Submission *submission, Instant now)
{
    Statement *revision = submission->statement;

    submission->statement = statement_new();
    message_set_string(&submission->statement->id, revision->id);
    number_revision(revision, latest, now);
    if (latest == NULL || latest->status == STATEMENT_STATUS_WITHDRAWN)
        revision->change = STATEMENT_CHANGE_PUBLISHED;
    else if (revision->change != STATEMENT_CHANGE_CORRECTED)
        revision->change = STATEMENT_CHANGE_UPDATED;
    return revision;
}

/* ---- scheduling ---- */

static bool is_scheduled_so(const AcceptKnown *known, const Statement *wish)
{
    const Statement *scheduled = known->scheduled;

    return scheduled != NULL && statement_same_content(scheduled, wish) &&
           instant_from_timestamp(scheduled->publish_at) == instant_from_timestamp(wish->publish_at) &&
           scheduled->change == wish->change && strcmp(scheduled->note, wish->note) == 0;
}

/* What would be refused at its instant is refused now, while somebody is there to hear it. */
static AcceptDecision schedule(const AcceptKnown *known, const Submission *submission, GError **error)
{
    AcceptDecision then = judge(known, submission, error);

    if (then.result == RESULT_REFUSED)
        return refused;
    if (is_scheduled_so(known, submission->statement) ||
        (then.result == RESULT_UNCHANGED && known->scheduled == NULL))
        return (AcceptDecision){.result = RESULT_UNCHANGED};
    return (AcceptDecision){.result = RESULT_SCHEDULED};
}

static AcceptDecision refuse_unscheduled(const AcceptKnown *known, const Submission *submission,
                                         GError **error)
{
    char at[INSTANT_TEXT_MAX];
    g_autofree char *reason =
        g_strdup_printf("it is scheduled for %s; name publish_at to change that (a past one publishes at "
                        "once), or drop the schedule "
                        "first by DELETE /v1/statements/%s/schedule",
                        instant_format(instant_from_timestamp(known->scheduled->publish_at), 0, at),
                        submission->statement->id);

    AcceptDecision decision = refuse(DAYWIRE_ERROR_CONFLICT, submission->statement, reason, error);
    decision.withheld = true;
    return decision;
}

/* What was due and has expired while nobody was there to publish it comes here, too. */
static AcceptDecision refuse_expired(GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "expires_at: it has passed");
    return (AcceptDecision){.result = RESULT_REFUSED, .field = "expires_at"};
}

/* What is no event cannot break an embargo. */
static AcceptDecision publish(const AcceptKnown *known, Submission *submission, Instant now, GError **error)
{
    bool named = submission->statement->publish_at != NULL;
    g_autoptr(GError) reason = NULL;
    AcceptDecision decision = judge(known, submission, &reason);

    if (known->scheduled != NULL && !named && decision.result != RESULT_UNCHANGED)
        return refuse_unscheduled(known, submission, error);
    if (reason != NULL)
        g_propagate_error(error, g_steal_pointer(&reason));
    decision.drop_scheduled = known->scheduled != NULL && named && decision.result != RESULT_REFUSED;
    if (decision.result == RESULT_CREATED || decision.result == RESULT_UPDATED)
        decision.revision = publication(known->latest, submission, now);
    return decision;
}

/* ---- the whole ---- */

static bool check_preconditions(const AcceptKnown *known, const Submission *submission, GError **error)
{
    g_autofree char *etag =
        known->latest != NULL || known->scheduled != NULL
            ? etag_format(known->latest != NULL ? known->latest->revision : 0, known->schedule_version)
            : NULL;

    if (submission->if_match != NULL && !etag_is_named(submission->if_match, etag, ETAG_STRONGLY))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_STALE, "%s: %s%s, and not as If-Match says",
                    submission->statement->id, etag != NULL ? "its ETag is " : "it does not exist",
                    etag != NULL ? etag : "");
    else if (submission->if_none_match != NULL && etag_is_named(submission->if_none_match, etag, ETAG_WEAKLY))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_STALE,
                    "%s: its ETag is %s, which If-None-Match excludes", submission->statement->id, etag);
    else
        return true;
    return false;
}

AcceptDecision accept_submission(const AcceptKnown *known, Submission *submission, Instant now,
                                 GError **error)
{
    const Statement *wish = submission->statement;

    if (submission->refusal != NULL) {
        g_propagate_error(error, g_error_copy(submission->refusal));
        return refused;
    }
    if (!check_preconditions(known, submission, error))
        return refused;
    if (submission->kind == SUBMISSION_WITHDRAW || submission->kind == SUBMISSION_EXPIRE)
        return withdraw(known, submission, now, error);
    if (submission->kind == SUBMISSION_CANCEL)
        return cancel(known, submission, error);
    if (has_expired(wish, now))
        return refuse_expired(error);
    if (wish->publish_at != NULL && instant_from_timestamp(wish->publish_at) > now)
        return schedule(known, submission, error);
    return publish(known, submission, now, error);
}
