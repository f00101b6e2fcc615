/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/sources.h"

#include "common/tzdata.h"
#include "common/zone.h"

static void add_counter(GPtrArray *paths, const Config *config, const char *id)
{
    g_autofree char *group = g_strconcat("counter ", id, NULL);
    char *zone = zone_path(config_string(config, group, "time-zone"));
    if (zone)
        g_ptr_array_add(paths, zone);
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
