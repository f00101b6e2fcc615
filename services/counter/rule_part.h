/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of rule.c and rule_labels.c: what reads a part of a rule needs all of this. */
#ifndef DAYWIRE_COUNTER_RULE_PART_H
#define DAYWIRE_COUNTER_RULE_PART_H

#include "counter/rule.h"

typedef struct {
    CounterRule *rule;
    const Config *config;
    const char *group; /* "counter ID" */
    GHashTable *zones; /* name -> Zone: those that were read already */
    GError **error;
} RulePart;

/* Puts where a value was set before the message about it. */
void rule_prefix_place(GError **error, const Config *config, const char *group, const char *key);

/* Says where the group is, for what it lacks. False. */
bool rule_refuse_group(const RulePart *part, const char *reason);

/* `labels` and `milestone_labels`, when the dates and milestones are known. */
bool rule_read_labels(const RulePart *part) MUST_CHECK;

#endif
