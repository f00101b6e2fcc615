/* SPDX-License-Identifier: Apache-2.0 */
/* Which statement a submission is. One that brings no id gets it from its content, so that handing in the
 * same text again is recognised. Pure, any thread. */
#ifndef DAYWIRE_INGEST_IDENTITY_H
#define DAYWIRE_INGEST_IDENTITY_H

#include "common/model.h"

/* "2021-07-23-1f0c9a37b2d45e68": the date and 64 bits of a hash over all that readers see. `statement` must
 * be valid. g_free it. */
char *identity_from_content(const Statement *statement);

#endif
