/* SPDX-License-Identifier: Apache-2.0 */
/* Variables over the file. Upper case and "_" lose what a name was, so names are not taken apart: every
 * option that can be meant (of the table, of the instances in the file, of the wildcard keys in the file)
 * gives the name of its variable, and a variable is looked up among those. Only in [kafka], where all keys
 * are allowed, one is made from the name. */
#include "common/config/environment.h"

#include "common/config/lookup.h"
#include "common/nearest.h"
#include "common/config/settings.h"
#include "common/config/value.h"
#include "common/error.h"
#include "common/text.h"

typedef struct {
    const Option *option;
    char *group;
    char *key;
    char *rival; /* "[group] key" of another option with the same variable, or NULL */
} Target;

static void target_free(gpointer data)
{
    Target *target = data;
    g_free(target->group);
    g_free(target->key);
    g_free(target->rival);
    g_free(target);
}

char *environment_name(const char *group, const char *key)
{
    GString *name = g_string_new(ENVIRONMENT_PREFIX);
    const char *parts[] = {group, "_", key};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        for (const char *at = parts[i]; *at; at = g_utf8_next_char(at))
            g_string_append_c(name, g_ascii_isalnum(*at) ? g_ascii_toupper(*at) : '_');
    return g_string_free(name, FALSE);
}

char *environment_kafka_key(const char *name)
{
    if (!g_str_has_prefix(name, ENVIRONMENT_KAFKA_PREFIX))
        return NULL;
    const char *rest = name + strlen(ENVIRONMENT_KAFKA_PREFIX);
    if (*rest == '\0' || rest[strspn(rest, G_CSET_A_2_Z G_CSET_DIGITS "_")] != '\0')
        return NULL;
    return g_strdelimit(g_ascii_strdown(rest, -1), "_", '.');
}

bool environment_is_kubernetes(const char *name)
{
    return g_regex_match_simple("_SERVICE_HOST$"
                                "|_SERVICE_PORT(_[A-Z0-9_]+)?$"
                                "|_PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$",
                                name, 0, 0);
}

static void add_target(GHashTable *targets, const Option *option, const char *group, const char *key)
{
    char *name = environment_name(group, key);
    Target *first = g_hash_table_lookup(targets, name);
    if (!first) {
        Target *target = g_new(Target, 1);
        *target = (Target){.option = option, .group = g_strdup(group), .key = g_strdup(key)};
        g_hash_table_insert(targets, name, target);
        return;
    }
    if (strcmp(first->group, group) != 0 || strcmp(first->key, key) != 0) {
        g_free(first->rival);
        first->rival = g_strdup_printf("[%s] %s", group, key);
    }
    g_free(name);
}

/* Those of the groups that are there once. */
static void add_common(GHashTable *targets, const Config *config)
{
    for (const Option *option = options; option->group; option++)
        if (wildcard_prefix(option->group) < 0 && wildcard_prefix(option->key) < 0)
            add_target(targets, option, option->group, option->key);
    for (guint i = 0; i < config->settings->len; i++) {
        const Setting *setting = config->settings->pdata[i];
        if (wildcard_prefix(setting->option->group) < 0)
            add_target(targets, setting->option, setting->group, setting->key);
    }
}

static void add_instances(GHashTable *targets, const Config *config)
{
    for (guint i = 0; i < config->groups->len; i++) {
        const char *group = config->groups->pdata[i];
        for (const Option *option = options; option->group; option++)
            if (wildcard_prefix(option->group) > 0 && option_find(group, option->key) == option)
                add_target(targets, option, group, option->key);
    }
    for (guint i = 0; i < config->settings->len; i++) {
        const Setting *setting = config->settings->pdata[i];
        if (wildcard_prefix(setting->option->group) > 0)
            add_target(targets, setting->option, setting->group, setting->key);
    }
}

/* "NAME=value" of the environment; NULL: none of our variables. g_free it. */
static char *variable_name(const char *variable)
{
    const char *equals = strchr(variable, '=');
    return equals && g_str_has_prefix(variable, ENVIRONMENT_PREFIX)
               ? g_strndup(variable, (gsize)(equals - variable))
               : NULL;
}

static bool has_all(GHashTable *targets, char *const *environment)
{
    for (; environment && *environment; environment++) {
        g_autofree char *name = variable_name(*environment);
        g_autofree char *kafka_key = name ? environment_kafka_key(name) : NULL;
        if (name && !kafka_key && !g_hash_table_contains(targets, name) && !environment_is_kubernetes(name))
            return false;
    }
    return true;
}

/* Name of a variable -> Target, for every option that can be meant. Ten thousand counters have many, of which mostly none
 * is. */
static GHashTable *find_targets(const Config *config, char *const *environment)
{
    GHashTable *targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, target_free);
    add_common(targets, config);
    if (!has_all(targets, environment))
        add_instances(targets, config);
    return targets;
}

static void warn(Config *config, GHashTable *targets, const char *name)
{
    guint count = 0;
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(targets, &count);
    qsort(names, count, sizeof(*names), text_compare); /* of several equally near ones always the same */
    g_autofree char *shown = value_quote(name);
    const char *nearest = nearest_name(name, names);
    char *warning = nearest ? g_strdup_printf("%s is no option's variable; did you mean %s?", shown, nearest)
                            : g_strdup_printf("%s is no option's variable", shown);
    g_ptr_array_add(config->warnings, warning);
}

/* One variable: an option, none of ours, or a mistake. */
static bool apply(Config *config, GHashTable *targets, const char *name, const char *value, GError **error)
{
    g_autofree char *origin = g_strconcat("$", name, NULL);
    g_autofree char *kafka_key = environment_kafka_key(name);
    const Target *target = g_hash_table_lookup(targets, name);
    bool ours = target || (kafka_key && !environment_is_kubernetes(name));
    if (!ours) {
        if (!environment_is_kubernetes(name))
            warn(config, targets, name);
        return true;
    }
    if (!g_utf8_validate(value, -1, NULL)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: invalid UTF-8", origin);
        return false;
    }
    if (!target)
        return settings_set(config, option_find("kafka", kafka_key), "kafka", kafka_key, value, origin,
                            error);
    if (target->rival) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: means both [%s] %s and %s; set it in the file", origin, target->group, target->key,
                    target->rival);
        return false;
    }
    return settings_set(config, target->option, target->group, target->key, value, origin, error);
}

bool environment_apply(Config *config, char *const *environment, GError **error)
{
    g_autoptr(GHashTable) targets = find_targets(config, environment);
    for (; environment && *environment; environment++) {
        g_autofree char *name = variable_name(*environment);
        if (name && !apply(config, targets, name, *environment + strlen(name) + 1, error))
            return false;
    }
    return true;
}
