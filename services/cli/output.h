/* SPDX-License-Identifier: Apache-2.0 */
/* What people and programs read of a command. UTF-8 whatever the locale (g_print() would convert it). */
#ifndef DAYWIRE_CLI_OUTPUT_H
#define DAYWIRE_CLI_OUTPUT_H

#include <stdbool.h>
#include <glib.h>

#include "common/json.h"

/* "daywire COMMAND: sentence" on standard error. */
G_GNUC_PRINTF(2, 3)
void complain(const char *command, const char *format, ...);

/* To standard output. False when it cannot be written, for instance because its reader has gone. */
G_GNUC_PRINTF(1, 2)
bool output(const char *format, ...);
/* As that, the value on a line of its own: one that was made, and one that was read. */
bool output_json(const yyjson_mut_val *value);
bool output_json_read(yyjson_val *value);

/* The exit status of a command that ends with `status`: COMMAND_FAILED, told, when its output was lost. */
int output_finish(const char *command, int status) MUST_CHECK;

#endif
