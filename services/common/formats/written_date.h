/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as people write them: "25 March 2021", "March 25th, 2021", "25.03.2021", "2021-03-25"; names of
 * months in English, whole or shortened. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_WRITTEN_DATE_H
#define DAYWIRE_COMMON_FORMATS_WRITTEN_DATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/civil_date.h"

/* The date that `text` ends with, but for closing brackets, quotation marks and full stops after it.
 * *ret_start is where it begins. False when there is none, or no such day. */
bool written_date_at_end(const char *text, size_t *ret_start, CivilDate *ret_date);

/* The date that the whole of `text` is, with or without the day of the week before it. */
bool written_date_whole(const char *text, CivilDate *ret_date);

#endif
