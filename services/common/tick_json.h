/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a tick (the same everywhere in the product; see proto/README.md). Any thread. */
#ifndef DAYWIRE_COMMON_TICK_JSON_H
#define DAYWIRE_COMMON_TICK_JSON_H

#include "common/json.h"
#include "common/model.h"

#define TICK_COUNT_WEEKDAYS "weekdays" /* the `count` of a tick that does not count all days */
#define TICK_GROUP_MAX      100        /* characters */

/* All fields, in the order of proto/README.md; what is empty or absent is null, or left out from
 * `late_seconds` on. A value of `doc`. */
yyjson_mut_val *tick_to_json(const Tick *tick, yyjson_mut_doc *doc);

/* Reads what tick_to_json() prints of a tick of ours: what is printed again is the same text. All fields are
 * needed but `since` or `until`, one of which a tick has, `anniversary`, and those from `late_seconds` on; a
 * null one is an absent one. Checks names, types, ranges, and that `days` and `remaining` are the differences
 * of the dates; of weekdays, that they are no more. Instants may have any offset. The time zone need not be
 * installed here. NULL with INVALID, and with the field at fault in *ret_field: g_free it; NULL when it is
 * none. */
Tick *tick_from_json(yyjson_val *value, char **ret_field, GError **error) MUST_CHECK;

/* Whether it can name a group: 1 to TICK_GROUP_MAX characters of UTF-8, no control characters. */
bool tick_group_is_valid(const char *name);

#endif
