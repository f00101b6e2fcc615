/* SPDX-License-Identifier: Apache-2.0 */
/* A statement as it is submitted to ingest: its JSON form without what Daywire sets itself. Pure, any thread. */
#ifndef DAYWIRE_CLI_SUBMISSION_H
#define DAYWIRE_CLI_SUBMISSION_H

#include <glib.h>

#include "common/model.h"

/* One line, without its end. g_free it; `ret_size` may be NULL. */
char *submission_of(const Statement *statement, size_t *ret_size);

#endif
