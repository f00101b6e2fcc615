/* SPDX-License-Identifier: Apache-2.0 */
/* The system's time zone database: a folder of compiled zones, $TZDIR or /usr/share/zoneinfo. Any thread. */
#ifndef DAYWIRE_COMMON_TZDATA_H
#define DAYWIRE_COMMON_TZDATA_H

/* Where a file of it is, by its name ("Europe/London"), which is not checked. g_free it. */
char *tzdata_path(const char *name);

/* The files that tell its version, NULL-terminated: names for tzdata_path(). */
extern const char *const tzdata_version_files[];

/* "2025b", or "unknown". g_free it. */
char *tzdata_version(void);

#endif
