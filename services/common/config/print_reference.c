/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the reference of all options, for the operator's manual. Built, not installed. */
#include "common/config/options.h"

#include <glib.h>

int main(void)
{
    g_autofree char *text = options_markdown();
    return fputs(text, stdout) < 0 || fflush(stdout) != 0;
}
