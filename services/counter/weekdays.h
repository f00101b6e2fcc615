/* SPDX-License-Identifier: Apache-2.0 */
/* Monday to Friday without holidays. Pure, immutable, any thread. */
#ifndef DAYWIRE_COUNTER_WEEKDAYS_H
#define DAYWIRE_COUNTER_WEEKDAYS_H

#include <stdbool.h>
#include <glib.h>

#include "common/civil_date.h"

typedef struct Weekdays Weekdays;

/* `holidays`: of CivilDate, in any order, not kept; NULL: there are none. */
Weekdays *weekdays_new(const GArray *holidays);
void weekdays_free(Weekdays *weekdays); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Weekdays, weekdays_free)

bool weekdays_has(const Weekdays *weekdays, CivilDate date);

/* Those after `from` up to and including `to`. For `to` before `from`: those after `to` up to and including `from`,
 * negative. */
int32_t weekdays_between(const Weekdays *weekdays, CivilDate from, CivilDate to);

#endif
