/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process that ended is started again, and when. Pure: the time is an argument (microseconds of any
 * steady clock). */
#ifndef DAYWIRE_CLI_RESTART_POLICY_H
#define DAYWIRE_CLI_RESTART_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define RESTART_FAILURES_MAX 5                 /* so many within ... */
#define RESTART_WINDOW       INT64_C(60000000) /* ... this time, and no more is tried */

typedef struct {
    int64_t failures[RESTART_FAILURES_MAX]; /* when, the latest first */
    unsigned count;
} RestartPolicy; /* all zero at first */

/* The process ended at `now`, unasked. True: start it again at *ret_at; each failure within the window
 * doubles the wait. False: give up. */
bool restart_policy_failed(RestartPolicy *policy, int64_t now, int64_t *ret_at);

#endif
