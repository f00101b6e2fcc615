/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a submission where time, a schedule or a precondition plays a part: one table, a line a case. */
#include "unit.h"

#include "common/error.h"
#include "ingest/accept.h"

#define NOW    (INT64_C(1700000000) * INSTANT_SECOND) /* 2023-11-14T22:13:20Z */
#define SECOND INSTANT_SECOND

/* Instants of the table, from NOW on; 0: none. NOW itself is AT_NOW. */
#define AT_NOW INT64_MIN

static Google__Protobuf__Timestamp *instant(int64_t from_now)
{
    return from_now == 0 ? NULL : instant_to_timestamp(from_now == AT_NOW ? NOW : NOW + from_now);
}

typedef struct {
    enum { NO_LATEST, PUBLISHED, WITHDRAWN } latest; /* revision 3, title "Old" */
    int64_t expires;                                 /* of the latest */
    const char *scheduled;                           /* its title; version 17; NULL: nothing */
    int64_t due;                                     /* its publish_at */
} Known;

typedef struct {
    SubmissionKind kind;
    const char *title;
    int64_t publish_at;
    int64_t expires_at;
    int change;
    const char *if_match;
    const char *if_none_match;
} Wish;

typedef struct {
    AcceptResult result;
    unsigned revision; /* 0: none is written */
    int change;
    bool drops;       /* what is scheduled */
    int code;         /* of a refusal */
    const char *said; /* a part of it */
} Expected;

typedef struct {
    const char *name;
    Known known;
    Wish wish;
    Expected expected;
} Case;

#define SCHEDULED_TEXT                                                                                       \
    "pier: it is scheduled for 2023-11-14T22:14:20Z; name publish_at to change that (a past one publishes "  \
    "at once), or drop the schedule first by DELETE /v1/statements/pier/schedule"

enum { PUBLISHED_CHANGE = STATEMENT_CHANGE_PUBLISHED, UPDATED = STATEMENT_CHANGE_UPDATED };

