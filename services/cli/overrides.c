/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/overrides.h"

#include "common/config/environment.h"

char **overrides_apply(const Override *overrides, const Config *config, char **environment)
{
    char **result = g_strdupv(environment);
    for (; overrides->group; overrides++) {
        g_autofree char *origin = config_origin(config, overrides->group, overrides->key);
        g_autofree char *name = environment_name(overrides->group, overrides->key);
        if (overrides->always || strcmp(origin, "default") == 0)
            result = g_environ_setenv(result, name, overrides->value, TRUE);
    }
    return result;
}
