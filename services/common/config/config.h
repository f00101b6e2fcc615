/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: an INI file (GKeyFile's syntax) and the environment, checked against the one table of
 * options (options.h). All three services read the same file. Immutable after loading, any thread. */
#ifndef DAYWIRE_COMMON_CONFIG_CONFIG_H
#define DAYWIRE_COMMON_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Config Config;

/* `path` NULL: defaults and environment only. `environment` is a "NAME=value" list, normally environ. A
 * variable DAYWIRE_<GROUP>_<KEY> overrides the file (in [kafka], "_" stands for "."). INVALID names file and
 * line, group and key, and for an unknown name the nearest valid one. Everything is checked here, values
 * included, so that the getters cannot fail. */
Config *config_load(const char *path, char *const *environment, GError **error) MUST_CHECK;
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* `group` is as written in the file ("ingest", "counter sample"). Asking for an option that the table does
 * not have, or as another type, is a programming error and aborts. Strings belong to the configuration; an
 * option without value and default gives NULL. */
const char *config_string(const Config *config, const char *group, const char *key);
int64_t config_integer(const Config *config, const char *group, const char *key);
bool config_boolean(const Config *config, const char *group, const char *key);
int64_t config_milliseconds(const Config *config, const char *group,
                            const char *key); /* durations: 250ms 5s 5m 2h 1d */
int64_t config_bytes(const Config *config, const char *group, const char *key); /* sizes: 4096 64K 10M 1G */
/* A path that is relative to the folder of the configuration file, where there is one. g_free it. */
char *config_path_beside(const Config *config, const char *group, const char *key);
/* False: the default holds. */
bool config_is_set(const Config *config, const char *group, const char *key);

/* The instances of a repeated group in the order of the file: config_instances(c, "counter") gives "sample",
 * ... for [counter sample]. NULL-terminated, owned by the configuration. */
const char *const *config_instances(const Config *config, const char *group);

/* The keys below a wildcard in the order of the file: config_keys(c, "site", "clock.") gives "clock.London",
 * ...; with
 * ("kafka", "") every property set. NULL-terminated, owned by the configuration. Read them with
 * config_string(). */
const char *const *config_keys(const Config *config, const char *group, const char *prefix);

/* "file:line" where the value was set, or "$NAME", or "default"; for messages about a value. g_free it. */
char *config_origin(const Config *config, const char *group, const char *key);
/* The same of a group's first heading; "default" where the file has none. g_free it. */
char *config_group_origin(const Config *config, const char *group);
/* Where it was set to nothing, else NULL. That counts as not set; this is for options whose default would then
 * be a surprise. g_free it. */
char *config_empty_origin(const Config *config, const char *group, const char *key);

/* Variables that look like ours and are none: sentences without values, for the log. NULL-terminated, owned
 * by the configuration. Those that Kubernetes sets for a service named daywire-... are not among them. */
const char *const *config_warnings(const Config *config);

#endif