/* clang-format off */
static const Case cases[] = {
    /* scheduling */
    {"a new one for later", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = SECOND},
     {.result = RESULT_SCHEDULED}},
    {"one microsecond later", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = 1},
     {.result = RESULT_SCHEDULED}},
    {"its instant is now", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = AT_NOW},
     {.result = RESULT_CREATED, .revision = 1, .change = PUBLISHED_CHANGE}},
    {"its instant has passed", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = -SECOND},
     {.result = RESULT_CREATED, .revision = 1, .change = PUBLISHED_CHANGE}},
    {"a change of a published one for later", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = SECOND},
     {.result = RESULT_SCHEDULED}},
    {"a correction for later", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = SECOND, .change = STATEMENT_CHANGE_CORRECTED},
     {.result = RESULT_SCHEDULED}},
    {"what is published already", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "Old", .publish_at = SECOND},
     {.result = RESULT_UNCHANGED}},
    {"a withdrawn one comes back later", {.latest = WITHDRAWN}, {.kind = SUBMISSION_PUT, .title = "Old", .publish_at = SECOND},
     {.result = RESULT_SCHEDULED}},
    {"an import does not bring it back later", {.latest = WITHDRAWN}, {.kind = SUBMISSION_BATCH, .title = "Old", .publish_at = SECOND},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = "pier: it was withdrawn (\"Gone.\") and stays so"}},
    {"a correction of nothing is refused at once", {.latest = NO_LATEST}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = SECOND, .change = STATEMENT_CHANGE_CORRECTED},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = "there is no statement with this id to correct"}},

    /* while something is scheduled */
    {"rescheduled for later", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = 90 * SECOND},
     {.result = RESULT_SCHEDULED}},
    {"rescheduled for earlier", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = SECOND},
     {.result = RESULT_SCHEDULED}},
    {"another text for the same instant", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_POST, .title = "Newer", .publish_at = 60 * SECOND},
     {.result = RESULT_SCHEDULED}},
    {"the same again", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = 60 * SECOND},
     {.result = RESULT_UNCHANGED}},
    {"the same with another wish", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = 60 * SECOND, .change = STATEMENT_CHANGE_CORRECTED},
     {.result = RESULT_SCHEDULED}},
    {"at once after all", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "New", .publish_at = -SECOND},
     {.result = RESULT_CREATED, .revision = 1, .change = PUBLISHED_CHANGE, .drops = true}},
    {"at once, over a published one", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer", .publish_at = AT_NOW},
     {.result = RESULT_UPDATED, .revision = 4, .change = UPDATED, .drops = true}},
    {"what is published, at once", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Old", .publish_at = -SECOND},
     {.result = RESULT_UNCHANGED, .drops = true}},
    {"a typing error mended breaks no embargo", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"nor the same text", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_POST, .title = "New"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"nor an import", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_BATCH, .title = "New"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"nor a correction of nothing", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "New", .change = STATEMENT_CHANGE_CORRECTED},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"nor a change of the published one", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"nor a reinstatement", {.latest = WITHDRAWN, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_CONFLICT, .said = SCHEDULED_TEXT}},
    {"the published text again is no event", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_BATCH, .title = "Old"},
     {.result = RESULT_UNCHANGED}},

    /* cancelling and withdrawing */
    {"cancelled", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_CANCEL},
     {.result = RESULT_CANCELLED, .drops = true}},
    {"cancelled over a published one", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_CANCEL},
     {.result = RESULT_CANCELLED, .drops = true}},
    {"nothing to cancel", {.latest = PUBLISHED}, {.kind = SUBMISSION_CANCEL},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_NOT_FOUND, .said = "pier: nothing is scheduled for this id"}},
    {"a withdrawal of what was never published", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_WITHDRAW},
     {.result = RESULT_CANCELLED, .drops = true}},
    {"a withdrawal takes the schedule along", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_WITHDRAW},
     {.result = RESULT_WITHDRAWN, .revision = 4, .change = STATEMENT_CHANGE_WITHDRAWN, .drops = true}},
    {"a second withdrawal takes what was to come back", {.latest = WITHDRAWN, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_WITHDRAW},
     {.result = RESULT_CANCELLED, .drops = true}},

    /* expiry */
    {"expired", {.latest = PUBLISHED, .expires = -SECOND}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_WITHDRAWN, .revision = 4, .change = STATEMENT_CHANGE_WITHDRAWN}},
    {"expires now", {.latest = PUBLISHED, .expires = AT_NOW}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_WITHDRAWN, .revision = 4, .change = STATEMENT_CHANGE_WITHDRAWN}},
    {"expiry leaves the schedule", {.latest = PUBLISHED, .expires = -SECOND, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_WITHDRAWN, .revision = 4, .change = STATEMENT_CHANGE_WITHDRAWN}},
    {"another revision came first, without expiry", {.latest = PUBLISHED}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_UNCHANGED}},
    {"another revision came first, with a later one", {.latest = PUBLISHED, .expires = 1}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_UNCHANGED}},
    {"a withdrawal came first", {.latest = WITHDRAWN}, {.kind = SUBMISSION_EXPIRE},
     {.result = RESULT_UNCHANGED}},
    {"what has expired is not published", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .expires_at = -1},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_INVALID, .said = "expires_at: it has passed"}},
    {"nor what expires now", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .expires_at = AT_NOW},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_INVALID, .said = "expires_at: it has passed"}},
    {"an expiry to come is kept", {.latest = NO_LATEST}, {.kind = SUBMISSION_POST, .title = "New", .expires_at = 1},
     {.result = RESULT_CREATED, .revision = 1, .change = PUBLISHED_CHANGE}},
    {"another expiry alone is a change", {.latest = PUBLISHED, .expires = SECOND}, {.kind = SUBMISSION_PUT, .title = "Old", .expires_at = 2 * SECOND},
     {.result = RESULT_UPDATED, .revision = 4, .change = UPDATED}},
    {"the same expiry is none", {.latest = PUBLISHED, .expires = SECOND}, {.kind = SUBMISSION_PUT, .title = "Old", .expires_at = SECOND},
     {.result = RESULT_UNCHANGED}},

    /* reinstating */
    {"a withdrawn one comes back", {.latest = WITHDRAWN}, {.kind = SUBMISSION_PUT, .title = "Old"},
     {.result = RESULT_UPDATED, .revision = 4, .change = PUBLISHED_CHANGE}},
    {"as published, whatever it is called", {.latest = WITHDRAWN}, {.kind = SUBMISSION_PUT, .title = "New", .change = STATEMENT_CHANGE_CORRECTED},
     {.result = RESULT_UPDATED, .revision = 4, .change = PUBLISHED_CHANGE}},

    /* preconditions */
    {"If-Match holds", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_match = "\"3\""},
     {.result = RESULT_UPDATED, .revision = 4, .change = UPDATED}},
    {"If-Match does not", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_match = "\"2\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "pier: its ETag is \"3\", and not as If-Match says"}},
    {"If-Match of a weakened tag", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_match = "W/\"3\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "its ETag is \"3\""}},
    {"If-Match does not, though nothing would change", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "Old", .if_match = "\"2\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "its ETag is \"3\""}},
    {"If-Match of nothing", {.latest = NO_LATEST}, {.kind = SUBMISSION_PUT, .title = "New", .if_match = "*"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "pier: it does not exist, and not as If-Match says"}},
    {"If-Match of what is only scheduled", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer", .publish_at = SECOND, .if_match = "\"0.17\""},
     {.result = RESULT_SCHEDULED}},
    {"If-Match knows of no schedule", {.latest = PUBLISHED, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_PUT, .title = "Newer", .publish_at = SECOND, .if_match = "\"3\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "its ETag is \"3.17\""}},
    {"If-Match of a withdrawal", {.latest = PUBLISHED}, {.kind = SUBMISSION_WITHDRAW, .if_match = "\"2\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "its ETag is \"3\""}},
    {"If-Match of a cancellation", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_CANCEL, .if_match = "\"0.16\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "its ETag is \"0.17\""}},
    {"If-None-Match lets a new one in", {.latest = NO_LATEST}, {.kind = SUBMISSION_PUT, .title = "New", .if_none_match = "*"},
     {.result = RESULT_CREATED, .revision = 1, .change = PUBLISHED_CHANGE}},
    {"If-None-Match keeps a known one", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_none_match = "*"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "pier: its ETag is \"3\", which If-None-Match excludes"}},
    {"If-None-Match of a weakened tag", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_none_match = "W/\"3\""},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "which If-None-Match excludes"}},
    {"If-None-Match of another one", {.latest = PUBLISHED}, {.kind = SUBMISSION_PUT, .title = "New", .if_none_match = "\"2\""},
     {.result = RESULT_UPDATED, .revision = 4, .change = UPDATED}},
    {"If-None-Match keeps a withdrawn one", {.latest = WITHDRAWN}, {.kind = SUBMISSION_POST, .title = "New", .if_none_match = "*"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "which If-None-Match excludes"}},
    {"If-None-Match keeps a scheduled one", {.latest = NO_LATEST, .scheduled = "New", .due = 60 * SECOND}, {.kind = SUBMISSION_POST, .title = "New", .publish_at = SECOND, .if_none_match = "*"},
     {.result = RESULT_REFUSED, .code = DAYWIRE_ERROR_STALE, .said = "which If-None-Match excludes"}},
};
/* clang-format on */

