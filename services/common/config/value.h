/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: from the text of the file or the environment to what the getters give. Pure but for time
 * zones, which are looked up in the system's database. Any thread. */
#ifndef DAYWIRE_COMMON_CONFIG_VALUE_H
#define DAYWIRE_COMMON_CONFIG_VALUE_H

#include <stdbool.h>
#include <glib.h>

#include "common/config/options.h"

/* Whether `text` (not empty) is a value of the option; *ret_number is the number of an INTEGER, a BOOLEAN, a
 * DURATION in milliseconds or a SIZE in bytes, else 0. INVALID says what is wrong and what would be right,
 * not where. */
bool option_parse(const Option *option, const char *text, int64_t *ret_number, GError **error) MUST_CHECK;

/* "ADDRESS:PORT", "NUMBER", ...: what stands for the value in a list of options. */
const char *option_placeholder(const Option *option);
/* "0 to 256", "latest or all": what is allowed, or NULL where the type says it all. g_free it. */
char *option_allowed(const Option *option);

/* `text` in quotes for a message: on one line, and cut when it is long. g_free it. */
char *value_quote(const char *text);

#endif
