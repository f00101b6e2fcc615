/* SPDX-License-Identifier: Apache-2.0 */
/* A counter's rule, from its group of the configuration: since when or until when, in which zone, what to
 * say. Immutable, any thread. */
#ifndef DAYWIRE_COUNTER_RULE_H
#define DAYWIRE_COUNTER_RULE_H

#include "common/civil_date.h"
#include "common/config/config.h"
#include "common/zone.h"
#include "counter/elapsed.h"
#include "counter/label.h"
#include "counter/milestones.h"

#define COUNTER_LANGUAGES_MAX 64

typedef struct {
    char *id;
    bool counts_down; /* to `origin`, else up from it */
    CivilDate origin;
    Zone *zone;
    LeapDay leap_day;
    Milestones *milestones; /* NULL: none */
    GPtrArray *labels;      /* of Label, one a language */
} CounterRule;

/* From [counter ID]. INVALID names file and line, group and key. */
CounterRule *counter_rule_new(const Config *config, const char *id, GError **error) MUST_CHECK;
void counter_rule_free(CounterRule *rule); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CounterRule, counter_rule_free)

/* All of them in the order of the file: an array that owns its CounterRules. */
GPtrArray *counter_rules_new(const Config *config, GError **error) MUST_CHECK;

/* Whether they can all be made, for --check-config. */
bool counter_rules_check(const Config *config, GError **error) MUST_CHECK;

#endif
