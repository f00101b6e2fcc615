/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/rule.h"

#include <string.h>

#include "common/error.h"

#define LABEL_PREFIX "label."

/* Puts where a value was set before the message about it. */
static void prefix_place(GError **error, const Config *config, const char *group, const char *key)
{
    g_autofree char *origin = config_origin(config, group, key);
    g_prefix_error(error, "%s: [%s] %s: ", origin, group, key);
}

static bool read_origin(CounterRule *rule, const Config *config, const char *group, GError **error)
{
    const char *since = config_string(config, group, "since");
    const char *until = config_string(config, group, "until");
    if (since && until) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "a counter has since or until, not both");
        prefix_place(error, config, group, "until");
        return false;
    }
    if (!since && !until) {
        g_set_error(
            error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
            "[%s] lacks its date: since = YYYY-MM-DD to count from it, or until = YYYY-MM-DD to count down",
            group);
        return false;
    }
    rule->counts_down = !since;
    /* The configuration has checked it. */
    return civil_date_parse(since ? since : until, &rule->origin);
}

static bool read_zone(CounterRule *rule, const Config *config, const char *group, GError **error)
{
    rule->zone = zone_new(config_string(config, group, "time-zone"), error);
    if (!rule->zone)
        prefix_place(error, config, group, "time-zone");
    return rule->zone != NULL;
}

static bool read_milestones(CounterRule *rule, const Config *config, const char *group, GError **error)
{
    const char *text = config_string(config, group, "milestones");
    if (!text)
        return true;
    rule->milestones = milestones_parse(text, error);
    if (!rule->milestones)
        prefix_place(error, config, group, "milestones");
    return rule->milestones != NULL;
}

static bool add_label(CounterRule *rule, const char *language, const char *pattern, GError **error)
{
    g_autoptr(Label) label =
        label_new(language, pattern, rule->counts_down ? LABEL_UNTIL : LABEL_SINCE, error);
    if (!label)
        return false;
    for (guint i = 0; i < rule->labels->len; i++) {
        if (strcmp(label_language(rule->labels->pdata[i]), label_language(label)) == 0) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "there is a label for %s already",
                        label_language(label));
            return false;
        }
    }
    if (rule->labels->len == COUNTER_LANGUAGES_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "more than %d languages",
                    COUNTER_LANGUAGES_MAX);
        return false;
    }
    g_ptr_array_add(rule->labels, g_steal_pointer(&label));
    return true;
}

static bool read_labels(CounterRule *rule, const Config *config, const char *group, GError **error)
{
    rule->labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
    for (const char *const *key = config_keys(config, group, LABEL_PREFIX); *key; key++) {
        if (!add_label(rule, *key + strlen(LABEL_PREFIX), config_string(config, group, *key), error)) {
            prefix_place(error, config, group, *key);
            return false;
        }
    }
    if (rule->labels->len > 0)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "[%s] has nothing to say: add label.en = ..., or another language's", group);
    return false;
}

CounterRule *counter_rule_new(const Config *config, const char *id, GError **error)
{
    g_autofree char *group = g_strconcat("counter ", id, NULL);
    CounterRule *rule = g_new0(CounterRule, 1);
    rule->id = g_strdup(id);
    rule->leap_day =
        strcmp(config_string(config, group, "leap-day"), "feb28") == 0 ? LEAP_DAY_FEB28 : LEAP_DAY_MAR1;
    if (read_origin(rule, config, group, error) && read_zone(rule, config, group, error) &&
        read_milestones(rule, config, group, error) && read_labels(rule, config, group, error))
        return rule;
    counter_rule_free(rule);
    return NULL;
}

void counter_rule_free(CounterRule *rule)
{
    if (!rule)
        return;
    g_free(rule->id);
    zone_free(rule->zone);
    milestones_free(rule->milestones);
    if (rule->labels)
        g_ptr_array_unref(rule->labels);
    g_free(rule);
}

GPtrArray *counter_rules_new(const Config *config, GError **error)
{
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)counter_rule_free);
    for (const char *const *id = config_instances(config, "counter"); *id; id++) {
        CounterRule *rule = counter_rule_new(config, *id, error);
        if (!rule)
            return NULL;
        g_ptr_array_add(rules, rule);
    }
    return g_steal_pointer(&rules);
}

bool counter_rules_check(const Config *config, GError **error)
{
    g_autoptr(GPtrArray) rules = counter_rules_new(config, error);
    return rules != NULL;
}
