/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the name that a person most likely meant. Pure, any thread. */
#ifndef DAYWIRE_COMMON_NEAREST_H
#define DAYWIRE_COMMON_NEAREST_H

/* The candidate (NULL-terminated list) with the fewest slips of a finger from `name`: a character too much,
 * missing, wrong, or two swapped. NULL when none is near enough to be meant. */
const char *nearest_name(const char *name, const char *const *candidates);

#endif
