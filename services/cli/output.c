/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>

#include "cli/commands.h"

void complain(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "daywire %s: %s\n", command, sentence); /* nobody is left to be told a failure */
}

bool output(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(stdout, format, arguments);
    va_end(arguments);
    return written >= 0;
}

bool output_json(const yyjson_mut_val *value)
{
    g_autofree char *text = json_write(value, NULL);
    return output("%s\n", text);
}

bool output_json_read(yyjson_val *value)
{
    g_autofree char *text = json_rewrite(value);
    return output("%s\n", text);
}

int output_finish(const char *command, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    complain(command, "standard output: %s", g_strerror(errno));
    return COMMAND_FAILED;
}
