/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/milestones.h"

#include <string.h>

#include "common/error.h"
#include "counter/elapsed.h"

#define ITEMS_MAX  64
#define DAYS_MAX   3652058 /* between the first and the last civil date */
#define YEARS_MAX  9998
#define MONTHS_MAX (YEARS_MAX * MONTHS_PER_YEAR + MONTHS_PER_YEAR - 1)

typedef struct {
    const char *name; /* of many, and without its last letter of one */
    bool is_months;
    int size; /* in days or months */
    int64_t most;
} Unit;

static const Unit units[] = {
    {"days", false, 1, DAYS_MAX},
    {"months", true, 1, MONTHS_MAX},
    {"years", true, MONTHS_PER_YEAR, YEARS_MAX},
};

typedef struct {
    const Unit *unit; /* of an "every"; NULL: one number of days */
    int64_t number;
} Item;

struct Milestones {
    Item items[ITEMS_MAX];
    size_t count;
};

static bool parse_number(const char *word, int64_t least, int64_t most, int64_t *ret_number)
{
    return g_ascii_isdigit(*word) && g_ascii_string_to_signed(word, 10, least, most, ret_number, NULL);
}

static bool is_unit(const char *word, const char *name)
{
    size_t one = strlen(name) - 1;
    return strcmp(word, name) == 0 || (strlen(word) == one && strncmp(word, name, one) == 0);
}

/* `words` of one item, without empty ones. */
static bool parse_item(char *const *words, size_t count, Item *item)
{
    int64_t number = 1;
    if (count == 1) {
        item->unit = NULL;
        return parse_number(words[0], 0, DAYS_MAX, &item->number);
    }
    if (count > 3 || strcmp(words[0], "every") != 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (!is_unit(words[count - 1], units[i].name))
            continue;
        if (count == 3 && !parse_number(words[1], 1, units[i].most, &number))
            return false;
        *item = (Item){&units[i], number};
        return true;
    }
    return false;
}

static bool add_item(Milestones *milestones, const char *text, GError **error)
{
    g_auto(GStrv) pieces = g_strsplit_set(text, " \t", -1);
    size_t count = 0;
    char *words[4] = {NULL};
    for (char **piece = pieces; *piece; piece++)
        if (**piece && count < G_N_ELEMENTS(words))
            words[count++] = *piece;
    if (milestones->count == ITEMS_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "more than %d milestones", ITEMS_MAX);
        return false;
    }
    if (count > 0 && parse_item(words, count, &milestones->items[milestones->count])) {
        milestones->count++;
        return true;
    }
    g_autofree char *item = g_strstrip(g_strdup(text));
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "\"%.60s\" is no milestone; those are: every 100 days, every month, every 5 years, 1000",
                item);
    return false;
}

Milestones *milestones_parse(const char *text, GError **error)
{
    Milestones *milestones = g_new0(Milestones, 1);
    g_auto(GStrv) items = g_strsplit(*text ? text : " ", ",", -1); /* no text is one empty item too */
    for (char **item = items; *item; item++)
        if (!add_item(milestones, *item, error)) {
            milestones_free(milestones);
            return NULL;
        }
    return milestones;
}

void milestones_free(Milestones *milestones)
{
    g_free(milestones);
}

bool milestones_has(const Milestones *milestones, int32_t days, int months)
{
    for (size_t i = 0; milestones && i < milestones->count; i++) {
        const Item *item = &milestones->items[i];
        const Unit *unit = item->unit;
        int64_t value = unit && unit->is_months ? months : days;
        if (unit ? value > 0 && value % (item->number * unit->size) == 0 : value == item->number)
            return true;
    }
    return false;
}

static bool is_met(const Item *item, const MilestoneRange *range)
{
    if (!item->unit)
        return item->number == 0 ? range->has_zero
                                 : item->number >= range->days_least && item->number <= range->days_most;
    int64_t step = item->number * item->unit->size;
    int64_t least = item->unit->is_months ? range->months_least : range->days_least;
    int64_t most = item->unit->is_months ? range->months_most : range->days_most;
    return most >= step && most / step * step >= least;
}

static char *describe(const Item *item)
{
    if (!item->unit)
        return g_strdup_printf("%" G_GINT64_FORMAT, item->number);
    if (item->number == 1)
        return g_strdup_printf("every %.*s", (int)strlen(item->unit->name) - 1, item->unit->name);
    return g_strdup_printf("every %" G_GINT64_FORMAT " %s", item->number, item->unit->name);
}

bool milestones_check(const Milestones *milestones, const MilestoneRange *range, GError **error)
{
    for (size_t i = 0; i < milestones->count; i++) {
        const Item *item = &milestones->items[i];
        if (is_met(item, range))
            continue;
        g_autofree char *text = describe(item);
        return error_refuse(error, "%s never comes between the counter's dates", text);
    }
    return true;
}
