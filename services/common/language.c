/* SPDX-License-Identifier: Apache-2.0 */
#include "common/language.h"

#include <string.h>

bool language_generalize(char *tag)
{
    char *end = strrchr(tag, '-');
    if (!end || end == tag)
        return false;
    *end = '\0';
    return true;
}
