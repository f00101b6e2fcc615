/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/restart_policy.h"

#define FIRST_WAIT INT64_C(250000)

bool restart_policy_failed(RestartPolicy *policy, int64_t now, int64_t *ret_at)
{
    unsigned recent = 0;
    while (recent < policy->count && now - policy->failures[recent] < RESTART_WINDOW)
        recent++;
    if (recent == RESTART_FAILURES_MAX)
        recent--;
    for (unsigned i = recent; i > 0; i--)
        policy->failures[i] = policy->failures[i - 1];
    policy->failures[0] = now;
    policy->count = recent + 1;
    if (policy->count == RESTART_FAILURES_MAX)
        return false;
    *ret_at = now + (FIRST_WAIT << recent);
    return true;
}
