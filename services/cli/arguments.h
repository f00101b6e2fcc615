/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of a command's options. */
#ifndef DAYWIRE_CLI_ARGUMENTS_H
#define DAYWIRE_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <glib.h>

typedef struct {
    const char *usage;           /* what follows the command's name and the options: "FILE..." */
    const char *summary;         /* what it does, on one line or more */
    const char *description;     /* below the options: examples, exit status; may be NULL */
    const GOptionEntry *entries; /* ends with {0} */
} Arguments;

/* Parses the options out of argv. What is left, without argv[0], is in *ret_rest (NULL-terminated): g_strfreev it;
 * NULL when the command takes options only. False: the command is done, with *ret_status. That is after --help, or
 * after wrong usage, which has been told. */
bool arguments_parse(const Arguments *arguments, int argc, char **argv, char ***ret_rest, int *ret_status)
    MUST_CHECK;

#endif