static Statement *text(const char *title, int64_t expires_at)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, "pier");
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->expires_at = instant(expires_at);
    return statement;
}

static Statement *make_latest(const Known *known)
{
    if (known->latest == NO_LATEST)
        return NULL;
    Statement *latest = text(known->latest == PUBLISHED ? "Old" : "", known->expires);
    latest->revision = 3;
    latest->change = known->latest == PUBLISHED ? PUBLISHED_CHANGE : STATEMENT_CHANGE_WITHDRAWN;
    if (known->latest == WITHDRAWN) {
        latest->status = STATEMENT_STATUS_WITHDRAWN;
        message_set_string(&latest->note, "Gone.");
    }
    return latest;
}

static Submission make_submission(const Wish *wish)
{
    Statement *statement = text(wish->title != NULL ? wish->title : "", wish->expires_at);

    statement->publish_at = instant(wish->publish_at);
    statement->change = wish->change;
    if (wish->change == STATEMENT_CHANGE_CORRECTED || wish->kind == SUBMISSION_WITHDRAW ||
        wish->kind == SUBMISSION_EXPIRE)
        message_set_string(&statement->note, "Why.");
    Submission submission = submission_make(wish->kind, statement);
    submission.if_match = g_strdup(wish->if_match);
    submission.if_none_match = g_strdup(wish->if_none_match);
    return submission;
}

