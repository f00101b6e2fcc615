/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/preview.h"

#include "common/nearest.h"
#include "common/error.h"
#include "counter/calendar.h"

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

/* False when `function` has had enough. */
static bool preview_date(const GPtrArray *rules, CivilDate date, CounterPreviewFunction function, void *user)
{
    for (guint i = 0; i < rules->len; i++) {
        const CounterRule *rule = rules->pdata[i];
        g_autoptr(Tick) tick = counter_tick(rule, date, zone_first_instant(rule->zone, date));
        if (tick && !function(tick, user))
            return false;
    }
    return true;
}

bool counter_preview(const Config *config, CivilDate from, CivilDate to, const char *counter,
                     CounterPreviewFunction function, void *user, GError **error)
{
    if (!check_dates(from, to, error) || (counter && !check_counter(config, counter, error)))
        return false;
    g_autoptr(GPtrArray) rules = counter_rules_new(config, error);
    if (!rules)
        return false;
    for (guint i = rules->len; counter && i > 0; i--)
        if (!g_str_equal(((const CounterRule *)rules->pdata[i - 1])->id, counter))
            g_ptr_array_remove_index(rules, i - 1);
    for (CivilDate date = from; date <= to && preview_date(rules, date, function, user); date++)
        ;
    return true;
}

void counter_preview_events(const CounterRule *rule, CivilDate from, CivilDate to,
                            CounterPreviewFunction function, void *user)
{
    for (CivilDate date = from; date <= to; date++) {
        g_autoptr(Tick) tick = counter_tick(rule, date, zone_first_instant(rule->zone, date));
        if (tick && calendar_takes(tick) && !function(tick, user))
            return;
    }
}
