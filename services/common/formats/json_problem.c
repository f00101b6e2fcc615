/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/json_problem.h"

#include "common/error.h"

bool json_problem_refuse(const json_error_t *problem, unsigned first_line, GError **error)
{
    g_autofree char *text = g_utf8_make_valid(problem->text, -1);
    for (char *c = text; *c; c++)
        *c = g_ascii_iscntrl(*c) ? '?' : *c;
    return error_refuse(error, "not valid JSON at line %d, column %d: %s",
                        (int)first_line - 1 + problem->line, problem->column, text);
}
