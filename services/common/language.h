/* SPDX-License-Identifier: Apache-2.0 */
/* Which language stands in for another. Pure, any thread. */
#ifndef DAYWIRE_COMMON_LANGUAGE_H
#define DAYWIRE_COMMON_LANGUAGE_H

#include <stdbool.h>

#define LANGUAGE_DEFAULT "en"

/* Cuts `tag` to what it is a variety of: pt-BR to pt. False, and `tag` as it was, when it is a variety of nothing. */
bool language_generalize(char *tag);

#endif
