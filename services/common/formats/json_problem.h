/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson says of a text, fit for people: it shows the place by bytes of the text itself, cut anywhere. */
#ifndef DAYWIRE_COMMON_FORMATS_JSON_PROBLEM_H
#define DAYWIRE_COMMON_FORMATS_JSON_PROBLEM_H

#include <stdbool.h>
#include <glib.h>
#include <jansson.h>

/* Sets INVALID; `first_line` is the number of the line that the text begins with. Always false. */
bool json_problem_refuse(const json_error_t *problem, unsigned first_line, GError **error);

#endif
