/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the file against the table of options, and what was probably meant where there is no such name.
 * Pure, any thread. */
#ifndef DAYWIRE_COMMON_CONFIG_LOOKUP_H
#define DAYWIRE_COMMON_CONFIG_LOOKUP_H

#include <stdbool.h>
#include <glib.h>

#include "common/config/options.h"

#define INSTANCE_NAME_MAX 100

/* "label" in "label.*", "counter " in "counter *": the length of what stands before the star; -1: no
 * wildcard. */
int wildcard_prefix(const char *pattern);

/* The row for a group and key as written in the file, or NULL. */
const Option *option_find(const char *group, const char *key);

/* INVALID, without place: no such group, or a bad name of an instance of a repeated group. */
bool group_check(const char *group, GError **error) MUST_CHECK;
/* INVALID, without place: no such key in the group. *ret_option is the row. */
bool key_check(const char *group, const char *key, const Option **ret_option, GError **error) MUST_CHECK;

#endif
