/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a tick's labels a reader gets. Pure, any thread. */
#ifndef DAYWIRE_COMMON_TICK_LABEL_H
#define DAYWIRE_COMMON_TICK_LABEL_H

#include "common/model.h"

/* The label in `language`, else in what that is a variety of (pt-BR, pt), else in English, else the first one, which is
 * also that of a NULL `language`. NULL: there is none. *ret_language is the one it is in, owned by the tick. The
 * widgets choose alike (gateway/web/daywire-counter.js). */
const char *tick_label_near(const Tick *tick, const char *language, const char **ret_language);

#endif
