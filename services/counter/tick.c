/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/tick.h"

#include "common/tick_json.h"
#include "counter/value.h"

#define LATE (60 * INSTANT_SECOND)

CivilDate counter_date_at(const CounterRule *rule, Instant now)
{
    CivilDate date = zone_date_at(rule->zone, now);
    for (;;) {
        CivilDate next = zone_next_date(rule->zone, date);
        if (next == date || zone_first_instant(rule->zone, next) > now)
            return date;
        date = next;
    }
}

static void set_date(char **field, CivilDate date)
{
    char text[CIVIL_DATE_TEXT_MAX];
    message_set_string(field, civil_date_format(date, text));
}

static void set_elapsed(Tick *tick, const Elapsed *elapsed)
{
    tick->elapsed = g_new(Daywire__V1__Elapsed, 1);
    daywire__v1__elapsed__init(tick->elapsed);
    tick->elapsed->years = (uint32_t)elapsed->years;
    tick->elapsed->months = (uint32_t)elapsed->months;
    tick->elapsed->days = (uint32_t)elapsed->days;
}

static void set_dates(Tick *tick, const CounterRule *rule, CivilDate date)
{
    set_date(&tick->date, date);
    if (rule->has_since)
        set_date(&tick->since, rule->since);
    if (rule->has_until)
        set_date(&tick->until, rule->until);
}

static void set_value(Tick *tick, const CounterRule *rule, const CounterValue *value)
{
    tick->days = value->days;
    tick->remaining = value->remaining;
    set_elapsed(tick, &value->elapsed);
    tick->anniversary = (uint32_t)value->anniversary;
    tick->milestone = value->is_milestone;
    message_set_string(&tick->count, rule->weekdays ? TICK_COUNT_WEEKDAYS : NULL);
}

static void set_labels(Tick *tick, const CounterRule *rule, CivilDate date, const CounterValue *value)
{
    bool special = value->is_milestone && rule->milestone_labels;
    const GPtrArray *labels = special ? rule->milestone_labels : rule->labels;
    const LabelValues values = {
        .days = value->days,
        .remaining = value->remaining,
        .anniversary = value->anniversary,
        .elapsed = value->elapsed,
        .date = date,
        .since = rule->since,
        .until = rule->until,
    };
    for (guint i = 0; i < labels->len; i++) {
        const Label *label = labels->pdata[i];
        g_autofree char *text = label_format(label, &values);
        tick_add_label(tick, label_language(label), text);
    }
}

static void set_times(Tick *tick, const CounterRule *rule, CivilDate date, Instant now)
{
    Instant effective_at = zone_first_instant(rule->zone, date);
    Instant next_at = zone_first_instant(rule->zone, zone_next_date(rule->zone, date));
    tick->effective_at = instant_to_timestamp(effective_at);
    tick->next_at = instant_to_timestamp(next_at);
    tick->emitted_at = instant_to_timestamp(now);
    tick->late = now - effective_at > LATE;
    if (tick->late)
        tick->late_seconds = (uint32_t)MIN((now - effective_at) / INSTANT_SECOND, UINT32_MAX);
}

Tick *counter_tick(const CounterRule *rule, CivilDate date, Instant now)
{
    if (!counter_shows(rule, date) || zone_date_at(rule->zone, zone_first_instant(rule->zone, date)) != date)
        return NULL;
    CounterValue value = counter_value(rule, date);
    Tick *tick = tick_new();
    message_set_string(&tick->counter, rule->id);
    message_set_string(&tick->time_zone, zone_name(rule->zone));
    message_set_string(&tick->group, rule->group);
    tick->order = rule->order;
    tick->revision = 1;
    set_dates(tick, rule, date);
    set_value(tick, rule, &value);
    set_labels(tick, rule, date, &value);
    set_times(tick, rule, date, now);
    return tick;
}

/* A shallow copy without what does not count; nothing of it is freed. */
static GBytes *pack_content(const Tick *tick)
{
    Tick content = *tick;
    content.revision = 0;
    content.emitted_at = NULL;
    content.late = false;
    content.late_seconds = 0;
    return tick_pack(&content);
}

bool counter_tick_same_content(const Tick *a, const Tick *b)
{
    g_autoptr(GBytes) packed_a = pack_content(a);
    g_autoptr(GBytes) packed_b = pack_content(b);
    return g_bytes_equal(packed_a, packed_b);
}
