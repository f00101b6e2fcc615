/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/preview.h"

#include "common/nearest.h"
#include "common/error.h"
#include "counter/tick.h"
#include "counter/value.h"

static bool check_dates(CivilDate from, CivilDate to, GError **error)
{
    char least[CIVIL_DATE_TEXT_MAX], most[CIVIL_DATE_TEXT_MAX];
    if (from < TICK_DATE_MIN || to > TICK_DATE_MAX)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "ticks exist from %s to %s",
                    civil_date_format(TICK_DATE_MIN, least), civil_date_format(TICK_DATE_MAX, most));
    else if (to < from)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s is before %s",
                    civil_date_format(to, most), civil_date_format(from, least));
    else
        return true;
    return false;
}

static bool check_counter(const Config *config, const char *counter, GError **error)
{
    const char *const *known = config_instances(config, "counter");
    if (g_strv_contains(known, counter))
        return true;
    const char *nearest = nearest_name(counter, known);
    if (nearest)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND,
                    "the configuration has no counter \"%.100s\"; did you mean \"%s\"?", counter, nearest);
    else
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND,
                    "the configuration has no counter \"%.100s\"", counter);
    return false;
}

static bool is_event(const CounterRule *rule, CivilDate date)
{
    CounterValue value = counter_value(rule, date);
    return value.anniversary > 0 || value.is_milestone;
}

/* False when `function` has had enough. */
static bool preview_date(const CounterRule *rule, CivilDate date, bool events,
                         CounterPreviewFunction function, void *user)
{
    if (events && !is_event(rule, date)) /* told without its sentences, which cost most */
        return true;
    g_autoptr(Tick) tick = counter_tick(rule, date, zone_first_instant(rule->zone, date));
    return !tick || function(tick, user);
}

bool counter_preview(const Config *config, const PreviewRange *range, const char *counter,
                     CounterPreviewFunction function, void *user, GError **error)
{
    if (!check_dates(range->from, range->to, error) || (counter && !check_counter(config, counter, error)))
        return false;
    g_autoptr(GPtrArray) rules = counter_rules_new(config, error);
    if (!rules)
        return false;
    bool wanted = true;
    for (CivilDate date = range->from; date <= range->to && wanted; date++) {
        for (guint i = 0; i < rules->len && wanted; i++) {
            const CounterRule *rule = rules->pdata[i];
            if (!counter || strcmp(rule->id, counter) == 0)
                wanted = preview_date(rule, date, range->events, function, user);
        }
    }
    return true;
}

void counter_preview_rule(const CounterRule *rule, const PreviewRange *range, CounterPreviewFunction function,
                          void *user)
{
    for (CivilDate date = range->from; date <= range->to; date++)
        if (!preview_date(rule, date, range->events, function, user))
            return;
}
