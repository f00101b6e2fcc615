/* SPDX-License-Identifier: Apache-2.0 */
/* A counter's rule, from its group of the configuration: since when or until when, in which zone, when it shows, what
 * to say. Immutable, any thread. */
#ifndef DAYWIRE_COUNTER_RULE_H
#define DAYWIRE_COUNTER_RULE_H

#include "common/civil_date.h"
#include "common/config/config.h"
#include "common/zone.h"
#include "counter/elapsed.h"
#include "counter/label.h"
#include "counter/milestones.h"
#include "counter/weekdays.h"

#define COUNTER_LANGUAGES_MAX 64

/* Ticks exist for these dates: those next to them begin outside of the years that an instant can have. */
#define TICK_DATE_MIN (CIVIL_DATE_MIN + 1)
#define TICK_DATE_MAX (CIVIL_DATE_MAX - 1)

typedef struct {
    char *id;
    bool has_since, has_until; /* one of them or both */
    CivilDate since, until;    /* with both, since is not the later */
    bool stays_at_zero;        /* after `until`; a counter without `since` */
    CivilDate starts, ends; /* the first and the last date that has a tick, TICK_DATE_MIN to TICK_DATE_MAX */
    Zone *zone;
    LeapDay leap_day;
    Weekdays *weekdays;          /* that it counts; NULL: all days */
    Milestones *milestones;      /* NULL: none */
    GPtrArray *labels;           /* of Label, one a language */
    GPtrArray *milestone_labels; /* the same on the date of a milestone; NULL: as on all dates */
    char *group;                 /* NULL: none */
    uint32_t order;
} CounterRule;

void counter_rule_free(CounterRule *rule); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CounterRule, counter_rule_free)

/* All of them in the order of the file, from their groups and [counters]: an array that owns its CounterRules. INVALID
 * and TOO_LARGE name file and line, group and key; a file of holidays also gives NOT_FOUND and FAILED. */
GPtrArray *counter_rules_new(const Config *config, GError **error) MUST_CHECK;

/* Whether they can all be made, for --check-config. */
bool counter_rules_check(const Config *config, GError **error) MUST_CHECK;

/* Whether `date` is one on which the counter shows. */
bool counter_shows(const CounterRule *rule, CivilDate date);

/* The name of its group, "counter ID". g_free it. */
char *counter_group(const char *id);

/* The file of holidays that the rule is made from, NULL when there is none. g_free it. */
char *counter_holidays_path(const Config *config, const char *id);

#endif
