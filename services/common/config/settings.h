/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of Config, for the files that fill it. What readers use is config.h. */
#ifndef DAYWIRE_COMMON_CONFIG_SETTINGS_H
#define DAYWIRE_COMMON_CONFIG_SETTINGS_H

#include "common/config/config.h"
#include "common/config/options.h"

typedef struct {
    const Option *option;
    GRefString *group;
    GRefString *key;
    char *text;     /* NULL: not set */
    int64_t number; /* of `text`, where the type has one */
    char *origin;   /* "file:line" or "$NAME" */
} Setting;

struct Config {
    char *folder;          /* of the file; NULL: there is none */
    GPtrArray *settings;   /* of Setting; in the order of the file, then of the environment */
    GHashTable *by_name;   /* of Setting: found by group and key */
    GPtrArray *groups;     /* of char *: the groups of the file, in order */
    GHashTable *headings;  /* a group of the file -> "file:line", its first */
    GHashTable *instances; /* "counter" -> GPtrArray of char *, with a NULL at its end */
    GHashTable *keys;      /* "[group]prefix" -> GPtrArray of char *, with a NULL at its end */
    GPtrArray *warnings;   /* of char *, with a NULL at its end */
};

Config *settings_new(void);

/* Sets or replaces; `text` "" unsets. INVALID names origin, group and key. */
bool settings_set(Config *config, const Option *option, const char *group, const char *key, const char *text,
                  const char *origin, GError **error) MUST_CHECK;

/* After the last settings_set(): makes the lists that config_instances() and config_keys() give. */
void settings_index(Config *config);

/* config_load()'s second half: the variables of `environment` over what the file says, and the warnings. */
bool environment_apply(Config *config, char *const *environment, GError **error) MUST_CHECK;

#endif
