/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file in a temporary folder, for the tests of config/. */
#ifndef DAYWIRE_TESTS_CONFIG_FIXTURE_H
#define DAYWIRE_TESTS_CONFIG_FIXTURE_H

#include <stddef.h>

#include "common/config/config.h"

/* Group set-up and tear-down for cmocka: the folder. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Writes "FILE" with this content and returns its path. */
const char *fixture_write(const char *content, size_t size);

/* Loads `content` (NULL: no file) with `environment` (NULL: empty); must succeed. */
Config *fixture_load(const char *content, char *const *environment);

/* The message with which that is refused, where the path of the file reads FILE. g_free it. */
char *fixture_refusal(const char *content, char *const *environment);

#endif
