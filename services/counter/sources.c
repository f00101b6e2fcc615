/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/sources.h"

#include "common/tzdata.h"
#include "common/zone.h"
#include "counter/rule.h"

/* Takes over `path`, which is NULL when there is no such file. */
static void add(GPtrArray *paths, char *path)
{
    if (path)
        g_ptr_array_add(paths, path);
}

static void add_counter(GPtrArray *paths, const Config *config, const char *id)
{
    g_autofree char *group = counter_group(id);
    add(paths, zone_path(config_string(config, group, "time-zone")));
    add(paths, counter_holidays_path(config, id));
}

GPtrArray *counter_sources(const Config *config)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *const *name = tzdata_version_files; *name; name++)
        g_ptr_array_add(paths, tzdata_path(*name));
    for (const char *const *id = config_instances(config, "counter"); *id; id++)
        add_counter(paths, config, *id);
    return paths;
}
