/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a tick (the same everywhere in the product; see proto/README.md). Any thread. */
#ifndef DAYWIRE_COMMON_TICK_JSON_H
#define DAYWIRE_COMMON_TICK_JSON_H

#include <jansson.h>

#include "common/model.h"

/* All fields, in the order of proto/README.md; what is empty or absent is null. A new reference. */
json_t *tick_to_json(const Tick *tick);

/* Reads what tick_to_json() prints of a tick of ours: what is printed again is the same text. All fields are
 * needed but `since` or `until`, one of which a tick has, and `anniversary`; a null one is an absent one.
 * Checks names, types, ranges, and that `days` is the difference of the dates. Instants may have any offset.
 * The time zone need not be installed here. NULL with INVALID, and with the field at fault in *ret_field:
 * g_free it; NULL when it is none. */
Tick *tick_from_json(const json_t *value, char **ret_field, GError **error) MUST_CHECK;

#endif
