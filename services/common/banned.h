/* SPDX-License-Identifier: Apache-2.0 */
/* Included before every source file of Daywire (see CMakeLists.txt): calls that cannot be used safely do not
 * compile. Each has a bounded counterpart in GLib. */
#ifndef DAYWIRE_COMMON_BANNED_H
#define DAYWIRE_COMMON_BANNED_H

/* The headers come first, since the poison below would reach into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* unbounded or silently truncating writes */
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat gets
/* no error report: use g_ascii_string_to_signed() and its kin */
#pragma GCC poison atoi atol atoll atof
/* hidden static state, hence not for threads */
#pragma GCC poison strtok gmtime localtime ctime asctime
/* tests and services wait for conditions, never for an amount of time */
#pragma GCC poison sleep usleep

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
