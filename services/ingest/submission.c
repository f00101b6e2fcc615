/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/submission.h"

#include "common/markup/html_body.h"
#include "ingest/identity.h"

bool submitter_is_reserved(const char *name)
{
    return strcmp(name, SUBMITTER_EXPIRY) == 0 || strcmp(name, SUBMITTER_SPOOL) == 0;
}

Submission submission_make(SubmissionKind kind, Statement *statement)
{
    GError *refusal = NULL;
    bool reduced = html_body_reduce(statement, &refusal);
    bool derived = *statement->id == '\0';

    g_assert(reduced == (refusal == NULL));

    if (derived) {
        g_autofree char *id = identity_from_content(statement);
        message_set_string(&statement->id, id);
    }
    return (Submission){.kind = kind, .statement = statement, .id_derived = derived, .refusal = refusal};
}

void submission_clear(Submission *submission)
{
    statement_free(submission->statement);
    g_free(submission->submitter);
    g_free(submission->if_match);
    g_free(submission->if_none_match);
    g_clear_error(&submission->refusal);
    *submission = (Submission){.kind = submission->kind};
}
