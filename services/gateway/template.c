/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/template.h"

#include "common/error.h"

typedef struct {
    const char *name; /* not ended by a NUL */
    size_t length;
} Slot;

/* The first slot of `text`; returns what lies behind it, or NULL when there is none. */
static const char *next_slot(const char *text, const char **ret_start, Slot *ret_slot)
{
    for (const char *start = strstr(text, "{{"); start; start = strstr(start + 2, "{{")) {
        const char *name = start + 2;
        size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz_");
        if (length == 0 || strncmp(name + length, "}}", 2) != 0)
            continue;
        *ret_start = start;
        *ret_slot = (Slot){name, length};
        return name + length + 2;
    }
    return NULL;
}

/* `count` when it is none of them. */
static size_t find_name(Slot slot, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == slot.length && strncmp(names[i], slot.name, slot.length) == 0)
            return i;
    }
    return count;
}

bool template_check(const char *text, const char *const *names, size_t count, GError **error)
{
    const char *start = NULL;
    Slot slot = {NULL, 0};
    for (const char *rest = text; (rest = next_slot(rest, &start, &slot));) {
        if (find_name(slot, names, count) < count)
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "{{%.*s}}: no such slot", (int)slot.length,
                    slot.name);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        g_autofree char *wanted = g_strdup_printf("{{%s}}", names[i]);
        if (strstr(text, wanted))
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the slot %s is missing", wanted);
        return false;
    }
    return true;
}

GString *template_fill(const char *text, const char *const *names, GString *const *values, size_t count)
{
    GString *filled = g_string_new(NULL);
    const char *start = NULL;
    Slot slot = {NULL, 0};
    const char *rest = text;
    for (const char *next = NULL; (next = next_slot(rest, &start, &slot)); rest = next) {
        g_string_append_len(filled, rest, (gssize)(start - rest));
        size_t i = find_name(slot, names, count);
        if (i < count && values[i])
            g_string_append_len(filled, values[i]->str, (gssize)values[i]->len);
    }
    return g_string_append(filled, rest);
}
