/* SPDX-License-Identifier: Apache-2.0 */
/* What this site allows in a statement, within the bounds of the protocol (common/statement_rules.h). The engine asks for
 * every revision that would be written, whatever source it is from. Pure, any thread. */
#ifndef DAYWIRE_INGEST_SUBMISSION_LIMITS_H
#define DAYWIRE_INGEST_SUBMISSION_LIMITS_H

#include <stdbool.h>

#include "common/config/config.h"
#include "common/model.h"

typedef struct {
    size_t title;   /* characters (Unicode code points) */
    size_t summary; /* characters */
    size_t text;    /* bytes of the body */
    size_t tags;    /* how many */
} SubmissionLimits;

/* [ingest] max-title, max-summary, max-text, max-tags. */
SubmissionLimits submission_limits_read(const Config *config);

/* False with TOO_LARGE, which names the field, the limit and what was sent; *ret_field is the field's JSON name,
 * static. A withdrawal is always within the limits: what was published before they were lowered must be withdrawable. */
bool submission_limits_check(const SubmissionLimits *limits, const Statement *statement,
                             const char **ret_field, GError **error) MUST_CHECK;

#endif
