/* SPDX-License-Identifier: Apache-2.0 */
/* What `daywire standalone` sets for its services beside the configuration: variables of their environment,
 * which hold where neither the file nor the user's environment says anything. Pure. */
#ifndef DAYWIRE_CLI_OVERRIDES_H
#define DAYWIRE_CLI_OVERRIDES_H

#include "common/config/config.h"

typedef struct {
    const char *group, *key, *value; /* an option of the table, or a property of [kafka] */
    bool always;                     /* also over what the user has set */
} Override;

/* The environment (as environ) with the overrides that hold. `config` was loaded with that environment.
 * `overrides` ends with a group of NULL. g_strfreev it. */
char **overrides_apply(const Override *overrides, const Config *config, char **environment);

#endif