static void check_revision(const Case *c, const Statement *revision)
{
    const Expected *expected = &c->expected;

    assert_int_equal(revision->revision, expected->revision);
    assert_int_equal(revision->change, expected->change);
    assert_true(instant_from_timestamp(revision->updated_at) == NOW);
    /* No record on the bus tells when it was to be published; what expires says so until it has. */
    assert_null(revision->publish_at);
    bool withdrawn = revision->status == STATEMENT_STATUS_WITHDRAWN;
    assert_true((revision->expires_at != NULL) == (!withdrawn && c->wish.expires_at != 0));
    assert_string_equal(revision->title, withdrawn ? "" : c->wish.title);
}

static void check_case(const Case *c)
{
    g_autoptr(Statement) latest = make_latest(&c->known);
    g_autoptr(Statement) earlier = c->known.latest == WITHDRAWN ? text("Old", 0) : NULL;
    g_autoptr(Statement) scheduled = c->known.scheduled != NULL ? text(c->known.scheduled, 0) : NULL;
    g_autoptr(GError) error = NULL;
    Submission submission = make_submission(&c->wish);
    const Expected *expected = &c->expected;

    if (scheduled != NULL)
        scheduled->publish_at = instant(c->known.due);
    bool repeated = earlier != NULL && accept_may_repeat(latest, &submission) &&
                    accept_repeats(earlier, latest, &submission);
    AcceptDecision decision = accept_submission(&(AcceptKnown){.latest = latest,
                                                               .repeated = repeated ? earlier : NULL,
                                                               .scheduled = scheduled,
                                                               .schedule_version = scheduled ? 17 : 0},
                                                &submission, NOW, &error);
    if (decision.result != expected->result || decision.drop_scheduled != expected->drops ||
        (decision.revision != NULL) != (expected->revision != 0) ||
        (error != NULL) != (expected->said != NULL))
        fail_msg("%s: result %d, drops %d: %s", c->name, decision.result, decision.drop_scheduled,
                 error != NULL ? error->message : "no error");
    if (error != NULL && (error->code != expected->code || strstr(error->message, expected->said) == NULL))
        fail_msg("%s: %d: %s", c->name, error->code, error->message);
    assert_true((decision.field != NULL) == (expected->code == DAYWIRE_ERROR_INVALID && error != NULL));
    if (decision.revision != NULL)
        check_revision(c, decision.revision);
    statement_free(decision.revision);
    submission_clear(&submission);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_case(&cases[i]);
}

/* The submitter's note is public from now on; one that is not given is not that of the withdrawal. */
static void test_a_reinstatement_has_its_own_note(void **state)
{
    const Known known = {.latest = WITHDRAWN};
    g_autoptr(Statement) latest = make_latest(&known);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        Submission submission = make_submission(&(Wish){.kind = SUBMISSION_PUT, .title = "New"});
        if (i == 1)
            message_set_string(&submission.statement->note, "It was right after all.");
        AcceptDecision decision =
            accept_submission(&(AcceptKnown){.latest = latest}, &submission, NOW, &error);
        assert_int_equal(decision.result, RESULT_UPDATED);
        assert_int_equal(decision.revision->status, STATEMENT_STATUS_USABLE);
        assert_string_equal(decision.revision->note, i == 1 ? "It was right after all." : "");
        statement_free(decision.revision);
        submission_clear(&submission);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_a_reinstatement_has_its_own_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
