/* SPDX-License-Identifier: Apache-2.0 */
/* The three services as child processes of `daywire standalone`. */
#ifndef DAYWIRE_CLI_SERVICES_H
#define DAYWIRE_CLI_SERVICES_H

#include "cli/children.h"
#include "common/config/config.h"

typedef struct {
    const Config *config;           /* as the services see it */
    const char *config_path;        /* NULL: none */
    const char *const *environment; /* of the services */
    bool verbose;                   /* log more than warnings */
} ServicesOptions;

/* Whether every address that they will listen on can be had: else another program, perhaps another Daywire, would be
 * taken for ours. UNAVAILABLE names the address and its option. */
bool services_addresses_are_free(const Config *config, GError **error) MUST_CHECK;

/* Starts them from beside this program: ingest, counter, gateway. NOT_FOUND, FAILED. */
bool services_start(Children *children, const ServicesOptions *options, GError **error) MUST_CHECK;

/* Supervises until all are ready: RUNNING. FAILED: told, also when they are not within two minutes. */
ChildrenEvent services_wait_ready(Children *children, const Config *config);

#endif
