/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/submission_limits.h"

#include "common/error.h"

#define GROUP "ingest"

SubmissionLimits submission_limits_read(const Config *config)
{
    return (SubmissionLimits){
        .title = (size_t)config_integer(config, GROUP, "max-title"),
        .summary = (size_t)config_integer(config, GROUP, "max-summary"),
        .text = (size_t)config_bytes(config, GROUP, "max-text"),
        .tags = (size_t)config_integer(config, GROUP, "max-tags"),
    };
}

typedef struct {
    const char *field;
    const char *option;
    const char *unit;
    size_t most;
    size_t sent;
} Measure;

static size_t characters(const char *text)
{
    return (size_t)g_utf8_strlen(text, -1);
}

bool submission_limits_check(const SubmissionLimits *limits, const Statement *statement,
                             const char **ret_field, GError **error)
{
    const Measure measures[] = {
        {"title", "max-title", " characters", limits->title, characters(statement->title)},
        {"summary", "max-summary", " characters", limits->summary, characters(statement->summary)},
        {"body", "max-text", " bytes", limits->text, strlen(statement->body)},
        {"tags", "max-tags", "", limits->tags, statement->n_tags},
    };

    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(measures); i++) {
        const Measure *measure = &measures[i];
        if (measure->sent <= measure->most)
            continue;
        *ret_field = measure->field;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "%s: at most %zu%s here ([" GROUP "] %s), this one has %zu", measure->field,
                    measure->most, measure->unit, measure->option, measure->sent);
        return false;
    }
    return true;
}
