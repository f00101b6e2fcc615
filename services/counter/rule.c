/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/rule.h"

#include <string.h>

#include "common/error.h"
#include "common/tick_json.h"
#include "counter/holidays.h"
#include "counter/rule_part.h"
#include "counter/value.h"

void rule_prefix_place(GError **error, const Config *config, const char *group, const char *key)
{
    g_autofree char *origin = config_origin(config, group, key);
    g_prefix_error(error, "%s: [%s] %s: ", origin, group, key);
}

bool rule_refuse_group(const RulePart *part, const char *reason)
{
    g_autofree char *origin = config_group_origin(part->config, part->group);
    return error_refuse(part->error, "%s: [%s] %s", origin, part->group, reason);
}

static bool refuse(const RulePart *part, const char *key, const char *reason)
{
    error_refuse(part->error, "%s", reason);
    rule_prefix_place(part->error, part->config, part->group, key);
    return false;
}

static bool is_set(const RulePart *part, const char *key)
{
    return config_is_set(part->config, part->group, key);
}

/* False when the key is not set. The configuration has checked the date. */
static bool read_date(const RulePart *part, const char *key, CivilDate *ret_date)
{
    const char *text = config_string(part->config, part->group, key);
    return text && civil_date_parse(text, ret_date);
}

static bool read_counted(const RulePart *part)
{
    CounterRule *rule = part->rule;
    rule->has_since = read_date(part, "since", &rule->since);
    rule->has_until = read_date(part, "until", &rule->until);
    if (!rule->has_since && !rule->has_until)
        return rule_refuse_group(
            part, "lacks its date: since = YYYY-MM-DD to count from it, or until = YYYY-MM-DD to count down");
    if (rule->has_since && rule->has_until && rule->until < rule->since)
        return refuse(part, "until", "it is before since");
    return true;
}

/* When it shows; that it ends after zero is a date too. */
static bool read_shown(const RulePart *part)
{
    CounterRule *rule = part->rule;
    const char *after_zero = config_string(part->config, part->group, "after-zero");
    CivilDate starts = TICK_DATE_MIN, ends = TICK_DATE_MAX;
    bool ends_at_zero = strcmp(after_zero, "end") == 0;
    (void)read_date(part, "starts", &starts);
    (void)read_date(part, "ends", &ends);
    if (is_set(part, "after-zero") && (rule->has_since || !rule->has_until))
        return refuse(part, "after-zero", "it is for a counter with until alone");
    if (starts > TICK_DATE_MAX)
        return refuse(part, "starts", "there are no ticks after 9999-12-30");
    if (ends < TICK_DATE_MIN)
        return refuse(part, "ends", "there are no ticks before 0001-01-02");
    if (ends < starts)
        return refuse(part, "ends", "it is before starts");
    if (ends_at_zero && rule->until < starts)
        return refuse(part, "after-zero", "the counter ends with until, before it starts");
    rule->stays_at_zero = strcmp(after_zero, "hold") == 0;
    rule->starts = MAX(starts, TICK_DATE_MIN);
    rule->ends = MIN(ends_at_zero ? MIN(ends, rule->until) : ends, TICK_DATE_MAX);
    return true;
}

static bool read_count(const RulePart *part)
{
    g_autofree char *path = counter_holidays_path(part->config, part->rule->id);
    g_autoptr(GArray) holidays = NULL;
    if (strcmp(config_string(part->config, part->group, "count"), "weekdays") != 0)
        return !path || refuse(part, "holidays", "it is for a counter with count = weekdays");
    if (path && !(holidays = holidays_read(path, part->error))) {
        rule_prefix_place(part->error, part->config, part->group, "holidays");
        return false;
    }
    part->rule->weekdays = weekdays_new(holidays);
    return true;
}

/* Each zone is read once: it may have hundreds of transitions. */
static bool read_zone(const RulePart *part)
{
    const char *name = config_string(part->config, part->group, "time-zone");
    Zone *zone = g_hash_table_lookup(part->zones, name);
    if (!zone) {
        zone = zone_new(name, part->error);
        if (!zone) {
            rule_prefix_place(part->error, part->config, part->group, "time-zone");
            return false;
        }
        g_hash_table_insert(part->zones, (char *)zone_name(zone), zone);
    }
    part->rule->zone = zone_ref(zone);
    return true;
}

/* When all else is known about the dates. */
static bool read_milestones(const RulePart *part)
{
    CounterRule *rule = part->rule;
    const char *text = config_string(part->config, part->group, "milestones");
    if (!text)
        return true;
    MilestoneRange range = counter_milestone_range(rule);
    rule->milestones = milestones_parse(text, part->error);
    if (rule->milestones && milestones_check(rule->milestones, &range, part->error))
        return true;
    rule_prefix_place(part->error, part->config, part->group, "milestones");
    return false;
}

static bool read_place(const RulePart *part)
{
    const char *name = config_string(part->config, part->group, "group");
    part->rule->group = g_strdup(name);
    part->rule->order = (uint32_t)config_integer(part->config, part->group, "order");
    return !name || tick_group_is_valid(name) ||
           refuse(part, "group", "1 to " G_STRINGIFY(TICK_GROUP_MAX) " characters, no control characters");
}

/* From [counter ID] and [counters]. */
static CounterRule *rule_new(const Config *config, const char *id, GHashTable *zones, GError **error)
{
    g_autofree char *group = counter_group(id);
    CounterRule *rule = g_new0(CounterRule, 1);
    const RulePart part = {rule, config, group, zones, error};
    rule->id = g_strdup(id);
    rule->leap_day =
        strcmp(config_string(config, group, "leap-day"), "feb28") == 0 ? LEAP_DAY_FEB28 : LEAP_DAY_MAR1;
    if (read_counted(&part) && read_shown(&part) && read_count(&part) && read_zone(&part) &&
        read_milestones(&part) && rule_read_labels(&part) && read_place(&part))
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
    weekdays_free(rule->weekdays);
    milestones_free(rule->milestones);
    g_clear_pointer(&rule->labels, g_ptr_array_unref);
    g_clear_pointer(&rule->milestone_labels, g_ptr_array_unref);
    g_free(rule->group);
    g_free(rule);
}

GPtrArray *counter_rules_new(const Config *config, GError **error)
{
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)counter_rule_free);
    g_autoptr(GHashTable) zones =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)zone_free);
    for (const char *const *id = config_instances(config, "counter"); *id; id++) {
        CounterRule *rule = rule_new(config, *id, zones, error);
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

bool counter_shows(const CounterRule *rule, CivilDate date)
{
    return date >= rule->starts && date <= rule->ends;
}

char *counter_group(const char *id)
{
    return g_strconcat("counter ", id, NULL);
}

char *counter_holidays_path(const Config *config, const char *id)
{
    g_autofree char *group = counter_group(id);
    return config_path_beside(config, group, "holidays");
}
