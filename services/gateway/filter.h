/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a subscription takes: see Filter in proto/daywire/v1/stream.proto. Pure; immutable once in
 * use. */
#ifndef DAYWIRE_GATEWAY_FILTER_H
#define DAYWIRE_GATEWAY_FILTER_H

#include "gateway/event.h"

#define FILTER_VALUES_MAX 32
#define FILTER_VALUE_MAX  200 /* characters */

#define FILTER_FIELDS "counter, source, tag, language, kind"

typedef struct Filter Filter;

Filter *filter_new(void);
Filter *filter_copy(const Filter *filter); /* NULL of NULL */
void filter_free(Filter *filter);          /* NULL is fine */

bool filter_field_exists(const char *field);

/* `field` is one of FILTER_FIELDS. INVALID: no such field, too many values, a value too long or empty. */
bool filter_add(Filter *filter, const char *field, const char *value, GError **error) MUST_CHECK;

/* The values of a field in the order in which they were added, NULL-terminated, owned by the filter; NULL
 * when there are none: the field takes everything. */
const char *const *filter_values(const Filter *filter, const char *field);

/* A withdrawal matches whenever the statement could have matched before: its words are kept for this in the
 * record or, where they are not known, it passes. NULL takes everything. */
bool filter_matches(const Filter *filter, const Event *event);

#endif
