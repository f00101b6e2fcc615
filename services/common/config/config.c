/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a process, and how they are read. All that the getters hand out is made while loading
 * (load.c), so that a configuration is read-only afterwards.
 *
 * Names of groups and keys are kept once for all that are equal, in the old and the new configuration of a reload too:
 * ten thousand counters have the same keys. Values of [kafka] may be secrets: no message shows the value of a
 * string. */
#include "common/config/config.h"

#include "common/config/lookup.h"
#include "common/config/settings.h"
#include "common/config/value.h"

static void setting_free(gpointer data)
{
    Setting *setting = data;
    g_ref_string_release(setting->group);
    g_ref_string_release(setting->key);
    g_free(setting->text);
    g_free(setting->origin);
    g_free(setting);
}

static guint hash_name(gconstpointer data)
{
    const Setting *setting = data;
    return g_str_hash(setting->group) * 31 + g_str_hash(setting->key);
}

static gboolean equal_names(gconstpointer a, gconstpointer b)
{
    const Setting *one = a, *other = b;
    return strcmp(one->key, other->key) == 0 && strcmp(one->group, other->group) == 0;
}

static GHashTable *table_of_lists(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
}

Config *settings_new(void)
{
    Config *config = g_new(Config, 1);
    *config = (Config){
        .settings = g_ptr_array_new_with_free_func(setting_free),
        .by_name = g_hash_table_new(hash_name, equal_names),
        .groups = g_ptr_array_new_with_free_func(g_free),
        .headings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .instances = table_of_lists(),
        .keys = table_of_lists(),
        .warnings = g_ptr_array_new_with_free_func(g_free),
    };
    return config;
}

void config_free(Config *config)
{
    if (!config)
        return;
    g_hash_table_unref(config->by_name);
    g_hash_table_unref(config->instances);
    g_hash_table_unref(config->keys);
    g_hash_table_unref(config->headings);
    g_ptr_array_unref(config->settings);
    g_ptr_array_unref(config->groups);
    g_ptr_array_unref(config->warnings);
    g_free(config->folder);
    g_free(config);
}

static char *full_name(const char *group, const char *key)
{
    return g_strdup_printf("[%s]%s", group, key);
}

static Setting *find(const Config *config, const char *group, const char *key)
{
    const Setting wanted = {.group = (char *)group, .key = (char *)key};
    return g_hash_table_lookup(config->by_name, &wanted);
}

static Setting *add(Config *config, const Option *option, const char *group, const char *key)
{
    Setting *setting = g_new0(Setting, 1);
    setting->option = option;
    setting->group = g_ref_string_new_intern(group);
    setting->key = g_ref_string_new_intern(key);
    g_ptr_array_add(config->settings, setting);
    g_hash_table_add(config->by_name, setting);
    return setting;
}

bool settings_set(Config *config, const Option *option, const char *group, const char *key, const char *text,
                  const char *origin, GError **error)
{
    int64_t number = 0;
    if (*text && !option_parse(option, text, &number, error)) {
        g_prefix_error(error, "%s: [%s] %s: ", origin, group, key);
        return false;
    }
    Setting *setting = find(config, group, key);
    if (!setting)
        setting = add(config, option, group, key);
    g_free(setting->text);
    g_free(setting->origin);
    setting->text = *text ? g_strdup(text) : NULL;
    setting->number = number;
    setting->origin = g_strdup(origin);
    return true;
}

/* Appends a copy of `value` to the list called `name`, which is made when it is not there. */
static void append(GHashTable *lists, const char *name, const char *value)
{
    GPtrArray *list = g_hash_table_lookup(lists, name);
    if (!list) {
        list = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(lists, g_strdup(name), list);
    }
    g_ptr_array_add(list, g_strdup(value));
}

static void end_lists(GHashTable *lists)
{
    GHashTableIter iterator;
    gpointer list = NULL;
    g_hash_table_iter_init(&iterator, lists);
    while (g_hash_table_iter_next(&iterator, NULL, &list))
        g_ptr_array_add(list, NULL);
}

