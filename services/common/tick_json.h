/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a tick (the same everywhere in the product; see proto/README.md). Any thread. */
#ifndef DAYWIRE_COMMON_TICK_JSON_H
#define DAYWIRE_COMMON_TICK_JSON_H

#include <jansson.h>

#include "common/model.h"

/* All fields, in the order of proto/README.md; what is empty or absent is null. A new reference. */
json_t *tick_to_json(const Tick *tick);

#endif
