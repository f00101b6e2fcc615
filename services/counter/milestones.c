/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/milestones.h"

#include <string.h>

#include "common/error.h"

#define ITEMS_MAX 64
#define DAYS_MAX  3652058 /* between the first and the last civil date */
#define YEARS_MAX 9998

typedef struct {
    enum { EACH_DAYS, EACH_YEARS, ONE_DAY } kind;
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

/* `words` of one item, without empty ones. */
static bool parse_item(char *const *words, size_t count, Item *item)
{
    if (count == 1) {
        item->kind = ONE_DAY;
        return parse_number(words[0], 0, DAYS_MAX, &item->number);
    }
    if (count > 3 || strcmp(words[0], "every") != 0)
        return false;
    const char *unit = words[count - 1];
    bool days = strcmp(unit, "day") == 0 || strcmp(unit, "days") == 0;
    if (!days && strcmp(unit, "year") != 0 && strcmp(unit, "years") != 0)
        return false;
    item->kind = days ? EACH_DAYS : EACH_YEARS;
    item->number = 1;
    return count == 2 || parse_number(words[1], 1, days ? DAYS_MAX : YEARS_MAX, &item->number);
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
                "\"%.60s\" is no milestone; those are: every 100 days, every year, every 5 years, 1000",
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

bool milestones_has(const Milestones *milestones, int32_t days, int years)
{
    for (size_t i = 0; milestones && i < milestones->count; i++) {
        const Item *item = &milestones->items[i];
        int64_t value = item->kind == EACH_YEARS ? years : days;
        if (item->kind == ONE_DAY ? value == item->number : value > 0 && value % item->number == 0)
            return true;
    }
    return false;
}
