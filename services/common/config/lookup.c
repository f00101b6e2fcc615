/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/lookup.h"

#include "common/nearest.h"
#include "common/config/value.h"
#include "common/error.h"
#include "common/statement_rules.h"

int wildcard_prefix(const char *pattern)
{
    size_t length = strlen(pattern);
    return length > 0 && pattern[length - 1] == '*' ? (int)length - 1 : -1;
}

/* A star, at the end of the pattern, stands for at least one character. */
static bool matches(const char *pattern, const char *name)
{
    while (*pattern != '\0' && *pattern != '*' && *pattern == *name) {
        pattern++;
        name++;
    }
    return *pattern == '*' ? *name != '\0' : *pattern == *name;
}

const Option *option_find(const char *group, const char *key)
{
    const Option *found = NULL;
    for (const Option *option = options; option->group; option++) {
        if (!matches(option->group, group) || !matches(option->key, key))
            continue;
        if (wildcard_prefix(option->key) < 0)
            return option; /* a key of its own comes before a wildcard */
        if (!found)
            found = option;
    }
    return found;
}

/* What a person could have meant by `name` where the table has `pattern`: the pattern with the star filled
 * from what stands behind the separator in `name`, so that only the words before it are compared. NULL:
 * nothing. */
static char *fill_pattern(const char *pattern, const char *name)
{
    int prefix = wildcard_prefix(pattern);
    if (prefix < 0)
        return g_strdup(pattern);
    const char *separator = prefix > 0 ? strchr(name, pattern[prefix - 1]) : NULL;
    if (!separator || separator[1] == '\0')
        return NULL;
    return g_strdup_printf("%.*s%s", prefix, pattern, separator + 1);
}

static char *nearest_group(const char *group)
{
    g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func(g_free);
    for (const Option *option = options; option->group; option++) {
        char *candidate = fill_pattern(option->group, group);
        if (candidate)
            g_ptr_array_add(candidates, candidate);
    }
    g_ptr_array_add(candidates, NULL);
    return g_strdup(nearest_name(group, (const char *const *)candidates->pdata));
}

static char *nearest_key(const char *group, const char *key)
{
    g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func(g_free);
    for (const Option *option = options; option->group; option++) {
        char *candidate = matches(option->group, group) ? fill_pattern(option->key, key) : NULL;
        if (candidate)
            g_ptr_array_add(candidates, candidate);
    }
    g_ptr_array_add(candidates, NULL);
    return g_strdup(nearest_name(key, (const char *const *)candidates->pdata));
}

/* The pattern of a repeated group of which `group` is only the first word, or NULL. */
static const char *pattern_without_name(const char *group)
{
    for (const Option *option = options; option->group; option++) {
        int prefix = wildcard_prefix(option->group);
        if (prefix > 0 && strncmp(option->group, group, (size_t)prefix - 1) == 0 &&
            strspn(group + prefix - 1, " ") == strlen(group + prefix - 1))
            return option->group;
    }
    return NULL;
}

static bool check_instance_name(const char *group, int prefix, GError **error)
{
    if (id_is_valid(group + prefix, INSTANCE_NAME_MAX))
        return true;
    g_autofree char *quoted = value_quote(group + prefix);
    return error_refuse(error, "[%.*sNAME]: the name %s is not 1 to %d of A-Z a-z 0-9 . _ ~ -", prefix, group,
                        quoted, INSTANCE_NAME_MAX);
}

bool group_check(const char *group, GError **error)
{
    for (const Option *option = options; option->group; option++) {
        if (!matches(option->group, group))
            continue;
        int prefix = wildcard_prefix(option->group);
        return prefix < 0 || check_instance_name(group, prefix, error);
    }
    const char *pattern = pattern_without_name(group);
    if (pattern)
        return error_refuse(error, "[%s] lacks a name: [%.*sNAME]", group, wildcard_prefix(pattern), pattern);
    g_autofree char *nearest = nearest_group(group);
    if (nearest)
        return error_refuse(error, "unknown group [%s]; did you mean [%s]?", group, nearest);
    return error_refuse(error, "unknown group [%s]", group);
}

bool key_check(const char *group, const char *key, const Option **ret_option, GError **error)
{
    const Option *option = option_find(group, key);
    if (option) {
        *ret_option = option;
        return true;
    }
    g_autofree char *nearest = nearest_key(group, key);
    if (nearest)
        return error_refuse(error, "unknown key \"%s\" in [%s]; did you mean \"%s\"?", key, group, nearest);
    return error_refuse(error, "unknown key \"%s\" in [%s]", key, group);
}
