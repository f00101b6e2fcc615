/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this process can do its work, as /readyz tells it. Each part that can fail reports under its own
 * name; the process is ready when at least one part has reported and all are well. Any thread. */
#ifndef DAYWIRE_COMMON_HEALTH_H
#define DAYWIRE_COMMON_HEALTH_H

#include <stdbool.h>

/* `part` and `reason` are copied; `reason` is for people, NULL when well. A change of state is logged, once.
 */
void health_set(const char *part, bool well, const char *reason);

/* The process is about to end as it was asked to: not ready from here on, without a warning. */
void health_stopping(void);

/* *ret_text: one line a part, "part: ok" or "part: reason". g_free it. */
bool health_ready(char **ret_text);

#endif