void settings_index(Config *config)
{
    for (guint i = 0; i < config->groups->len; i++) {
        g_auto(GStrv) words =
            g_strsplit(config->groups->pdata[i], " ", 2); /* only repeated groups have a space */
        if (words[1])
            append(config->instances, words[0], words[1]);
    }
    for (guint i = 0; i < config->settings->len; i++) {
        const Setting *setting = config->settings->pdata[i];
        int prefix = wildcard_prefix(setting->option->key);
        if (prefix < 0 || !setting->text)
            continue;
        g_autofree char *beginning = g_strndup(setting->key, (gsize)prefix);
        g_autofree char *name = full_name(setting->group, beginning);
        append(config->keys, name, setting->key);
    }
    end_lists(config->instances);
    end_lists(config->keys);
    g_ptr_array_add(config->warnings, NULL);
}

static const char *const *list_or_empty(GHashTable *lists, const char *name)
{
    static const char *const empty[] = {NULL};
    const GPtrArray *list = g_hash_table_lookup(lists, name);
    return list ? (const char *const *)list->pdata : empty;
}

const char *const *config_instances(const Config *config, const char *group)
{
    g_autofree char *any = g_strconcat(group, " *", NULL);
    for (const Option *option = options; option->group; option++)
        if (strcmp(option->group, any) == 0)
            return list_or_empty(config->instances, group);
    g_error("there are no groups [%s NAME] in the table of options", group);
}

const char *const *config_keys(const Config *config, const char *group, const char *prefix)
{
    g_autofree char *any = g_strconcat(prefix, "x", NULL);
    const Option *option = option_find(group, any);
    if (!option || wildcard_prefix(option->key) != (int)strlen(prefix))
        g_error("there are no keys \"%s*\" in [%s] in the table of options", prefix, group);
    g_autofree char *name = full_name(group, prefix);
    return list_or_empty(config->keys, name);
}

const char *const *config_warnings(const Config *config)
{
    return (const char *const *)config->warnings->pdata;
}

static const Option *option_of(const char *group, const char *key, unsigned types)
{
    const Option *option = option_find(group, key);
    if (!option)
        g_error("there is no [%s] %s in the table of options", group, key);
    if (!(types & (1U << option->type)))
        g_error("[%s] %s is read as what it is not", group, key);
    return option;
}

const char *config_string(const Config *config, const char *group, const char *key)
{
    const Option *option = option_of(group, key,
                                     1U << OPTION_STRING | 1U << OPTION_PATH | 1U << OPTION_ADDRESS |
                                         1U << OPTION_CHOICE | 1U << OPTION_DATE | 1U << OPTION_ZONE);
    const Setting *setting = find(config, group, key);
    return setting && setting->text ? setting->text : option->fallback;
}

char *config_path_beside(const Config *config, const char *group, const char *key)
{
    const char *path = config_string(config, group, key);
    if (!path || !config->folder || g_path_is_absolute(path))
        return g_strdup(path);
    return g_build_filename(config->folder, path, NULL);
}

bool config_is_set(const Config *config, const char *group, const char *key)
{
    const Setting *setting = find(config, group, key);
    return setting && setting->text;
}

static int64_t number_of(const Config *config, const char *group, const char *key, OptionType type)
{
    const Option *option = option_of(group, key, 1U << type);
    const Setting *setting = find(config, group, key);
    if (setting && setting->text)
        return setting->number;
    int64_t number = 0;
    if (!option->fallback || !option_parse(option, option->fallback, &number, NULL))
        g_error("[%s] %s has no good default in the table of options", group, key);
    return number;
}

int64_t config_integer(const Config *config, const char *group, const char *key)
{
    return number_of(config, group, key, OPTION_INTEGER);
}

bool config_boolean(const Config *config, const char *group, const char *key)
{
    return number_of(config, group, key, OPTION_BOOLEAN) != 0;
}

int64_t config_milliseconds(const Config *config, const char *group, const char *key)
{
    return number_of(config, group, key, OPTION_DURATION);
}

int64_t config_bytes(const Config *config, const char *group, const char *key)
{
    return number_of(config, group, key, OPTION_SIZE);
}

char *config_origin(const Config *config, const char *group, const char *key)
{
    const Setting *setting = find(config, group, key);
    return g_strdup(setting && setting->text ? setting->origin : "default");
}

char *config_empty_origin(const Config *config, const char *group, const char *key)
{
    const Setting *setting = find(config, group, key);
    return setting && !setting->text ? g_strdup(setting->origin) : NULL;
}

char *config_group_origin(const Config *config, const char *group)
{
    const char *heading = g_hash_table_lookup(config->headings, group);
    return g_strdup(heading ? heading : "default");
}
