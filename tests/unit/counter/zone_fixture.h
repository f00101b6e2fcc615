/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones in which it is any time of the day now: a folder for $TZDIR, for the tests of counter/. */
#ifndef DAYWIRE_TESTS_ZONE_FIXTURE_H
#define DAYWIRE_TESTS_ZONE_FIXTURE_H

/* Makes the folder and lets $TZDIR lead to it; before there are threads. */
void zone_fixture_setup(void);
void zone_fixture_teardown(void);

/* Writes zone `name`, in which it is now `second` seconds after a midnight (0 to 86399). */
void zone_fixture_add(const char *name, int second);

#endif
